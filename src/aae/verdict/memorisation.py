"""Memorisation: are generated rows closer to the training rows than to fresh ones?"""

import numpy as np
from numpy.typing import NDArray

from aae.verdict.battery import Outcome, permutation_outcome
from aae.verdict.effects import Array, distances, spread_of, subsample
from aae.verdict.pooling import Labels, permuted_labels

GENERATED_ROWS = 2000
REFERENCE_ROWS = 2000  # hold-out rows at most
TRAIN_RATIO = 4  # training rows at most, for each hold-out row
DEPTH = 12  # nearest rows looked at, times the ratio of the two sets
FLOOR = 1e-5  # of the median nearest distance: a copy is not infinitely near


def memorisation(
    generated: NDArray[np.floating],
    train: NDArray[np.floating],
    holdout: NDArray[np.floating],
    *,
    permutations: int,
    seed: int = 0,
) -> Outcome:
    """Test whether generated rows lie nearer to training rows than to hold-out rows.

    S = mean over generated rows g of log d(g, nearest hold-out row) - log d(g, nearest training
    row), after z-scoring with the statistics of both sets. A generator that knows training rows
    only through their law sees both sets alike, so permuting their labels is exact (Phipson &
    Smyth 2010) whether or not its law is right. Large S: copies, jittered ones too. It is no
    guarantee of privacy.

    Of each generated row only the `DEPTH` (times the ratio of the sets) nearest rows count; where
    none of them is of one set, the last one's distance stands for it.

    Args:
        generated: shape (m, columns); at most `GENERATED_ROWS` drawn rows are used.
        train: rows that the generator learned from; at most `TRAIN_RATIO` for a hold-out row.
        holdout: rows of the same law that it did not, at most `REFERENCE_ROWS` used.
        permutations: how many.
        seed: decides the draws and the permutations.
    """
    rng = np.random.default_rng(seed)
    generated = subsample(generated, GENERATED_ROWS, rng)
    holdout = subsample(holdout, REFERENCE_ROWS, rng)
    train = subsample(train, TRAIN_RATIO * len(holdout), rng)
    labels = np.repeat(np.array([1, 0], dtype=np.int8), [len(train), len(holdout)])
    order = rng.permutation(len(labels))  # ties between neighbours are broken by position
    known = np.concatenate([train, holdout], dtype=float)[order]
    permuted = permuted_labels(labels[order], permutations, rng)
    near, rows = _nearest_logs(np.asarray(generated, dtype=float), known, _depth(labels))
    return permutation_outcome(_log_ratio(near, rows, permuted == 1))


def _depth(labels: NDArray[np.int8]) -> int:
    rarer = min(labels.sum(dtype=int), len(labels) - labels.sum(dtype=int))
    return min(len(labels), DEPTH * len(labels) // (2 * int(rarer)) + DEPTH)


def _nearest_logs(x: Array, known: Array, depth: int) -> tuple[Array, NDArray[np.intp]]:
    """Return log distances to the nearest known rows, ascending, and which rows these are."""
    centre, scale = known[0], spread_of(known)
    away = distances((x - centre) / scale, (known - centre) / scale)
    rows = np.argpartition(away, depth - 1, axis=1)[:, :depth]
    order = np.argsort(np.take_along_axis(away, rows, axis=1), axis=1, kind="stable")
    rows = np.take_along_axis(rows, order, axis=1)
    away = np.take_along_axis(away, rows, axis=1)
    positive = away[:, 0][away[:, 0] > 0]
    floor = FLOOR * (np.median(positive) if len(positive) else 1.0)
    return np.log(np.maximum(away, floor)), rows


def _log_ratio(near: Array, rows: NDArray[np.intp], train: NDArray[np.bool_]) -> Array:
    """Return S for each labelling; `train` has shape (known rows, B + 1)."""
    logs = near.astype(np.float32)
    to_train = np.repeat(logs[:, -1:], train.shape[1], axis=1)
    to_holdout: Labels = to_train.copy()
    for place in range(rows.shape[1] - 1, -1, -1):  # from far to near: the nearest stays
        mine = train[rows[:, place]]
        np.copyto(to_train, logs[:, place, None], where=mine)
        np.copyto(to_holdout, logs[:, place, None], where=~mine)
    return np.asarray((to_holdout - to_train).mean(axis=0, dtype=float))
