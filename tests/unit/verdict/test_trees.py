"""Laws of the boosted trees: as good as a library's, any unit, no sign of rows not learned from."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from aae.verdict.trees import LEAF_ROWS, LEAVES, boosted


def single(x, first):
    x[first, 0] *= 1.4


def crossed(x, first):
    x[:, 2] = np.abs(x[:, 2]) * np.where(first, np.sign(x[:, 0] * x[:, 1]), 1)


def mode(x, first):
    x[first & (x[:, 3] > 1.5)] += 2


@pytest.mark.parametrize("fault", [single, crossed, mode])
def test_unseen_rows_are_told_apart_as_well_as_by_scikit_learn(fault):
    rng, first = np.random.default_rng(0), np.arange(4000) % 2 == 0
    x = rng.normal(size=(4000, 5))
    fault(x, first)
    learn = np.arange(4000) < 2000
    library = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=0
    ).fit(x[learn], first[learn])
    want = roc_auc_score(first[~learn], library.decision_function(x[~learn]))
    found = roc_auc_score(first[~learn], boosted(x[learn], first[learn]).scores(x[~learn]))
    assert want > 0.55
    assert found > want - 0.02


def test_scores_depend_on_order_in_a_column_alone():
    rng = np.random.default_rng(1)
    x, first = np.round(rng.normal(size=(640, 3)), 2), rng.random(640) < 0.3
    scores = boosted(x, first).scores(x)
    np.testing.assert_allclose(boosted(8 * x - 3, first).scores(8 * x - 3), scores)


def test_leaves_hold_enough_rows_and_first_rows_score_higher():
    rng = np.random.default_rng(2)
    x, first = rng.normal(size=(300, 4)), rng.random(300) < 0.5
    model = boosted(x, first)
    assert model.scores(x)[first].mean() > model.scores(x)[~first].mean()
    for tree in model.trees:
        rows = np.unique(boosted_leaves(model, tree, x), return_counts=True)[1]
        assert rows.min() >= LEAF_ROWS
        assert len(tree.values) == len(tree.splits) + 1 <= LEAVES


def boosted_leaves(model, tree, x):
    """Return each row's leaf."""
    places = type(tree)(tree.splits, np.arange(len(tree.values), dtype=float))
    return type(model)(model.edges, [places]).scores(x)


@pytest.mark.parametrize("rows", [2, 30, 45])
def test_few_or_constant_rows_are_scored_alike(rows):
    first = np.arange(rows) % 2 == 0
    scores = boosted(np.zeros((rows, 2)), first).scores(np.zeros((rows, 2)))
    assert np.ptp(scores) == 0
