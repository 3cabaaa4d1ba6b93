"""Metrics that are compared: all have a meaning and a direction that hold for any model."""

import math

import pytest

from aae.compare.metrics import AUC, HIGHER_IS_BETTER, MEANING, PASSED, comparable


def found(**changed):
    """What the evaluate stage writes, as far as it is compared."""
    test = {"statistic": 0.8, "effect": 2.0}
    content = {
        "verdict": "different",
        "tests": {"energy": test, "classifier": test},
        "memorisation": {"nearer": {"value": 0.2}},
        "moments": {"ks_cells": 0.1},
        "closed_form": {"cells": {name: {"z": -3.0} for name in MOMENTS}},
        "reconstruction": {"explained": 0.4},
        "diversity": {"precision": 1.0, "recall": 0.0, "density": 200.0, "coverage": 0.9},
    }
    return content | changed


MOMENTS = ("mean", "std", "skewness", "excess_kurtosis")
CONTROL = {"null_intervals": {key: [0.7, 0.9] for key in ("precision", "recall", "coverage")}}


def test_all_values():
    values = comparable(found(), CONTROL)
    wanted = {PASSED: 0, "energy": 2, AUC: 0.3, "memorisation": 0.2, "KS": 0.1, "explained": 0.4}
    wanted |= {f"{name} |z|": 3 for name in ("mean", "std", "skewness", "kurtosis")}
    wanted |= {"precision gap": 0.2, "recall gap": 0.8, "coverage gap": 0.1}
    assert values == pytest.approx(wanted)
    assert {*HIGHER_IS_BETTER} <= {*values} & {*MEANING}


@pytest.mark.parametrize("statistic", [0.0, 1.0])
def test_a_classifier_below_chance_is_as_far_from_it(statistic):
    tests = {"classifier": {"statistic": statistic, "effect": 0.0}}
    assert comparable(found(tests=tests), {})[AUC] == 0.5


def test_rows_that_keep_away_from_training_rows_are_no_better():
    memorisation = {"nearer": {"value": -0.3}}
    assert comparable(found(memorisation=memorisation), {})["memorisation"] == 0


def test_what_is_not_known_is_left_out():
    values = comparable(found(closed_form=None, diversity={}, tests={}, memorisation=None), CONTROL)
    assert values == {PASSED: 0, "KS": 0.1, "explained": 0.4}
    assert comparable(found(verdict=PASSED), {})[PASSED] == 1
    assert comparable(found(verdict="underpowered"), {})[PASSED] == 0
    assert not any(math.isnan(value) for value in values.values())


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_no_metric(bad: float) -> None:
    """NaN would be neither above nor below any value, and so would pass for better."""
    test = {"statistic": bad, "effect": bad}
    changes = (
        {"tests": {"energy": test}},
        {"tests": {"classifier": test}},
        {"memorisation": {"nearer": {"value": bad}}},
        {"moments": {"ks_cells": bad}},
        {"reconstruction": {"explained": bad}},
        {"closed_form": {"cells": {name: {"z": bad} for name in MOMENTS}}},
        {"diversity": {"precision": 1.0, "recall": bad, "coverage": 0.9}},
    )
    for change in changes:
        content = found(**change)
        if bad == -math.inf and "memorisation" in change:
            assert comparable(content, CONTROL)["memorisation"] == 0  # far from training rows
            continue
        with pytest.raises(ValueError, match="a finite number for the metric"):
            comparable(content, CONTROL)
