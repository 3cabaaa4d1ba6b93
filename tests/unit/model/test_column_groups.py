"""Columns of one law are one group, columns of different laws are not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aae.laws.registry import law_from
from aae.model.column_groups import LEVEL, column_groups, leaders, united

LAWS: dict[str, dict[str, Any]] = {
    "uniform": {"kind": "uniform", "low": -1.0, "high": 1.0},
    "normal": {"kind": "normal", "mean": 0.0, "rho": 0.5},
    "all cells of a row alike": {"kind": "normal", "mean": 0.0, "rho": 1.0},
    "expon_neg": {"kind": "expon_neg", "scale": 1.0},
    "mixture": {
        "kind": "normal_mixture",
        "means": [-1.0, 1.0],
        "sigmas": [0.5, 1.0],
        "weights": [0.5, 0.5],
    },
}


def drawn(law: dict[str, object], rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    return law_from(law).sample(rows, columns, np.random.default_rng(seed)).rows


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_columns_of_one_law_are_one_group(law: dict[str, object]) -> None:
    for seed in range(5):
        assert (column_groups(drawn(law, 300, 40, seed)) == 0).all()


def test_density_has_two_groups() -> None:
    law = {"kind": "density", "center": [-1.0, 1.0], "variance": 0.5, "low": -2.0, "high": 2.0}
    rows = drawn(law | {"points": 50}, 400, 40, 0)
    groups = column_groups(rows)
    assert sorted(np.bincount(groups)) == [20, 20]
    low = rows.mean(axis=0) < 0
    assert len(set(groups[low])) == len(set(groups[~low])) == 1


def test_level_of_the_split() -> None:
    """A right test of 1e-3 rejects more than 8 of 1000 with chance 1e-6."""
    rng = np.random.default_rng(0)
    wrong = sum(column_groups(rng.normal(size=(100, 5))).any() for _ in range(1000))
    assert LEVEL == 1e-3 and wrong <= 8


@pytest.mark.parametrize("shape", [(200, 1), (2, 3), (1, 5)])
def test_few_columns_or_rows_are_one_group(shape: tuple[int, int]) -> None:
    assert (column_groups(np.random.default_rng(0).normal(size=shape)) == 0).all()


def test_every_column_its_own_law() -> None:
    """Means 2 standard deviations apart, and one column twice."""
    rows = np.random.default_rng(0).normal(size=(400, 6)) + 2 * np.array([0, 1, 2, 3, 4, 2])
    assert column_groups(rows).tolist() == [0, 1, 2, 3, 4, 2]


def test_spread_and_shape_tell_columns_apart_too() -> None:
    rng = np.random.default_rng(0)
    normal, wide = rng.normal(size=(2, 600, 8)) * np.array([1, 3])[:, None, None]
    coins = rng.choice([-1.0, 1.0], size=(600, 8))
    groups = column_groups(np.concatenate([normal, wide, coins], axis=1))
    assert groups.tolist() == [0] * 8 + [1] * 8 + [2] * 8


def test_constant_columns() -> None:
    rng = np.random.default_rng(0)
    rows = np.zeros((50, 4))
    assert column_groups(rows).tolist() == [0, 0, 0, 0]
    rows[:, 2] = 7
    assert column_groups(rows).tolist() == [0, 0, 1, 0]
    rows[:, 3] = rng.normal(size=50)
    groups = column_groups(rows)
    assert groups[0] == groups[1] and len(set(groups)) == 3


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 9))
def test_groups_are_numbered_as_they_come(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(4, size=(rows, columns)) * rng.integers(3, size=columns)
    groups = column_groups(cells.astype("f4"))
    first = [int(np.flatnonzero(groups == group)[0]) for group in range(groups.max() + 1)]
    assert groups.shape == (columns,) and first == sorted(first)


def test_units_do_not_matter() -> None:
    rows = drawn(LAWS["normal"], 200, 10, 0) + np.repeat([0, 3], 5).astype("f4")
    assert np.array_equal(column_groups(rows), column_groups(1000 * rows - 7))


def test_groups_that_are_one_in_a_class_are_led_by_the_first() -> None:
    """Columns of two laws in the second class of three, of one law in the others."""
    laws = [LAWS["uniform"], LAWS["normal"], LAWS["all cells of a row alike"]]
    rows = np.concatenate([drawn(law, 300, 20, seed) for seed, law in enumerate(laws)])
    labels, groups = np.repeat([0, 1, 2], 300), np.arange(20) % 2
    rows[np.ix_(labels == 1, groups == 1)] += 1
    assert leaders(rows, labels, groups).tolist() == [[0, 0], [0, 1], [0, 0]]
    assert leaders(rows, np.ones_like(labels), groups).tolist() == [[0, 1], [0, 1]]


def test_groups_that_are_never_one_keep_their_units() -> None:
    led = np.array([[0, 1, 1, 3], [0, 1, 2, 3]])
    assert united(led, np.array([0, 1, 2, 3, 1])).tolist() == [0, 1, 1, 2, 1]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 4))
def test_united_groups_are_the_finest_that_hold_all_pairs(
    seed: int, number: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    led = np.minimum(rng.integers(number, size=(classes, number)), np.arange(number))
    joined = united(led, np.arange(number))
    assert all((joined[row] == joined).all() for row in led)
    alone = np.tile(np.arange(number), (classes, 1))
    assert (united(alone, np.arange(number)) == np.arange(number)).all()
