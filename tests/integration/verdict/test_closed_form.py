"""Moments against the law's: in standard errors, scores of a right sampler are about N(0, 1)."""

import numpy as np
import pytest
from scipy import stats

from aae.laws.families import Density, ExponNeg, Normal, NormalExpon, NormalMixture, Uniform
from aae.laws.moments import mix
from aae.verdict.closed_form import MOMENTS, against_law, moment_test
from aae.verdict.effects import sample_moments

LAWS = {
    "uniform": Uniform(),
    "normal, rank 1": Normal(mean=2.0, rho=1.0),
    "normal, half": Normal(rho=0.5),
    "density": Density(),
    "mixture": NormalMixture(weights=[0.3, 0.7]),
    "expon_neg": ExponNeg(),
    "normal_expon": NormalExpon(),
}
LIGHT = [name for name in LAWS if "expon" not in name]
COLUMNS = 4


def known(law, columns=COLUMNS):
    """Content of law.json, as far as it is read."""
    moments = law.moments(columns)
    cells = mix(np.full(columns, 1 / columns), moments)
    return {
        "moments": {name: getattr(moments, name).tolist() for name in MOMENTS},
        "cells": {name: float(getattr(cells, name)) for name in MOMENTS},
    }


def drawn(law, seed, rows, columns=COLUMNS):
    return law.sample(rows, columns, np.random.default_rng(seed)).rows


def compared(rows, law):
    """Moments beside those of a law whose moments are known."""
    found = against_law(rows, law)
    assert found is not None
    return found


def scores(law, rows, repeats, wanted=None):
    """z of all cells, shape (repeats, 4)."""
    wanted = known(wanted or law)
    found = [compared(drawn(law, seed, rows), wanted) for seed in range(repeats)]
    return np.array([[each["cells"][name]["z"] for name in MOMENTS] for each in found])


def expect_standard(z, name):
    """Bounds on mean and spread that N(0, 1) passes with chance > 0.9999, and 10% more."""
    n = len(z)
    assert abs(z.mean()) < 1.1 * stats.norm.isf(1e-5) / np.sqrt(n) + 0.1, name
    low, high = stats.chi2.ppf([1e-5, 1 - 1e-5], n) / n
    assert low / 1.2 < np.mean(z**2) < 1.2 * high, name


@pytest.mark.parametrize("name", LIGHT)
def test_scores_of_the_law_itself(name):
    z = scores(LAWS[name], 2000, 100)
    for place, moment in enumerate(MOMENTS):
        expect_standard(z[:, place], moment)


@pytest.mark.parametrize("name", ["expon_neg", "normal_expon"])
def test_scores_of_skewed_laws(name):
    """Of heavy tails, higher moments are not yet normal: scores are bounded only roughly."""
    z = scores(LAWS[name], 5000, 60)
    expect_standard(z[:, 0], "mean")
    expect_standard(z[:, 1], "std")
    assert np.abs(np.median(z, axis=0)).max() < 1
    assert np.mean(np.abs(z) > 1.96) < 0.2


WRONG = [
    ("mean", Normal(mean=0.1, rho=0.0), Normal(rho=0.0)),
    ("std", Uniform(low=-1.05, high=1.05), Uniform()),
    ("skewness", ExponNeg(), NormalExpon(loc=-2.0, sigma=0.1, scale=1.0)),
    ("excess_kurtosis", Uniform(low=-(3**0.5), high=3**0.5), Normal(rho=0.0)),
]


