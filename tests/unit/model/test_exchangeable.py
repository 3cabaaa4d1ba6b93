"""Columns share parameters only where permuting them within rows cannot be seen."""

import numpy as np
import pytest
from numpy.typing import NDArray

from aae.model.column_groups import column_groups
from aae.model.exchangeable import SHARING, exchangeable

ROWS, COLUMNS = 400, 40
Array = NDArray[np.floating]


def independent(rng: np.random.Generator) -> Array:
    return rng.exponential(size=(ROWS, COLUMNS))


def one_factor(rng: np.random.Generator) -> Array:
    return rng.normal(size=(ROWS, 1)) + rng.normal(size=(ROWS, COLUMNS))


def repeated(rng: np.random.Generator) -> Array:
    return np.tile(rng.normal(size=(ROWS, 1)), (1, COLUMNS))


def two_laws(rng: np.random.Generator) -> Array:
    rows = one_factor(rng)
    rows[:, ::2] = np.exp(rows[:, ::2])
    return rows


def neighbours(rng: np.random.Generator) -> Array:
    """A stationary chain: equal marginal laws, correlations that fall with the distance."""
    rows = rng.normal(size=(ROWS, COLUMNS))
    for column in range(1, COLUMNS):
        rows[:, column] = 0.8 * rows[:, column - 1] + 0.6 * rows[:, column]
    return rows


def pairs(rng: np.random.Generator) -> Array:
    """Columns 0 and 1, 2 and 3, ... depend on each other."""
    return np.repeat(rng.normal(size=(ROWS, COLUMNS // 2)), 2, axis=1) + rng.normal(
        size=(ROWS, COLUMNS)
    )


@pytest.mark.parametrize("law", [independent, one_factor, repeated, two_laws])
@pytest.mark.parametrize("seed", range(3))
def test_exchangeable_columns_are_known(law: object, seed: int) -> None:
    rows = law(np.random.default_rng(seed))  # type: ignore[operator]
    assert exchangeable(rows, column_groups(rows))


@pytest.mark.parametrize("law", [neighbours, pairs])
@pytest.mark.parametrize("seed", range(3))
def test_equal_marginal_laws_are_not_enough(law: object, seed: int) -> None:
    rows = law(np.random.default_rng(seed))  # type: ignore[operator]
    assert not exchangeable(rows, np.zeros(COLUMNS, dtype=np.int64))


def test_few_columns_a_group_share_nothing() -> None:
    rows = independent(np.random.default_rng(0))
    assert exchangeable(rows[:, :SHARING], np.zeros(SHARING, dtype=np.int64))
    assert not exchangeable(rows[:, : SHARING - 1], np.zeros(SHARING - 1, dtype=np.int64))
    assert not exchangeable(rows, np.arange(COLUMNS))


def test_constant_columns_say_nothing() -> None:
    rows = independent(np.random.default_rng(0))
    rows[:, :3] = 7.0
    assert exchangeable(rows, np.where(np.arange(COLUMNS) < 3, 0, 1))
