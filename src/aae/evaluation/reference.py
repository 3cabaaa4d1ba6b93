"""What evaluation finds where no model is at work: real against real, and simple baselines."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows
from aae.evaluation.coverage import spread
from aae.evaluation.moments import moments, moments_of_cells
from aae.evaluation.reconstruction import errors
from aae.evaluation.samples import Blocks
from aae.evaluation.settings import Evaluate
from aae.verdict.effects import CELLS, row_blocks
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.judge import judge
from aae.verdict.own_power import as_table, power_of
from aae.verdict.power import REQUIRED

SPLITS = 8  # of the test rows, for null intervals
SPECTRUM = 32  # largest code for which the linear autoencoder's bound is printed

Array = NDArray[np.float64]
Baseline = Callable[[Rows, int, np.random.Generator], Array]


def column_means(train: Rows, rows: int, rng: np.random.Generator) -> Array:
    """Every row the mean of the training rows."""
    return np.tile(train.mean(axis=0, dtype=np.float64), (rows, 1))


def moment_matched_gaussian(train: Rows, rows: int, rng: np.random.Generator) -> Array:
    """Rows of a normal law with the mean and the covariance of the training rows.

    With X the centred training rows and e ~ N(0, I), e X / sqrt(n - 1) has the covariance
    X'X / (n - 1): no d x d matrix is needed. Of many rows it is summed up in blocks.
    """
    mean, total = train.mean(axis=0, dtype=np.float64), np.zeros((rows, train.shape[1]))
    for block in row_blocks(len(train), rows):
        known = train[block] - mean
        mixing = rng.standard_normal((rows, len(known))) / np.sqrt(max(1, len(train) - 1))
        total += mixing @ known
    return np.asarray(mean + total)


def permuted_columns(train: Rows, rows: int, rng: np.random.Generator) -> Array:
    """Every cell from its own random training row: right marginals, independent columns."""
    chosen = rng.integers(len(train), size=(rows, train.shape[1]))
    return np.take_along_axis(train, chosen, axis=0).astype(np.float64)


def row_bootstrap(train: Rows, rows: int, rng: np.random.Generator) -> Array:
    """Training rows drawn with replacement: a generator that has stored its training set."""
    chosen = rng.integers(len(train), size=rows)
    return np.asarray(train[chosen], dtype=np.float64)


BASELINES: dict[str, Baseline] = {
    each.__name__: each
    for each in (column_means, moment_matched_gaussian, permuted_columns, row_bootstrap)
}


def null_intervals(test: Rows, rows: int, seed: int) -> dict[str, list[float]]:
    """Range in which 95% of real-against-real values of the diversity measures lie.

    A prediction interval, mean +- t sd sqrt(1 + 1 / n), over n = SPLITS random pairs of disjoint
    blocks of the test rows.

    Args:
        test: rows that no model was trained on, shape (n, columns), n >= 2 rows.
        rows: of a block.
        seed: of the splits.

    Returns:
        Measure -> [low, high]; empty where blocks are too small for the measures.
    """
    from scipy.stats import t

    rng = np.random.default_rng([seed, 5])
    measured = []
    for _ in range(SPLITS):
        order = rng.permutation(len(test))
        measured.append(spread(test[order[:rows]], test[order[rows : 2 * rows]], seed))
    width = float(t.ppf(0.975, SPLITS - 1)) * np.sqrt(1 + 1 / SPLITS)
    intervals = {}
    for name in measured[0]:
        values = np.array([each[name] for each in measured])
        margin = width * values.std(ddof=1)
        intervals[name] = [float(values.mean() - margin), float(values.mean() + margin)]
    return intervals


def shown_by(real: Blocks, law: KnownLaw, config: Evaluate) -> dict[str, Any]:
    """Measure what a verdict on so many rows of this name shows, a table as `known_power` returns.

    On the two blocks of real rows: both the real control and every model's verdict look it up.
    """
    rows = np.concatenate([real.judged.rows, real.encoded.rows])
    others = int(law.moments is not None)  # the test against the closed form
    settings = config.settings(config.permutations)
    power = power_of(rows, len(real.judged.rows), settings, others, tuple(REQUIRED))
    return as_table(power, rows.shape[1], "rows of this name")


def reference(
    train: Rows, real: Blocks, law: KnownLaw, config: Evaluate, power: Mapping[str, Any]
) -> dict[str, Any]:
    """Judge real rows and the baselines as a model's rows are judged.

    Args:
        train: rows that the baselines learn from.
        real: blocks of rows that they do not.
        law: what is known of them.
        config: how to judge.
        power: of `shown_by`.

    Returns:
        control: verdict, moments, reconstruction (each row "reconstructed" as another real row)
        and diversity of one real block against the other; baselines: name -> verdict, moments and
        diversity;
        explained: share of the held-out variance that a linear autoencoder explains with a code
        of 1, 2, ... dimensions.
    """
    judged, control = real.judged.rows, real.encoded.rows
    known: dict[str, Any] = {"train": train, "law": law, "calibration": lambda: power}
    baselines = {}
    for place, (name, draw) in enumerate(BASELINES.items()):
        rows = draw(train, len(judged), np.random.default_rng([config.seed, place]))
        settings = config.settings(config.part_permutations)
        baselines[name] = judge(judged, rows, settings, **known).to_dict() | {
            "moments": moments_of_cells(judged, rows, config.resolution),
            "diversity": spread(judged, rows, config.seed),
        }
    settings = config.settings(config.permutations)
    return {
        "control": judge(judged, control, settings, **known).to_dict()
        | {
            "moments": moments(judged, control, config.resolution),
            "reconstruction": errors(judged, control),
            "diversity": spread(judged, control, config.seed),
        },
        "baselines": baselines,
        "explained": linear_bound(train, control),
    }


def linear_bound(train: Rows, held_out: Rows) -> list[float]:
    """Share of the variance of held-out rows that the first k principal axes explain.

    Of all linear autoencoders with a code of k dimensions, this one is best on the training rows
    (Baldi & Hornik, 1989). In the data's units, as the reconstruction of a model.
    """
    mean = train.mean(axis=0, dtype=np.float64)
    axes = _principal_axes(train, mean)[:SPECTRUM]
    explained = ((held_out - mean) @ axes.T) ** 2
    left = ((held_out - mean) ** 2).sum() - explained.sum(axis=0).cumsum()
    about_mean = ((held_out - held_out.mean(axis=0, dtype=np.float64)) ** 2).sum()
    return [float(1 - each / about_mean) if about_mean else 0.0 for each in left]


def _principal_axes(train: Rows, mean: Array) -> Array:
    """Right singular vectors of the centred rows, the largest singular value first.

    Of many rows from sums of products, shape (columns, columns), which take one pass.
    """
    if train.size <= CELLS or len(train) <= train.shape[1]:
        return np.asarray(np.linalg.svd(train - mean, full_matrices=False)[2])
    products = np.zeros((train.shape[1], train.shape[1]))
    for block in row_blocks(*train.shape):
        rows = train[block] - mean
        products += rows.T @ rows
    return np.asarray(np.linalg.eigh(products)[1].T[::-1])
