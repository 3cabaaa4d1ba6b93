"""Exponents are exact where the law is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.benchmark.exponents import FLAT, exponent, growth

SIZES = [1e3, 1e4, 1e5, 1e6]
FACTORS = st.floats(1e-3, 1e3)


@given(FACTORS, st.floats(-2, 3))
def test_exponent_of_a_power(factor: float, power: float) -> None:
    assert exponent(SIZES, [factor * size**power for size in SIZES]) == pytest.approx(power)


@given(st.floats(0, 100), st.floats(1e-3, 1))
def test_a_constant_and_a_number_a_row_is_linear(start: float, each: float) -> None:
    assert growth(SIZES, [start + each * size for size in SIZES]) == pytest.approx(1)


@given(FACTORS)
def test_quadratic_is_steeper_than_linear(factor: float) -> None:
    found = growth(SIZES, [factor * (1e6 + size**2) for size in SIZES])
    assert found is not None and found == pytest.approx(2, abs=0.05)


@given(FACTORS, st.floats(1, FLAT - 0.01))
def test_what_hardly_rises_is_flat(cost: float, rise: float) -> None:
    assert growth(SIZES, [cost, cost, cost, cost * rise]) == 0


def test_one_rise_is_no_exponent() -> None:
    assert growth(SIZES, [2, 1, 1, 4]) is None
