"""What the paper's modes achieve on classes: few labels, clusters; beside simple methods."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.intervals import margin
from aae.dataset.splits import Labels, Rows, Split
from aae.generator.graphs import TrainedModel
from aae.model.configuration import Recipe

FOLDS = 5  # to choose the number of neighbours
METHODS = {
    "aae": "adversarial autoencoder",
    "network": "its encoder's layers, on the labels alone",
    "neighbours": "nearest neighbours, on the labels alone",
    "k_means": "k-means, as many clusters",
}


def semi_supervised(
    model: TrainedModel, data: Split, held_out: Split, recipe: Recipe, seed: int
) -> dict[str, float]:
    """Shares of held-out rows whose class is told wrongly (Makhzani et al., section 5).

    Args:
        model: trained with few labels.
        data: rows whose labels the other methods learn from, no others.
        held_out: rows that no method has seen.
        recipe: of the model; gives the layers of the network.
        seed: of the network.

    Returns:
        aae: of the encoder's categories; network: of the encoder's layers alone, trained on the
        labelled rows; neighbours: of k nearest labelled rows, k by cross-validation among these.
    """
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPClassifier(
        tuple(recipe.model.encoder),
        learning_rate_init=recipe.train.learning_rate,
        max_iter=recipe.train.epochs,
        random_state=seed,
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    choice = {"n_neighbors": [1, 3, 5, 7]}
    methods = {
        "network": make_pipeline(StandardScaler(), network),
        "neighbours": GridSearchCV(KNeighborsClassifier(), choice, cv=folds),
    }
    told = {name: method.fit(*data).predict(held_out.rows) for name, method in methods.items()}
    told = {"aae": categories(model, held_out.rows)} | told
    return {name: float(np.mean(each != held_out.labels)) for name, each in told.items()}


def clustering(
    model: TrainedModel, data: Split, held_out: Split, recipe: Recipe, seed: int
) -> dict[str, float]:
    """Shares of held-out rows whose cluster stands for another class (section 6).

    Args:
        model: trained without labels.
        data: training rows; their labels are not looked at.
        held_out: rows whose labels name the clusters, see `cluster_error`.
        recipe: of the model; gives the number of clusters.
        seed: of k-means.

    Returns:
        aae: of the encoder's categories; k_means: of as many clusters; categories: how many of
        them the encoder uses.
    """
    from sklearn.cluster import KMeans

    means = KMeans(recipe.model.clusters, n_init=10, random_state=seed).fit(data.rows)
    assert held_out.labels is not None
    found = categories(model, held_out.rows)
    return {
        "aae": cluster_error(found, held_out.labels),
        "k_means": cluster_error(means.predict(np.array(held_out.rows)), held_out.labels),
        "categories": float(len(np.unique(found))),
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


def summary(cases: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """The table: a line for each case and method, mean error and 95% interval over trainings."""
    rows = []
    for case, trials in cases.items():
        for method in (name for name in trials[0] if name not in ("seed", "categories")):
            errors = [each[method] for each in trials]
            mean, reach = float(np.mean(errors)), margin(errors)
            low, high = mean - reach, mean + reach
            limits = f"{max(low, 0):.1%} to {min(high, 1):.1%}"
            rows.append([case, METHODS[method], f"{mean:.1%}", limits, str(len(trials))])
    return {
        "title": "Modes: few labels, and clusters",
        "note": "Share of held-out digits whose class is told wrongly. labels_100: 100 labels are "
        "known; clusters_16, clusters_30: none, each cluster takes the class that most of its "
        "rows have in one half of the held-out rows, errors are counted in the other half.",
        "command": "make modes",
        "columns": ["case", "method", "error", "95% interval", "trainings"],
        "rows": rows,
    }
