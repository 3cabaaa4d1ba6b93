"""What the paper's modes achieve on classes: few labels, clusters; beside simple methods."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, expect
from aae.base.intervals import margin
from aae.base.settings import check_fields, required
from aae.dataset.splits import Labels, Rows, Split
from aae.generator.graphs import TrainedModel
from aae.studies.records import Records
from aae.studies.trained import Trained

METHODS = {
    "aae": "adversarial autoencoder",
    "network": "its encoder's layers, on the labels alone",
    "neighbours": "nearest neighbours, on the labels alone",
    "k_means": "k-means, as many clusters",
}


@dataclass(frozen=True)
class Modes:
    """Errors on classes of rows that no method has seen.

    Attributes:
        folds: of the labelled rows, to choose the number of neighbours.
    """

    folds: int = required(at_least(2))

    def __post_init__(self) -> None:
        """Check the range."""
        check_fields(self, "study.modes")

    def of(self, trained: Trained) -> dict[str, float]:
        """`clustering` where the model ignored the labels, else `semi_supervised`.

        Raises:
            ValueError: test rows without labels.
        """
        expect(trained.fresh.labels is not None, "test rows with labels", None)
        if trained.recipe["model"]["labels"] == "ignored":
            return clustering(trained)
        return semi_supervised(trained, self.folds)


def semi_supervised(trained: Trained, folds: int) -> dict[str, float]:
    """Shares of test rows that are given the wrong class (Makhzani et al., section 5).

    All methods have the labels that the model had, and no others.

    Returns:
        aae: by the encoder's categories; network: by the encoder's layers alone, trained on the
        labelled rows; neighbours: by k nearest labelled rows, k by cross-validation among these.
    """
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model, train = trained.recipe["model"], trained.recipe["train"]
    network = MLPClassifier(
        tuple(model["encoder"]),
        learning_rate_init=train["learning_rate"],
        max_iter=train["epochs"],
        random_state=trained.seed,
    )
    split = StratifiedKFold(folds, shuffle=True, random_state=trained.seed)
    choice = {"n_neighbors": [1, 3, 5, 7]}
    methods = {
        "network": make_pipeline(StandardScaler(), network),
        "neighbours": GridSearchCV(KNeighborsClassifier(), choice, cv=split),
    }
    data, rows = labelled(trained), np.array(trained.fresh.rows)
    classes = {name: method.fit(*data).predict(rows) for name, method in methods.items()}
    classes = {"aae": categories(trained.model, rows)} | classes
    return {name: float(np.mean(each != trained.fresh.labels)) for name, each in classes.items()}


def labelled(trained: Trained) -> Split:
    """Training rows whose labels the model had."""
    rows, labels = np.array(trained.train.rows), trained.train.labels
    assert labels is not None
    chosen = trained.recipe["labelled_rows"]
    return Split(rows, labels) if chosen is None else Split(rows[chosen], labels[chosen])


def clustering(trained: Trained) -> dict[str, float]:
    """Shares of test rows whose cluster stands for another class (section 6).

    The labels of training rows are not looked at; those of test rows name the clusters, see
    `cluster_error`.

    Returns:
        aae: by the encoder's categories; k_means: by as many clusters as the model was allowed;
        categories: how many of them the encoder uses.
    """
    from sklearn.cluster import KMeans

    size, fresh = trained.recipe["model"]["clusters"], trained.fresh
    means = KMeans(size, n_init=10, random_state=trained.seed).fit(np.array(trained.train.rows))
    assert fresh.labels is not None
    own = categories(trained.model, fresh.rows)
    return {
        "aae": cluster_error(own, fresh.labels),
        "k_means": cluster_error(means.predict(np.array(fresh.rows)), fresh.labels),
        "categories": float(len(np.unique(own))),
    }


def categories(model: TrainedModel, rows: Rows) -> NDArray[np.int64]:
    """The likeliest category of each row; 0 where the code has none."""
    if not model.categories:
        return np.zeros(len(rows), dtype=np.int64)
    codes = model.encode(np.array(rows), np.random.default_rng(0)).mean
    return np.asarray(codes[:, model.latent :].argmax(axis=1))


def cluster_error(clusters: NDArray[np.integer], labels: Labels) -> float:
    """Share of rows whose cluster stands for another class than theirs.

    One half of the rows names the clusters, each by the class that most of its rows have, and the
    errors of the other half are counted; then the other way round. A cluster without a row in the
    naming half has no name: its rows are errors.
    """
    halves = np.arange(len(labels)) % 2 == 0
    wrong = 0
    for naming in (halves, ~halves):
        votes = np.zeros((int(clusters.max()) + 1, int(labels.max()) + 1))
        np.add.at(votes, (clusters[naming], labels[naming]), 1)
        names = np.where(votes.any(axis=1), votes.argmax(axis=1), -1)
        wrong += int(np.sum(names[clusters[~naming]] != labels[~naming]))
    return wrong / len(labels)


def summary(records: Records) -> dict[str, Any]:
    """The table: a line for each variant and method, mean error and 95% interval."""
    rows = []
    for (_, variant), trials in records.items():
        for method in (each for each in METHODS if each in trials[0]):
            errors = [each[method] for each in trials]
            rows.append([variant, METHODS[method], *interval(errors), str(len(trials))])
    return {
        "title": "Modes: few labels, and clusters",
        "note": "Share of held-out digits that are given the wrong class. labels_100: 100 labels "
        "are known; clusters_16, clusters_30: none, each cluster takes the class that most of its "
        "rows have in one half of the held-out rows, errors are counted in the other half.",
        "command": "make modes",
        "columns": ["variant", "method", "error", "95% interval", "trainings"],
        "rows": rows,
    }


def interval(shares: list[float]) -> list[str]:
    """Mean over trainings, and its 95% interval within [0, 1]."""
    mean, reach = float(np.mean(shares)), margin(shares)
    return [f"{mean:.1%}", f"{max(mean - reach, 0):.1%} to {min(mean + reach, 1):.1%}"]
