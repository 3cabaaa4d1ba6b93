"""Tables that are the same, or constant on one side: seen, and never by chance."""

import numpy as np
import pytest

from aae.verdict.degenerate import constant_on_one_side, same_rows
from aae.verdict.rounding import steps

NAMES = ["age", "income"]


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_the_same_rows_in_any_order():
    x = normal(0, 50, 3)
    assert same_rows(x, x[::-1]) == [
        "the same rows: all 50 generated rows are the real ones, in some order"
    ]
    assert not same_rows(x, normal(1, 50, 3))
    assert not same_rows(x, x[:49])
    columns_alone = np.stack([np.roll(column, place) for place, column in enumerate(x.T)], axis=1)
    assert not same_rows(x, columns_alone)
    assert not same_rows(x, np.where(np.arange(50)[:, None] < 1, x[1], x))


def test_discrete_rows_may_be_the_same_by_chance():
    """Of two binary samples of 100 rows, 6% have as many ones: no reason to suspect a copy."""
    coins = np.arange(100)[:, None] % 2
    assert not same_rows(coins, coins[::-1])
    dice = np.random.default_rng(0).integers(0, 6, (100, 3))
    assert same_rows(dice, dice[::-1])


@pytest.mark.parametrize("constant", [0.0, 3.0, 1e9])
def test_a_column_constant_on_one_side(constant):
    spread = max(1.0, 1e-2 * constant)
    flat, other = normal(0, 100, 2), normal(1, 80, 2) * [1.0, spread]
    flat[:, 1] = constant
    found = constant_on_one_side(flat, other, steps(flat, 1e-4), NAMES)
    assert found == [
        "constant in the real rows alone: 1 of 2 columns "
        "(income: other values in 0 of 100 real and 80 of 80 generated rows)"
    ]
    other[:, 1] = constant + spread * normal(2, 80, 1)[:, 0]
    found = constant_on_one_side(other, flat, steps(other, 1e-4), NAMES)
    assert "constant in the generated rows alone: 1 of 2 columns (income: other" in found[0]


def test_a_column_that_is_nearly_constant_on_one_side():
    flat, other = np.zeros((300, 2)), normal(1, 200, 2)
    flat[:, 0], flat[:2, 1] = normal(0, 300, 1)[:, 0], [1.5, -3.0]
    for sides in ((flat, other), (other, flat)):
        found = constant_on_one_side(*sides, steps(sides[0], 1e-4), NAMES)
        assert len(found) == 1
        assert "(income: other values in 2 of 300" in found[0]
    rare = np.random.default_rng(0).random((20_000, 2)) < np.array([[0.5, 0.005]])
    more = np.random.default_rng(1).random((20_000, 2)) < np.array([[0.5, 0.02]])
    assert not constant_on_one_side(1.0 * rare, 1.0 * more, np.full(2, 1e-6), NAMES)


def test_jitter_about_a_constant_is_no_difference():
    flat, other = np.full((100, 2), 7.0), normal(1, 100, 2)
    flat[:, 0], other[:, 1] = normal(2, 100, 1)[:, 0], 7 + 1e-6 * other[:, 1]
    assert not constant_on_one_side(flat, other, steps(flat, 1e-4), NAMES)


def test_a_rare_value_may_be_on_one_side_by_chance():
    flat, other = np.zeros((100, 2)), np.zeros((100, 2))
    flat[:, 0] = other[:, 0] = np.arange(100)
    other[:10, 1] = 1.0  # all ten on one side: once in a thousand
    assert not constant_on_one_side(flat, other, steps(flat, 1e-4), NAMES)
    other[:40, 1] = 1.0
    assert constant_on_one_side(flat, other, steps(flat, 1e-4), NAMES)
