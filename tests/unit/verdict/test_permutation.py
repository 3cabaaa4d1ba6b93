"""Laws of permuted statistics: agreement with plain references, group by group."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from aae.verdict import effects
from aae.verdict import permutation as permuted
from aae.verdict.kernels import NEIGHBOURS, kernels, nearest
from aae.verdict.pooling import Grouping, grouping, permuted_labels


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def groups_of(rows, share=0.5, size=1, permutations=7, seed=0):
    """Groups of rows as they come."""
    observed = (np.arange(rows // size) < share * rows // size).astype(int)
    labels = permuted_labels(observed, permutations, np.random.default_rng(seed))
    return Grouping(np.arange(rows), labels)


def row_labels(groups):
    return np.tile(groups.labels, (groups.size, 1))


def plain_mmd(kernel, first):
    x, y = kernel[np.ix_(first, first)], kernel[np.ix_(~first, ~first)]
    n, m = len(x), len(y)
    within = (x.sum() - np.trace(x)) / (n * (n - 1)) + (y.sum() - np.trace(y)) / (m * (m - 1))
    return within - 2 * kernel[np.ix_(first, ~first)].mean()


@pytest.mark.parametrize(("share", "size"), list(product([0.5, 0.2], [1, 3])))
def test_permuted_mmd_agrees_with_the_plain_formula(share, size):
    z, groups = normal(0, 60, 3), groups_of(60, share, size)
    z -= z.mean(axis=0)
    found = kernels(z, 60 // size, seed=0)
    plain = {"distance": -cdist(z, z), "square": (z @ z.T) ** 2 / 3}
    for name, kernel in plain.items():
        want = [plain_mmd(kernel, column == 1) for column in row_labels(groups).T]
        got = permuted.permuted_mmd(getattr(found, name).copy(), groups.labels, size)
        assert np.allclose(got, want, atol=1e-4 * np.abs(want).max())


def test_edges_are_those_of_the_nearest_rows():
    z = normal(0, 90, 3)
    found = kernels(z, 30, seed=0).edges
    away = cdist(z, z) + np.diag(np.full(90, np.inf))
    want = np.zeros((30, 30))
    for row, near in enumerate(np.argsort(away, axis=1)[:, :NEIGHBOURS]):
        np.add.at(want, (row % 30, near % 30), 1)
    assert (found == want).all()


def test_ties_between_neighbours_are_shared():
    away = np.zeros((200, 200))
    np.fill_diagonal(away, np.inf)
    tied = nearest(away, 5, 1.0, np.random.default_rng(0))
    assert np.bincount(tied.ravel()).max() < 30  # by position it would be 200


@pytest.mark.parametrize(("share", "levels", "size"), list(product([0.5, 0.2], [None, 4], [1, 2])))
def test_permuted_ks_agrees_with_scipy(share, levels, size):
    z = normal(0, 100, 10)  # fewer rows than thresholds: no approximation
    z = z if levels is None else np.round(z)
    groups = groups_of(100, share, size)
    ks = permuted.permuted_columns(z, groups)[0]
    for b, first in enumerate(row_labels(groups).T == 1):
        assert np.allclose(ks[:, b], effects.ks_columns(z[first], z[~first]), atol=1e-6)


def test_permuted_ks_of_many_rows_is_near_the_exact_one():
    z, groups = normal(0, 3000, 2), groups_of(3000)
    first = groups.labels[:, 1] == 1
    got = permuted.permuted_columns(z, groups)[0][:, 1]
    want = effects.ks_columns(z[first], z[~first])
    assert (got <= want + 1e-6).all()
    assert np.allclose(got, want, atol=0.01)


def test_permuted_ks_of_cells_is_near_the_exact_one():
    z, groups = normal(0, 100, 8), groups_of(100)
    z -= z.mean(axis=0)
    got = permuted.permuted_cells(z, groups)[0]
    for b, first in enumerate(groups.labels.T == 1):
        assert got[b] == pytest.approx(effects.ks_cells(z[first], z[~first]), abs=0.01)


def test_the_smooth_statistic_is_that_of_legendre_scores_of_ranks():
    z, groups = normal(0, 120, 3), groups_of(120, 0.3)
    place = (2 * stats.rankdata(z, axis=0) - 1) / 120 - 1
    scores = [np.polynomial.Legendre.basis(degree)(place) for degree in (1, 2, 3, 4)]
    scores = [(each - each.mean(axis=0)) / each.std(axis=0) for each in scores]
    got = permuted.permuted_columns(z, groups)[1]
    for b, first in enumerate(groups.labels.T == 1):
        gaps = [each[first].mean(axis=0) - each[~first].mean(axis=0) for each in scores]
        assert np.allclose(got[:, b], np.sqrt(np.mean(np.square(gaps), axis=0)), atol=1e-5)


def test_column_statistics_see_ranks_only():
    z, groups = normal(0, 80, 3), groups_of(80)
    for one, other in zip(
        permuted.permuted_columns(z, groups),
        permuted.permuted_columns(np.exp(3 * z), groups),
        strict=True,
    ):
        assert np.allclose(one, other)


def test_column_statistics_do_not_depend_on_blocks(monkeypatch):
    z, groups = normal(0, 200, 7), groups_of(200, size=2)
    want = permuted.permuted_columns(z, groups)
    monkeypatch.setattr(permuted, "BLOCK", 1)
    assert np.allclose(permuted.permuted_columns(z, groups), want)


@pytest.mark.parametrize(("n", "m"), [(30, 40), (1000, 1000), (777, 2345), (100, 100_000)])
def test_groups_are_of_one_sample_and_hold_nearly_all_rows(n, m):
    found = grouping(n, m, 3, np.random.default_rng(0))
    first = found.order < n
    assert (first == np.tile(found.labels[:, 0], found.size)).all()
    assert len(np.unique(found.order)) == len(found.order)
    assert (found.labels.sum(axis=0) == found.labels[:, 0].sum()).all()
    assert first.sum() > 0.99 * n - 1
    assert (~first).sum() > 0.99 * min(m, 7 * n) - 1
    assert len(found.labels) <= 4000


def test_permuted_labels_keep_the_counts_and_the_observed():
    observed = (np.arange(50) < 15).astype(int)
    labels = permuted_labels(observed, 40, np.random.default_rng(0))
    assert (labels.sum(axis=0) == 15).all()
    assert (labels[:, 0] == (np.arange(50) < 15)).all()
    assert len(np.unique(labels.T, axis=0)) == 41
