"""Distances to a real table's law: what they say where the law is known."""

import numpy as np
import pytest

from aae.studies.closeness import (
    correlation_error,
    correlations,
    cross_fitted_area,
    logistic,
    paired,
    parts,
    trees,
)

CLASSIFIERS = pytest.mark.parametrize("classifier", [trees, logistic])


@CLASSIFIERS
def test_one_law_is_not_told_apart(classifier) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 100, 3)).astype("f4")
    areas = [cross_fitted_area(classifier, *pair, 5, 0) for pair in rows.reshape(10, 2, 100, 3)]
    assert np.mean(areas) == pytest.approx(0.5, abs=3 * np.std(areas, ddof=1) / np.sqrt(10))


@CLASSIFIERS
def test_a_shift_is_as_far_as_the_best_classifier_sees_it(classifier) -> None:
    """Bayes: normal laws one standard deviation apart have an area of Phi(1 / sqrt 2) = .760."""
    rng = np.random.default_rng(0)
    real, rows = rng.normal(size=(2, 1500, 1)).astype("f4")
    assert cross_fitted_area(classifier, real, rows + 1, 5, 0) == pytest.approx(0.76, abs=0.03)


@CLASSIFIERS
def test_the_number_format_is_no_difference(classifier) -> None:
    values = np.round(np.random.default_rng(0).random((2, 400, 2)), 1)
    first = cross_fitted_area(classifier, values[0], values[1], 5, 0)
    assert first == cross_fitted_area(classifier, values[0], values[1].astype("f4"), 5, 0)


def test_correlations_are_numpys() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)) @ np.ones((4, 4)) + np.eye(50, 4)
    assert correlations(rows) == pytest.approx(np.corrcoef(rows, rowvar=False))


def test_the_error_is_that_of_the_broken_pair() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5000, 3))
    rows[:, 1] = rows[:, 0]
    broken = np.column_stack([rows[:, 0], rng.permutation(rows[:, 1]), rows[:, 2]])
    assert correlation_error(rows, rows) == 0
    assert correlation_error(rows, broken) == pytest.approx(1 / 3, abs=0.02)


def test_columns_that_are_constant_in_real_rows_are_left_out() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3))
    rows[:, 2] = 1
    assert correlation_error(rows, rows[::-1]) == pytest.approx(0)


def test_variants_are_compared_split_by_split() -> None:
    """The interval is that of SciPy's paired t test; baselines' measurements are no splits."""
    from scipy.stats import ttest_rel

    areas = np.random.default_rng(0).random((2, 5))
    base, other = ([{"trees": area} for area in side] for side in areas)
    records = {("wine", "default"): [*base, {"copies": {"trees": 1.0}}], ("wine", "other"): other}
    (line,) = parts(records)["rows"]
    interval = ttest_rel(areas[1], areas[0]).confidence_interval()
    assert line[:2] == ["wine", "**other**"] and line[-1] == "5"
    assert float(line[2]) == pytest.approx(np.mean(areas[1] - areas[0]), abs=6e-4)
    assert [float(end) for end in line[3].split(" to ")] == pytest.approx([*interval], abs=6e-4)
    assert paired(base[:1], base[:1]) == ["+0.000", "-", "1"]
