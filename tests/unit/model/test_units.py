"""Units standardise and return; groups on a grid come back on it."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aae.model.units import GRID_VALUES, Units, grid_of

pytestmark = pytest.mark.usefixtures("tensorflow")

RNG = np.random.default_rng(0)


def adapted(
    rows: NDArray[np.floating], groups: list[int] | None = None, gridded: bool = False
) -> Units:
    units = Units(np.array(range(rows.shape[1]) if groups is None else groups))
    units.adapt(rows, gridded)
    return units


@settings(deadline=None, max_examples=12)
@given(
    st.integers(0, 1000),
    st.floats(-3, 3),
    st.floats(-100, 100),
    st.sampled_from([[0, 1, 2], [0, 0, 1], [0, 0, 0]]),
)
def test_units_standardise_and_return(
    seed: int, exponent: float, shift: float, groups: list[int]
) -> None:
    rng, scale = np.random.default_rng(seed), 10**exponent
    rows = (scale * (rng.gamma(2, size=(40, 3)) + shift)).astype("f4")
    units = adapted(rows, groups)
    np.testing.assert_array_equal(units.standardised(rows), units(rows))
    standard = np.asarray(units(rows), "f8")
    resolution = float(np.finfo("f4").eps) * (1 + abs(shift))  # of a standard deviation
    for group in set(groups):
        cells = standard[:, np.array(groups) == group]
        assert cells.mean() == pytest.approx(0, abs=4 * resolution)
        assert cells.std() == pytest.approx(1, abs=8 * resolution)
    for back in (units.inverse, units.linear):
        found = np.asarray(back(tf.constant(standard, tf.float32)))
        np.testing.assert_allclose(found, rows, atol=8 * resolution * scale)


@pytest.mark.parametrize("gridded", [True, False])
@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3e5, 1e-30])
def test_constant_columns_are_exact(constant: float, gridded: bool) -> None:
    rows = RNG.normal(size=(1000, 2)).astype("f4")
    rows[:, 1] = constant
    units = adapted(rows, gridded=gridded)
    np.testing.assert_array_equal(np.asarray(units(rows))[:, 1], 0)
    noise = tf.constant(RNG.normal(size=(9, 2)), tf.float32)
    np.testing.assert_array_equal(np.asarray(units.inverse(noise))[:, 1], np.float32(constant))
    assert not units.gridded


def test_units_are_not_trained() -> None:
    assert Units(np.arange(5)).trainable_variables == []


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-50, 50), st.floats(1e-3, 1e3), st.integers(1, GRID_VALUES - 1), st.integers(0, 99)
)
def test_grids_are_found(low: float, step: float, steps: int, seed: int) -> None:
    """All values of the grid occur, or its ends and two neighbours at least."""
    rng = np.random.default_rng(seed)
    places = np.concatenate([[0, 1, steps], rng.integers(steps + 1, size=600)])
    cells = (low * step + step * rng.permutation(places)).astype("f4")
    assume(len(np.unique(cells)) == len(np.unique(places)))  # float32 keeps them apart
    found = grid_of(cells)
    assert found == pytest.approx((cells.min(), cells.max(), step), rel=1e-3)
    np.testing.assert_allclose((cells - found[0]) / found[2] % 1 % 0.99, 0, atol=0.02)


@pytest.mark.parametrize(
    "cells",
    [
        np.random.default_rng(0).normal(size=500),  # no value twice
        np.arange(GRID_VALUES + 1).repeat(2),  # too many values
        np.array([0, 1, 2.5, 3] * 100) ** 2,  # no step
        np.ones(500),
        np.array([0.0, 1, 2]),  # too few cells to tell
    ],
    ids=["continuous", "many", "uneven", "constant", "few"],
)
def test_what_is_no_grid(cells: NDArray[np.floating]) -> None:
    assert grid_of(cells) == (0.0, 0.0, 0.0)


def test_rows_come_back_on_the_grid_and_within_it() -> None:
    rows = np.stack([RNG.integers(17, size=300), RNG.normal(size=300)], axis=1).astype("f4")
    units = adapted(rows, gridded=True)
    assert units.gridded
    np.testing.assert_allclose(units.inverse(units(rows)), rows, atol=1e-5)
    noise = 3 * tf.constant(RNG.normal(size=(2000, 2)), tf.float32)
    made, near = np.asarray(units.inverse(noise)), np.asarray(units.linear(noise))
    assert set(made[:, 0]) == set(range(17))
    inside = (near[:, 0] > 0) & (near[:, 0] < 16)
    assert np.abs(made - near)[inside, 0].max() <= 0.5 + 1e-4
    np.testing.assert_array_equal(made[:, 1], near[:, 1])


def test_a_grid_is_kept_only_where_it_is_wanted() -> None:
    rows = RNG.integers(3, size=(90, 2)).astype("f4")
    assert not adapted(rows, gridded=False).gridded
