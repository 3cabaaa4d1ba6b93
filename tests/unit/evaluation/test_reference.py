"""Baselines do what they say; the linear bound is the one of principal components."""

import json

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA

from aae.dataset.splits import Split
from aae.evaluation.coverage import spread
from aae.evaluation.reference import (
    BASELINES,
    SPECTRUM,
    column_means,
    linear_bound,
    moment_matched_gaussian,
    null_intervals,
    permuted_columns,
    reference,
    row_bootstrap,
    shown_by,
)
from aae.evaluation.samples import Blocks
from aae.evaluation.settings import Evaluate
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.power import REQUIRED, known_power


def normal(seed, rows=50, columns=4):
    """Correlated columns of different scales."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(columns, columns))
    return (rng.normal(size=(rows, columns)) @ mixing + 3).astype("f4")


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_draws_what_is_asked(name):
    drawn = BASELINES[name](normal(0), 7, rng())
    assert drawn.shape == (7, 4) and drawn.dtype == np.float64 and np.isfinite(drawn).all()
    np.testing.assert_array_equal(drawn, BASELINES[name](normal(0), 7, rng()))


def test_column_means():
    train = normal(0)
    np.testing.assert_allclose(
        column_means(train, 3, rng()), [train.mean(axis=0, dtype=float)] * 3, rtol=1e-12
    )


def test_moments_of_the_matched_gaussian():
    """Each within 5 of its standard errors: 14 numbers, chance > 0.9999."""
    train, n = normal(0), 40_000
    rows = moment_matched_gaussian(train, n, rng())
    cov = np.cov(train.astype(float), rowvar=False)
    variances = np.diag(cov)
    gap = rows.mean(axis=0) - train.mean(axis=0, dtype=float)
    assert (np.abs(gap) < 5 * np.sqrt(variances / n)).all()
    errors = np.sqrt((np.outer(variances, variances) + cov**2) / n)
    assert (np.abs(np.cov(rows, rowvar=False) - cov) < 5 * errors).all()


def test_a_gaussian_matched_in_blocks(monkeypatch):
    """Each block of training rows has noise of its own; the covariance is that of all."""
    monkeypatch.setattr("aae.verdict.effects.CELLS", 10 * 20_000)
    test_moments_of_the_matched_gaussian()


def test_the_matched_gaussian_is_normal():
    train = np.random.default_rng(1).exponential(size=(60, 1)).astype("f4")
    rows = moment_matched_gaussian(train, 2000, rng())[:, 0]
    assert stats.kstest((rows - train.mean()) / train.std(ddof=1), "norm").pvalue > 1e-4


def test_the_matched_gaussian_stays_in_the_span_of_the_rows():
    """3 rows of 10 columns have a covariance of rank 2."""
    train = normal(0, 3, 10)
    rows = moment_matched_gaussian(train, 20, rng()) - train.mean(axis=0, dtype=float)
    assert np.linalg.matrix_rank(rows, tol=1e-5) == 2


def test_permuted_columns_keep_marginals_only():
    train = np.repeat(np.arange(20, dtype="f4")[:, None], 2, axis=1)
    rows = permuted_columns(train, 4000, rng())
    for column in rows.T:
        counts = np.bincount(column.astype(int), minlength=20)
        assert len(counts) == 20 and stats.chisquare(counts).pvalue > 1e-4
    assert abs(stats.pearsonr(*rows.T).statistic) < 5 / np.sqrt(4000)


def test_a_cell_comes_from_its_own_column():
    train = normal(0)
    rows = permuted_columns(train, 30, rng())
    assert all(np.isin(rows[:, j], train[:, j].astype(float)).all() for j in range(4))


def test_bootstrapped_rows_are_training_rows():
    train = normal(0)
    rows = row_bootstrap(train, 200, rng())
    same = (rows[:, None] == train[None]).all(axis=2)
    assert (same.sum(axis=1) == 1).all()
    assert 40 <= same.any(axis=0).sum() <= 50  # 50 (1 - 0.98^200) = 49.1 expected


@pytest.mark.parametrize("cells", [100, 10**6])  # summed up over blocks, and at once
@pytest.mark.parametrize("columns", [1, 5, 40])
def test_the_linear_bound_is_that_of_principal_components(columns, cells, monkeypatch):
    for module in ("verdict.effects", "evaluation.reference"):
        monkeypatch.setattr(f"aae.{module}.CELLS", cells)
    train, held_out = normal(0, 80, columns), normal(1, 60, columns)
    found = linear_bound(train, held_out)
    about = ((held_out - held_out.mean(axis=0, dtype=float)) ** 2).sum()
    wanted = []
    for k in range(1, min(columns, SPECTRUM) + 1):
        pca = PCA(k, svd_solver="full").fit(train.astype(float))
        back = pca.inverse_transform(pca.transform(held_out.astype(float)))
        wanted.append(1 - ((held_out - back) ** 2).sum() / about)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert (np.diff(found) >= -1e-12).all()


@pytest.mark.parametrize("rank", [1, 3])
def test_a_code_as_wide_as_the_rank_is_enough(rank):
    rng = np.random.default_rng(rank)
    base = rng.normal(size=(rank, 8))
    train, held_out = (rng.normal(size=(50, rank)) @ base for _ in range(2))
    found = linear_bound(train, held_out)
    assert found[rank - 1] == pytest.approx(1) and all(each < 0.9999 for each in found[: rank - 1])


def test_no_variance_is_not_explained():
    assert linear_bound(np.ones((5, 2), "f4"), np.ones((4, 2), "f4")) == [0.0, 0.0]


def test_null_intervals_hold_the_mean_of_other_splits():
    test = normal(0, 200)
    found = null_intervals(test, 100, 0)
    rng = np.random.default_rng(12)
    others = []
    for _ in range(10):
        order = rng.permutation(200)
        others.append(spread(test[order[:100]], test[order[100:]], 0))
    assert set(found) == {"precision", "recall", "density", "coverage"}
    for name, (low, high) in found.items():
        assert low < np.mean([each[name] for each in others]) < high


def test_another_law_lies_outside_of_the_null_intervals():
    test = normal(0, 200)
    low, _ = null_intervals(test, 100, 0)["coverage"]
    assert spread(test[:100], test[100:] + 50, 0)["coverage"] < low


def test_null_intervals_are_deterministic():
    test = normal(0, 60)
    assert null_intervals(test, 30, 1) == null_intervals(test, 30, 1)
    assert null_intervals(test, 30, 1) != null_intervals(test, 30, 2)


def test_there_is_no_null_of_too_few_rows():
    assert null_intervals(normal(0, 8), 4, 0) == {}


def test_reference():
    """A baseline is told from real rows by what it lacks; the control has every part."""
    config = Evaluate(permutations=199, part_permutations=199)
    train, rest = normal(0, 120), normal(1, 160)
    real = Blocks(Split(rest[:80], None), Split(rest[80:], None))
    found = reference(train, real, KnownLaw(), config, known_power())
    assert set(found) == {"control", "baselines", "explained"}
    assert {"verdict", "moments", "reconstruction", "diversity"} <= set(found["control"])
    assert list(found["baselines"]) == list(BASELINES)
    for name in ("column_means", "permuted_columns"):
        assert found["baselines"][name]["verdict"] == "different"
    alarms = {name: each["memorisation"]["alarm"] for name, each in found["baselines"].items()}
    assert alarms["row_bootstrap"]
    assert not alarms["permuted_columns"]
    assert found["explained"] == linear_bound(train, rest[80:])
    assert json.dumps(found, allow_nan=False)


def test_the_power_is_that_of_the_names_rows():
    """It is measured once, for as many rows as a verdict judges, and the control says it."""
    config = Evaluate(permutations=199, part_permutations=199)
    rest = normal(1, 160)
    real = Blocks(Split(rest[:80], None), Split(rest[80:], None))
    power = shown_by(real, KnownLaw(), config)
    assert power == shown_by(real, KnownLaw(), config)
    entry = power["detectable"][0]
    assert (entry["rows"], entry["columns"]) == (80, 4)
    assert set(entry) == {"rows", "columns", *REQUIRED}
    control = reference(normal(0, 120), real, KnownLaw(), config, power)["control"]
    assert control["verdict"] == "underpowered"
    assert f"in rows of this name: std {entry['std']:.3g}" in control["reason"]
    assert control["rows_needed"] > 80
