"""Checks accept exactly what they say, and a refusal names what was expected and what came."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.base.checks import (
    expect,
    expect_at_least,
    expect_choice,
    expect_name,
    expect_sizes,
    expect_within,
)

INFINITE = float("inf")
numbers = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-10, 10)


def refused(check: Any, *arguments: Any) -> str:
    with pytest.raises(ValueError) as caught:
        check(*arguments)
    return str(caught.value)


def accepts(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except ValueError:
        return False
    return True


def test_expect_says_what_was_expected_and_what_came() -> None:
    expect(True, "anything", None)
    assert refused(expect, False, "an even number", "seven") == (
        "expected an even number, got 'seven'"
    )


@given(value=st.integers(), least=st.integers())
def test_at_least(value: int, least: int) -> None:
    assert accepts(expect_at_least, "key", value, least) == (value >= least)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, math.nan])
def test_at_least_takes_whole_numbers_only(value: Any) -> None:
    message = refused(expect_at_least, "train.epochs", value, 1)
    assert message == f"expected train.epochs to be a whole number >= 1, got {value!r}"


@given(value=numbers, low=st.integers(-5, 5), high=st.integers(-5, 5))
@pytest.mark.parametrize(
    ("interval", "left", "right"),
    [
        ("[{}, {}]", float.__ge__, float.__le__),
        ("({}, {}]", float.__gt__, float.__le__),
        ("[{}, {})", float.__ge__, float.__lt__),
        ("({}, {})", float.__gt__, float.__lt__),
    ],
)
def test_within_is_the_interval(
    interval: str, left: Any, right: Any, value: float, low: int, high: int
) -> None:
    inside = math.isfinite(value) and left(float(value), float(low))
    inside = inside and right(float(value), float(high))
    assert accepts(expect_within, "key", value, interval.format(low, high)) == inside


@pytest.mark.parametrize("value", [math.nan, INFINITE, -INFINITE, True, "0.5", None])
def test_within_takes_finite_numbers_only(value: Any) -> None:
    message = refused(expect_within, "key", value, "[0, inf]")
    assert message == f"expected key to be a number in [0, inf], got {value!r}"


def test_within_of_no_interval_is_the_programmers_error() -> None:
    with pytest.raises(TypeError, match="is no interval"):
        expect_within("key", 1, "0..1")


def test_choice_lists_all_choices() -> None:
    expect_choice("key", "b", ("a", "b"))
    assert refused(expect_choice, "key", "c", ("a", "b")) == (
        "expected key to be one of a, b, got 'c'"
    )


@given(st.lists(st.integers(1, 1000)))
def test_sizes(widths: list[int]) -> None:
    expect_sizes("key", widths)
    assert not accepts(expect_sizes, "key", [*widths, 0])
    assert not accepts(expect_sizes, "key", [*widths, 2.0])


@pytest.mark.parametrize("value", [3, "64", None, {1: 2}])
def test_sizes_are_a_list(value: Any) -> None:
    assert "to be a list of layer widths" in refused(expect_sizes, "key", value)


@pytest.mark.parametrize("name", ["uniform", "A", "3d", "normal_mixture"])
def test_names(name: str) -> None:
    expect_name("key", name)


BAD_NAMES = ["", "_a", "a-b", "a.b", "../a", "a b", "a/b", "a\n", "é", "${a}", 3, None]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_are_safe_as_folders(name: Any) -> None:
    assert "letters, digits and _" in refused(expect_name, "key", name)
