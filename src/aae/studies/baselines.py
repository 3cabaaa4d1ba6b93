"""Simple generators that see what a model sees: what it must beat, or be no better than."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import kind_of
from aae.dataset.splits import Split
from aae.studies.closeness import Distances
from aae.studies.trained import Trained
from aae.verdict.effects import Array, distances, spread_of

NEIGHBOURS = 5  # of SMOTE
COMPONENTS = 1, 2, 4, 8, 16  # of a mixture, chosen by held-out likelihood
BANDWIDTHS = np.geomspace(0.03, 1.0, 16)  # of a kernel density, likewise
FOLDS = 4
FEWEST = 8  # rows of a class that a mixture or a kernel density is fitted to; fewer: a copula
RIDGE = 1e-3  # added to the variances of scores, which may be collinear

Generator = np.random.Generator
Baseline = Callable[[Array, int, Generator], Array]  # scores of training rows, number -> scores


@dataclass(frozen=True)
class Baselines(Distances):
    """The distances of simple generators' rows, and of real ones."""

    def of(self, trained: Trained) -> dict[str, Any]:
        """Compare each baseline's rows, as many as there are fresh ones, with these.

        `real rows` are the training rows themselves: another half of the same table.
        """
        train, number = trained.train, len(trained.fresh.rows)
        learned = np.array(train.rows)
        rows = {
            name: self.close(generated(name, train, number, trained.seed), trained, learned)
            for name in BASELINES
        }
        return {"real rows": self.close(learned, trained, None)} | rows


def generated(name: str, train: Split, number: int, seed: int) -> NDArray[np.floating]:
    """Rows of a baseline in the units of the training rows.

    It is fitted to the normal scores of each class by itself. Its scores return by the empirical
    quantile functions of the class's columns, and take the steps of their grids.
    """
    rng = np.random.default_rng([seed, 5, list(BASELINES).index(name)])
    labels = np.zeros(len(train.rows), dtype=int) if train.labels is None else train.labels
    rows = np.array(train.rows)
    chosen = rng.choice(labels, number)
    made = np.empty((number, rows.shape[1]), dtype=rows.dtype)
    for label in np.unique(chosen):
        of_class, places = rows[labels == label], chosen == label
        scores = BASELINES[name](normal_scores(of_class), int(places.sum()), rng)
        made[places] = quantiles(of_class, scores)
    return on_grids(made, rows)


def normal_scores(rows: NDArray[Any]) -> Array:
    """Phi^-1 of (mid-rank - 1/2) / n, column by column; ties share a score."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(rows, axis=0) - 0.5) / len(rows)))


def quantiles(rows: NDArray[Any], scores: Array) -> Array:
    """The empirical quantile function of each column, see `quantile`."""
    from scipy.special import ndtr

    ranks = ndtr(scores) * len(rows) - 0.5
    columns = zip(np.sort(np.asarray(rows, dtype=float), axis=0).T, ranks.T, strict=True)
    return np.stack([quantile(ordered, rank) for ordered, rank in columns], axis=1)


def quantile(ordered: Array, ranks: Array) -> Array:
    """Sorted values at ranks: the nearest where values repeat, else between two in proportion."""
    if repeats(ordered):
        ranks = np.round(ranks)
    return np.asarray(np.interp(ranks, np.arange(len(ordered)), ordered))


def repeats(values: NDArray[Any]) -> bool:
    """Whether values of a column occur twice or more on average."""
    return 2 * len(np.unique(values)) <= len(values)


def on_grids(made: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Round the columns that have a grid in the training rows to it.

    To the training rows' own values where they have the grid's point: one that is computed differs
    from it in the last bits, which trees see.
    """
    for column, values in enumerate(rows.T):
        kind = kind_of(values)
        if kind.step:
            places = np.round((made[:, column] - kind.distinct[0]) / kind.step)
            known = np.round((kind.distinct - kind.distinct[0]) / kind.step)
            at = np.searchsorted(known, places).clip(max=len(known) - 1)
            free = kind.distinct[0] + kind.step * places
            made[:, column] = np.where(known[at] == places, kind.distinct[at], free)
    return made


def gaussian_copula(scores: Array, number: int, rng: Generator) -> Array:
    """Normal scores with the correlations of the training rows' scores."""
    return drawn(np.zeros(scores.shape[1]), covariance(scores), number, rng)


def gaussian_mixture(scores: Array, number: int, rng: Generator) -> Array:
    """A mixture of normal laws, as many as serve rows best that are held out of the fit."""
    if len(scores) < FEWEST:
        return gaussian_copula(scores, number, rng)

    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import cross_val_score

    def mixture(components: int) -> GaussianMixture:
        seed = int(rng.integers(2**31))
        return GaussianMixture(components, reg_covar=RIDGE, random_state=seed)

    tried = [each for each in COMPONENTS if each * FOLDS <= len(scores)]
    likelihoods = [cross_val_score(mixture(each), scores, cv=FOLDS).mean() for each in tried]
    best = mixture(tried[int(np.argmax(likelihoods))]).fit(scores)
    shares = rng.multinomial(number, best.weights_ / best.weights_.sum())
    parts = zip(best.means_, best.covariances_, shares, strict=True)
    return np.concatenate([drawn(mean, spread, many, rng) for mean, spread, many in parts])


def kernel_density(scores: Array, number: int, rng: Generator) -> Array:
    """Training rows with normal noise, of the width that serves held-out rows best."""
    if len(scores) < FEWEST:
        return gaussian_copula(scores, number, rng)

    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KernelDensity

    search = GridSearchCV(KernelDensity(), {"bandwidth": BANDWIDTHS}, cv=FOLDS).fit(scores)
    width = float(search.best_params_["bandwidth"])
    noise = width * rng.normal(size=(number, scores.shape[1]))
    return copies(scores, number, rng) + noise


def smote(scores: Array, number: int, rng: Generator) -> Array:
    """Points between a row and one of its nearest neighbours (Chawla et al. 2002)."""
    many = min(NEIGHBOURS, len(scores) - 1)
    near = np.argsort(distances(scores, scores), axis=1, kind="stable")[:, 1 : many + 1]
    chosen = rng.integers(len(scores), size=number)
    other = near[chosen, rng.integers(many, size=number)] if many else chosen
    part = rng.random((number, 1))
    return scores[chosen] + part * (scores[other] - scores[chosen])


def copies(scores: Array, number: int, rng: Generator) -> Array:
    """Training rows, drawn with replacement."""
    return scores[rng.integers(len(scores), size=number)]


BASELINES: dict[str, Baseline] = {
    "Gaussian copula": gaussian_copula,
    "Gaussian mixture": gaussian_mixture,
    "kernel density": kernel_density,
    "SMOTE": smote,
    "copies": copies,
}


def covariance(scores: Array) -> Array:
    """Of scores that vary, each divided by its spread, with `RIDGE` on the diagonal."""
    spread = spread_of(scores)
    unit = scores / spread
    return np.asarray((unit.T @ unit / len(unit) + RIDGE * np.eye(len(spread))) / (1 + RIDGE))


def drawn(mean: Array, spread: Array, number: int, rng: Generator) -> Array:
    """Rows of a normal law."""
    return rng.multivariate_normal(mean, spread, number, method="cholesky")
