"""Shares of the components of a mixture: probabilities that sum to 1, and labels drawn by them."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import expect, within
from aae.laws.moments import Array

SHARE = within("[0, 1]")


def expect_whole(name: str, shares: Collection[float]) -> None:
    """Expect shares that sum to 1."""
    total = math.fsum(shares)
    # Thirds to six digits, whose sum is off by 1e-6 and a rounding error, will do.
    expect(abs(total - 1) < 1.01e-6, f"{name} that sum to 1", round(total, 9))


def normalised(shares: Sequence[float]) -> Array:
    """Shares that sum to 1 as far as float64 can."""
    # Shares such as 0.333333 sum to 1 only nearly, which Generator.choice refuses.
    return np.array(shares, dtype=np.float64) / math.fsum(shares)


def draw_labels(shares: Array, rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw indices with the given probabilities, shape (rows,)."""
    return rng.choice(len(shares), size=rows, p=shares)
