"""Categories are one label each."""

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.model import categories as module
from aae.model.categories import categories, dequantised
from aae.model.scores import normal_scores

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(400, 3)).astype("f4")
NONE = np.empty(0, np.int64)


def test_a_category_has_one_label() -> None:
    labels = RNG.integers(3, size=400)
    rows = ROWS + 3 * labels[:, None]
    data = Split(rows.astype("f4"), labels)
    known = categories(data, data.rows, NONE, 2, 0)
    np.testing.assert_array_equal(known.label[known.row], labels)
    np.testing.assert_array_equal(np.unique(known.row), np.arange(len(known.label)))
    alone = categories(Split(data.rows, None), data.rows, NONE, 2, 0)
    assert not alone.label.any()


def test_categories_are_not_chosen_for_having_one_value_of_an_indicator() -> None:
    """Of indicators alone, which depend on nothing: any number of clusters fits held-out ones."""
    rows = (RNG.random((400, 8)) < RNG.uniform(0.1, 0.5, 8)).astype("f4")
    scores = np.column_stack([normal_scores(each) for each in rows.T]).astype("f4")
    known = categories(Split(rows, None), scores, NONE, 2, 0)
    assert len(known.label) <= 2
    spread = dequantised(rows, scores.astype(float), 0)
    for column, each in zip(rows.T, spread.T, strict=True):
        assert each[column == 1].min() > each[column == 0].max()
        assert len(np.unique(each)) == 400


def test_clusters_of_a_sample_are_those_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three clusters far apart; a row that was not searched is of its cluster, too."""
    cluster = RNG.integers(3, size=2000)
    rows = (8 * cluster[:, None] + RNG.normal(size=(2000, 3))).astype("f4")
    for searched in (2000, 300):
        monkeypatch.setattr(module, "SEARCHED", searched)
        known = categories(Split(rows, None), rows, NONE, 2, 0)
        pairs = {*zip(cluster, known.row, strict=True)}
        assert len(pairs) == len(known.label) == 3
        np.testing.assert_array_equal(known.of(rows, rows, None), known.row)
