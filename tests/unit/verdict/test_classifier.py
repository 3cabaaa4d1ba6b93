"""Laws of the classifier test: level, power at any width, features of learning rows alone."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from aae.verdict.classifier import MOST_COLUMNS, area_outcome, classifier, features, held_out
from aae.verdict.pairs import learning_groups
from aae.verdict.pooling import make_pool

WIDE = MOST_COLUMNS + 60


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_area_and_p_agree_with_libraries():
    real = np.arange(90) % 3 == 0
    scores = np.round(normal(0, 1, 90)[0] + 0.3 * real, 1)
    found = area_outcome(scores, real)
    assert found.statistic == pytest.approx(roc_auc_score(real, scores))
    want = stats.mannwhitneyu(scores[real], scores[~real], alternative="greater").pvalue
    assert found.p == pytest.approx(want)
    assert stats.norm.sf(found.effect) == pytest.approx(want, rel=0.05)  # a continuity correction


def test_scores_that_say_nothing_are_no_difference():
    assert area_outcome(np.zeros(40), np.arange(40) < 20).p == 1.0


def test_one_column_of_many_is_seen():
    x, y = normal(0, 300, WIDE), normal(1, 300, WIDE)
    y[:, 7] = np.abs(y[:, 7])
    assert classifier(make_pool(x, y, 1, 0)).p < 1e-6


def test_one_pair_of_many_is_seen():
    x, y = normal(0, 500, WIDE), normal(1, 500, WIDE)
    x[:, 1], y[:, 1] = x[:, 0] + 0.3 * x[:, 1], -y[:, 0] + 0.3 * y[:, 1]
    assert classifier(make_pool(x, y, 1, 0)).p < 1e-6


@pytest.mark.parametrize("columns", [1, 7, 8, MOST_COLUMNS, WIDE])
def test_features_are_columns_and_from_8_on_summaries(columns):
    pool = make_pool(normal(0, 80, columns), normal(1, 90, columns), 1, 0)
    seen = features(pool, learning_groups(pool.labels[:, 0]))
    beside = 13 + min(10, columns) if columns >= 8 else 0
    assert len(seen) == len(pool.z)
    assert seen.shape[1] - beside == columns or columns > MOST_COLUMNS > seen.shape[1] - beside


def test_held_out_rows_do_not_choose_the_features():
    pool = make_pool(normal(0, 80, WIDE), normal(1, 90, WIDE), 1, 0)
    learn = learning_groups(pool.labels[:, 0])
    order = np.arange(len(learn))
    order[~learn] = np.random.default_rng(0).permutation(order[~learn])
    assert (pool.labels[order] != pool.labels).any()
    other = replace(pool, all_rows=pool.all_rows[order])
    seen, others = features(pool, learn), features(other, learn)
    assert seen.shape == others.shape
    chosen = slice(seen.shape[1] - 23)  # summaries and components are of all rows
    np.testing.assert_allclose(seen[order, chosen], others[:, chosen], atol=1e-12)


def test_trees_are_fitted_once_and_go_with_the_pool():
    pool = make_pool(normal(0, 80, 3), normal(1, 90, 3), 1, 0)
    held = held_out(pool)
    assert held_out(pool) is held
    known = weakref.ref(held)
    del pool, held
    gc.collect()
    assert known() is None


def test_the_level_is_held_by_wide_tables():
    p = [
        classifier(make_pool(normal(2 * s, 60, WIDE), normal(2 * s + 1, 60, WIDE), 1, s)).p
        for s in range(25)
    ]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 25, 0.1)
