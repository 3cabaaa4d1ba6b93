"""Rows that repeat rows: each other, or training rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, distances, row_blocks, spread_of, subsample
from aae.verdict.tails import log_binomial_above

RESOLUTION = 1e-4  # root mean square difference, in standard deviations, of rows that are the same
TRAIN_ROWS = 100_000  # most training rows in which copies are looked for
DIRECTIONS = 8  # in which rows are compared first
ATOMS = 0.05  # share of unseen rows that are repeats from which a law counts as discrete
REPEAT_ROWS = 2000  # a side in which rows are compared with each other
BUNDLES = 1.4  # variance over mean of (c - 1)+ where c has a Poisson law, at most
MIRACLE = 1e-6  # chance of a false alarm of `duplicates`
TIMES, CHANCE = 3, 1e-3  # copies show where they exceed so many times the unseen rows' repeats


def copied_rows(
    sides: Sequence[NDArray[np.floating]], train: NDArray[np.floating], rng: np.random.Generator
) -> list[int]:
    """Count the training rows that rows of each side repeat, up to `RESOLUTION`.

    Of each row the nearest training row within `DIRECTIONS` random directions is looked at, out of
    at most `TRAIN_ROWS` drawn ones: a copy is next to its row in any direction. A training row
    counts once: that many rows repeat one of the law's atoms says nothing.

    Args:
        sides: rows, each of shape (n, columns).
        train: shape (m, columns).
        rng: draws rows and directions.
    """
    from scipy.spatial import KDTree

    train = subsample(train, TRAIN_ROWS, rng)
    scale, reach = spread_of(train), RESOLUTION * np.sqrt(train.shape[1])
    axes = rng.normal(size=(len(scale), min(DIRECTIONS, len(scale))))
    axes = np.linalg.qr(axes)[0] / scale[:, None]
    tree = KDTree(_projected(train, train[0], axes), balanced_tree=False, compact_nodes=False)
    counts = []
    for rows in sides:
        away, nearest = tree.query(_projected(rows, train[0], axes), distance_upper_bound=2 * reach)
        near = np.isfinite(away)
        gap = (np.asarray(rows[near], dtype=float) - train[nearest[near]]) / scale
        counts.append(len(np.unique(nearest[near][np.linalg.norm(gap, axis=1) <= reach])))
    return counts


def _projected(rows: NDArray[np.floating], centre: NDArray[np.floating], axes: Array) -> Array:
    blocks = row_blocks(*rows.shape)
    return np.concatenate([(np.asarray(rows[each], float) - centre) @ axes for each in blocks])


def fewest_copies(unseen: int, rows: tuple[int, int]) -> int:
    """Return how many training rows generated ones must repeat to count as copies.

    Honest generators repeat some as well, up to `TIMES` as often as unseen rows of the real law if
    they are so much off it. As many as exceed that with chance `CHANCE` (binomial tail) show
    copies; none do where unseen rows are repeats by more than `ATOMS`.

    Args:
        unseen: training rows that hold-out rows repeat.
        rows: generated and hold-out rows that were looked at.
    """
    never = rows[0] + 1
    if unseen > ATOMS * rows[1]:
        return never
    share = TIMES * rows[0] / (TIMES * rows[0] + rows[1])
    copies = np.arange(never + 1)
    return int(
        np.argmax(log_binomial_above(copies, copies + unseen, share) < np.log(CHANCE)) or never
    )


def duplicates(
    real: NDArray[np.floating], generated: NDArray[np.floating], resolution: float
) -> list[str]:
    """Check that generated rows do not repeat each other where real ones do not.

    As many rows of each side, so that chance coincidences are as many: of all repeats, each is a
    generated row with chance 1/2 for rows of one law, and the binomial tail of their number has to
    be below `MIRACLE`. They come in bundles, whose number has `BUNDLES` times a Poisson law's
    variance at most: both counts are divided by that. Where more than `ATOMS` of the real rows are
    repeats, the law counts as discrete. Rows are repeats where their root mean square difference,
    in standard deviations of the columns, is below `resolution`.

    Args:
        real: rows in random order, shape (n, columns); generated: shape (m, columns).
        resolution: as in `aae.verdict.rounding.rounded`.
    """
    rows = min(len(real), len(generated), REPEAT_ROWS)
    scale = spread_of(real)
    counts = []
    for side in (real[:rows] / scale, generated[:rows] / scale):
        near = distances(side, side) <= resolution * np.sqrt(side.shape[1])
        counts.append(int(np.tril(near, -1).any(axis=1).sum()))
    own, made = (count / BUNDLES for count in counts)
    if counts[0] > ATOMS * rows or log_binomial_above(made, np.ceil(own + made), 0.5) >= np.log(
        MIRACLE
    ):
        return []
    said = f"{counts[1]} of {rows} (real rows: {counts[0]} of {rows})"
    return [f"generated rows repeat each other: {said}"]