@pytest.mark.parametrize("moment, law, wanted", WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_law_is_seen(moment, law, wanted):
    z = scores(law, 2000, 10, wanted)[:, MOMENTS.index(moment)]
    assert np.abs(z).min() > 5


def test_rows_that_are_one_number_are_no_more_than_their_number():
    """Ten or a hundred equal columns know no more of the mean than one: 1 / sqrt(rows)."""
    law = LAWS["normal, rank 1"]
    for columns in (1, 10, 100):
        found = compared(drawn(law, 0, 4000, columns), known(law, columns))["cells"]
        errors = [found[name]["standard_error"] for name in MOMENTS]
        np.testing.assert_allclose(
            np.array(errors) * np.sqrt(4000), np.sqrt([1, 0.5, 6, 24]), rtol=0.25
        )
        np.testing.assert_allclose(errors[:2], [1 / 4000**0.5, 1 / 8000**0.5], rtol=0.08)


def test_independent_columns_share_the_error():
    law = Normal(rho=0.0)
    one, many = (
        compared(drawn(law, 0, 4000, columns), known(law, columns))["cells"] for columns in (1, 25)
    )
    for name in ("mean", "std"):
        ratio = one[name]["standard_error"] / many[name]["standard_error"]
        assert ratio == pytest.approx(5, rel=0.1)


def jackknife(rows, moment):
    """Leave one row out: standard error of a function of the rows."""
    n = len(rows)
    values = np.array([moment(np.delete(rows, i, axis=0)) for i in range(n)])
    return np.sqrt((n - 1) / n * ((values - values.mean(axis=0)) ** 2).sum(axis=0))


def cells(rows):
    return np.array([float(each) for each in vars_of(sample_moments(rows).cells)])


def columns_of(rows):
    return np.stack(vars_of(sample_moments(rows).columns))


def vars_of(moments):
    return [moments.mean, moments.std, moments.skewness, moments.kurtosis]


@pytest.mark.parametrize("name", LAWS)
def test_standard_errors_are_those_of_the_jackknife(name):
    rows = drawn(LAWS[name], 3, 400)
    found = compared(rows, known(LAWS[name]))["cells"]
    errors = [found[moment]["standard_error"] for moment in MOMENTS]
    np.testing.assert_allclose(errors, jackknife(rows, cells), rtol=0.1)
    np.testing.assert_allclose([found[moment]["sample"] for moment in MOMENTS], cells(rows))


@pytest.mark.parametrize("share", [0.05, 0.2, 0.7])
def test_standard_errors_of_skewed_bounded_rows(share):
    """Zeros and ones: no heavy tail hides a term that only skewed laws have."""
    rows = (np.random.default_rng(5).random((1000, 2)) < share).astype("f4")
    found = compared(rows, known(Uniform(), 2))["cells"]
    errors = [found[moment]["standard_error"] for moment in MOMENTS]
    np.testing.assert_allclose(errors, jackknife(rows, cells), rtol=0.03)


@pytest.mark.parametrize("name", LIGHT)
def test_column_scores_are_those_of_the_jackknife(name):
    rows, law = drawn(LAWS[name], 4, 400), known(LAWS[name])
    gap = columns_of(rows) - np.array([law["moments"][moment] for moment in MOMENTS])
    z = np.abs(gap / jackknife(rows, columns_of))
    found = compared(rows, law)["columns"]
    largest = [found[moment]["largest_z"] for moment in MOMENTS]
    np.testing.assert_allclose(largest, z.max(axis=1), rtol=0.1)
    assert all(4 * found[moment]["beyond_1.96"] in range(5) for moment in MOMENTS)


def test_five_percent_of_columns_lie_beyond():
    law = Normal(rho=0.0)
    found = compared(drawn(law, 0, 2000, 600), known(law, 600))["columns"]
    for name in MOMENTS:
        beyond = round(600 * found[name]["beyond_1.96"])
        assert stats.binom.ppf(1e-4, 600, 0.04) <= beyond <= stats.binom.isf(1e-4, 600, 0.07)


def test_one_wrong_column_is_seen_among_many():
    law, rows = Normal(rho=0.0), drawn(Normal(rho=0.0), 0, 2000, 50)
    rows[:, 7] += 0.3
    found = compared(rows, known(law, 50))["columns"]["mean"]
    assert found["largest_z"] > 8 and found["beyond_1.96"] < 0.3


def test_rows_without_spread_are_no_pass():
    found = compared(np.zeros((50, COLUMNS)), known(Normal(rho=0.0)))
    assert np.abs(found["cells"]["std"]["z"]) > 1e3
    assert np.isfinite([each["z"] for each in found["cells"].values()]).all()


def test_nothing_is_compared_where_no_moments_are_known():
    assert against_law(np.zeros((5, 2)), {"moments": None, "cells": None}) is None


@pytest.mark.parametrize("name", LAWS)
def test_moment_test_holds_its_level(name):
    law, moments = LAWS[name], np.array(LAWS[name].moments(COLUMNS))
    rejected = 0
    for seed in range(200):
        rows = drawn(law, seed, 120)
        outcome = moment_test(rows[:60], rows[60:], moments, permutations=39, seed=seed)
        rejected += outcome.p <= 0.05
    assert rejected <= stats.binom.isf(1e-4, 200, 0.05)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("fault", ["shift", "scale", "one column"])
def test_moment_test_sees_wrong_moments(name, fault):
    law, rows = LAWS[name], drawn(LAWS[name], 1, 1000).astype(float)
    moments = np.array(law.moments(COLUMNS))
    wrong = rows[500:].copy()
    wrong[:, 2 if fault == "one column" else slice(None)] *= 2.0 if fault == "one column" else 1.0
    wrong = moments[0] + 1.5 * (wrong - moments[0]) if fault == "scale" else wrong
    wrong = wrong + moments[1] if fault == "shift" else wrong
    assert moment_test(rows[:500], wrong, moments, permutations=199).p == 1 / 200


def test_moment_test_does_not_need_the_real_rows_to_differ():
    """Generated rows are compared with the law: real ones off it do not make right ones wrong."""
    law = Uniform()
    moments = np.array(law.moments(COLUMNS))
    right, off = drawn(law, 0, 300), drawn(law, 1, 300) + 0.3
    assert moment_test(off, right, moments, permutations=99).p > 0.05
    assert moment_test(right, off, moments, permutations=99).p == 0.01


@pytest.mark.parametrize("huge", [1e30, -1e90])
def test_moment_test_takes_any_finite_value(huge):
    rows = drawn(Uniform(), 0, 100).astype(float)
    moments = np.array(Uniform().moments(COLUMNS))
    wrong = rows[50:].copy()
    wrong[0, 0] = huge
    assert 0 < moment_test(rows[:50], wrong, moments, permutations=99).p <= 1
