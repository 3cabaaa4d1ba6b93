"""Rules accept exactly what they say, and a refusal names what was expected and what came."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.base.checks import (
    FLAG,
    MAPPING,
    NAME,
    Rule,
    at_least,
    expect,
    list_of,
    mapping_of,
    one_of,
    optional,
    within,
)

numbers = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-10, 10)


def refusal(rule: Rule[Any], value: Any) -> str:
    with pytest.raises(ValueError) as caught:
        rule.check("key", value)
    return str(caught.value)


def accepts(rule: Rule[Any], value: Any) -> bool:
    try:
        rule.check("key", value)
    except ValueError:
        return False
    return True


def test_expect_says_what_was_expected_and_what_came() -> None:
    expect(True, "anything", None)
    with pytest.raises(ValueError, match="^expected an even number, got 'seven'$"):
        expect(False, "an even number", "seven")


@given(value=st.integers(), least=st.integers())
def test_at_least(value: int, least: int) -> None:
    assert accepts(at_least(least), value) == (value >= least)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, math.nan])
def test_at_least_takes_whole_numbers_only(value: Any) -> None:
    message = refusal(at_least(1), value)
    assert message == f"expected key to be a whole number >= 1, got {value!r}"


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
    assert accepts(within(interval.format(low, high)), value) == inside


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, "0.5", None])
def test_within_takes_finite_numbers_only(value: Any) -> None:
    message = refusal(within("[0, inf]"), value)
    assert message == f"expected key to be a number in [0, inf], got {value!r}"


def test_within_of_no_interval_is_the_programmers_error() -> None:
    with pytest.raises(TypeError, match="is no interval"):
        within("0..1")


def test_choice_lists_all_choices() -> None:
    assert accepts(one_of(("a", "b")), "b")
    assert refusal(one_of(("a", "b")), "c") == "expected key to be one of a, b, got 'c'"
    assert not accepts(one_of(("a", "b")), ["a"])


@given(st.lists(st.integers(1, 1000)))
def test_a_list_is_its_elements(values: list[int]) -> None:
    rule = list_of(at_least(1))
    assert accepts(rule, values)
    bad = refusal(rule, [*values, 0])
    assert bad == f"expected key[{len(values)}] to be a whole number >= 1, got 0"
    assert accepts(list_of(at_least(1), length=2), values) == (len(values) == 2)


@pytest.mark.parametrize("value", [3, "64", None, {1: 2}])
def test_a_list_is_no_other_collection(value: Any) -> None:
    expected = "expected key to be a list, each a whole number >= 1, got "
    assert refusal(list_of(at_least(1)), value) == expected + repr(value)


def test_a_mapping_is_its_values() -> None:
    rule = mapping_of(within("[0, 1]"))
    assert accepts(rule, {}) and accepts(rule, {"a": 0, "b": 1.0})
    assert refusal(rule, {"a": 0, "b": 2}) == "expected key[b] to be a number in [0, 1], got 2"
    assert refusal(rule, [0.5]).startswith("expected key to be a mapping, each value a number in")
    assert accepts(MAPPING, {"a": None}) and not accepts(MAPPING, [("a", 1)])


@given(st.none() | numbers)
def test_nothing_is_accepted_only_where_it_may_be(value: Any) -> None:
    rule = within("[0, 1]")
    assert accepts(optional(rule), value) == (value is None or accepts(rule, value))


@pytest.mark.parametrize(("value", "right"), [(True, True), (False, True), (1, False), ("", False)])
def test_a_flag_is_true_or_false(value: Any, right: bool) -> None:
    assert accepts(FLAG, value) == right


@pytest.mark.parametrize("name", ["uniform", "A", "3d", "normal_mixture"])
def test_names(name: str) -> None:
    assert accepts(NAME, name)


BAD_NAMES = ["", "_a", "a-b", "a.b", "../a", "a b", "a/b", "a\n", "é", "${a}", 3, None]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_are_safe_as_folders(name: Any) -> None:
    assert "letters, digits and _" in refusal(NAME, name)
