"""Every second belongs to one phase."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.benchmark.clock import Clock, shares

TIMES = st.lists(st.floats(0.001, 10), min_size=6, max_size=6)


def reading(steps: list[float]) -> Iterator[float]:
    total = 0.0
    for step in steps:
        total += step
        yield total


@given(TIMES)
def test_the_innermost_phase_counts(steps: list[float]) -> None:
    clock = Clock("rest", reading(steps).__next__)
    with clock.phase("outer"), clock.phase("inner"):
        pass
    found = clock.read()
    assert found == pytest.approx(
        {"rest": steps[0] + steps[4], "outer": steps[1] + steps[3], "inner": steps[2]}
    )
    assert sum(found.values()) == pytest.approx(sum(steps[:5]))


def test_a_timed_function_counts_and_returns() -> None:
    clock = Clock("rest", reading([1, 2, 4]).__next__)
    assert clock.timed("sum", lambda a, b: a + b)(1, b=2) == 3
    assert clock.seconds == {"rest": 1, "sum": 2}


def test_a_phase_ends_with_an_error() -> None:
    clock = Clock("rest", reading([1, 2, 4]).__next__)
    with pytest.raises(ValueError), clock.phase("wrong"):
        raise ValueError
    assert clock.read() == {"rest": 5, "wrong": 2}


@given(st.dictionaries(st.text(), st.floats(0.001, 1e3), min_size=1))
def test_shares_sum_to_one(seconds: dict[str, float]) -> None:
    assert sum(shares(seconds).values()) == pytest.approx(1)
