from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.studies.modes import METHODS, Modes, categories, cluster_error, summary
from aae.studies.trained import Trained
from aae.verdict.hard_checks import KnownLaw

RECIPE: dict[str, Any] = {
    "model": {"clusters": 3, "encoder": [64, 32], "labels": "given"},
    "train": {"learning_rate": 0.005, "epochs": 100},
    "labelled_rows": None,
}
CLUSTERS = RECIPE | {"model": RECIPE["model"] | {"labels": "ignored"}}


class Rule:
    """A model whose encoder gives a category by a rule."""

    def __init__(self, rule, size):
        self.rule, self.latent, self.categories = rule, 2, size

    def encode(self, rows, rng):
        codes = rng.normal(size=(len(rows), self.latent))
        return SimpleNamespace(mean=np.hstack([codes, np.eye(self.categories)[self.rule(rows)]]))


def blobs(seed, rows):
    """Three classes far apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, rows)
    return Split((10 * labels[:, None] + rng.normal(size=(rows, 4))).astype("f4"), labels)


def by_mean(rows):
    return np.clip(np.round(rows.mean(axis=1) / 10), 0, 2).astype(int)


def measured(rule, data, fresh, recipe=RECIPE):
    return Modes(folds=5).of(Trained(Rule(rule, 3), data, fresh, KnownLaw(), recipe, 0))


def test_categories_are_read_from_the_code():
    data = blobs(0, 50)
    assert (categories(Rule(by_mean, 3), data.rows) == data.labels).all()
    assert (categories(SimpleNamespace(categories=0), data.rows) == 0).all()


def test_few_labels_suffice_where_classes_are_far_apart():
    assert measured(by_mean, blobs(0, 60), blobs(1, 90)) == {
        "aae": 0.0,
        "network": 0.0,
        "neighbours": 0.0,
    }


def test_no_method_sees_a_label_that_the_model_did_not_have():
    data = blobs(0, 90)
    known = np.arange(30, 60)
    spoilt = np.where(np.isin(np.arange(90), known), data.labels, 2 - data.labels)
    recipe = RECIPE | {"labelled_rows": known.tolist()}
    assert set(measured(by_mean, data._replace(labels=spoilt), blobs(1, 90), recipe).values()) == {
        0
    }


def test_a_model_that_knows_nothing_errs():
    fresh = blobs(1, 300)
    found = measured(lambda rows: np.zeros(len(rows), dtype=int), blobs(0, 60), fresh)
    assert found["aae"] == np.mean(fresh.labels != 0)
    assert found["neighbours"] == 0


def test_clusters_take_the_name_of_their_class():
    found = measured(lambda rows: 2 - by_mean(rows), blobs(0, 90), blobs(1, 90), CLUSTERS)
    assert found == {"aae": 0.0, "k_means": 0.0, "categories": 3.0}


def test_rows_without_labels_are_an_error():
    with pytest.raises(ValueError, match="expected test rows with labels"):
        measured(by_mean, blobs(0, 60), blobs(1, 9)._replace(labels=None))


@pytest.mark.parametrize("classes", [2, 5])
def test_clusters_do_no_better_than_chance_on_random_labels(classes):
    rng = np.random.default_rng(classes)
    labels, clusters = rng.integers(0, classes, 4000), rng.integers(0, 30, 4000)
    # Naming by half of the rows and counting the others leaves nothing to overfit.
    assert cluster_error(clusters, labels) == pytest.approx(1 - 1 / classes, abs=0.04)


def test_a_cluster_that_cannot_be_named_errs():
    labels = np.zeros(10, dtype=int)
    assert cluster_error(np.zeros(10, dtype=int), labels) == 0
    assert cluster_error(np.arange(10), labels) == 1


def test_the_table_has_a_line_for_each_method():
    trials = [{"aae": 0.1, "k_means": 0.2, "categories": 3.0}] * 3
    found = summary({("digits", "clusters"): trials})
    assert [row[1] for row in found["rows"]] == [METHODS["aae"], METHODS["k_means"]]
    assert found["rows"][0] == ["clusters", METHODS["aae"], "10.0%", "10.0% to 10.0%", "3"]
    assert {len(row) for row in found["rows"]} == {len(found["columns"])}
