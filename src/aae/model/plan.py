"""How long to train, and on which rows: epochs, their batches, and rows held back."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.model.configuration import Train

Integers = NDArray[np.int64]

# Rows held back at most: they tell a loss to 2%, and are looked at after every epoch.
MOST_HELD_BACK = 2000


class Plan(NamedTuple):
    """How long to train: epochs, each of so many steps of `size` rows."""

    epochs: int
    steps: int
    size: int

    @classmethod
    def of(cls, training: Train, rows: int) -> "Plan":
        """Passes over the rows; over an equal share of them where there are too many steps."""
        size = min(training.batch_size, rows)
        epochs = min(training.epochs, training.max_steps)
        return cls(epochs, min(rows // size, training.max_steps // epochs), size)

    @property
    def total(self) -> int:
        """Steps of all epochs."""
        return self.epochs * self.steps


def batches(rows: int, plan: Plan, seed: int) -> Iterator[Integers]:
    """Indices of the rows of each epoch, (steps, size), from permutations of all rows.

    An epoch takes as many permutations as it needs, or a permutation is used up by as many epochs
    as it is enough for. What is left of it, fewer rows than a batch or an epoch has, is left out.
    """
    rng = np.random.default_rng([seed, 1])
    whole = rows // plan.size
    while True:
        parts = [
            rng.permutation(rows)[: whole * plan.size].reshape(whole, plan.size)
            for _ in range(0, plan.steps, whole)
        ]
        order = np.concatenate(parts)
        for start in range(0, len(order) - plan.steps + 1, plan.steps):
            yield order[start : start + plan.steps]


def train_validation_split(
    rows: int, training: Train, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Integers]:
    """Divide rows at random into those that are trained on and those held back for validation."""
    if rows < 2:
        raise ValueError(f"expected at least 2 training rows, got {rows}")
    order = rng.permutation(rows)
    wanted = min(round(training.validation_split * rows), MOST_HELD_BACK)
    held_back = min(rows - 1, max(1, wanted))
    return order[held_back:], order[:held_back]
