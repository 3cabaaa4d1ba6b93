"""Generated rows beside real ones: which columns and pairs differ, and arrays that show it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows
from aae.verdict.column_differences import column_differences
from aae.verdict.effects import distances, spread_of, subsample
from aae.verdict.judge import Settings
from aae.verdict.pair_differences import pair_differences
from aae.verdict.pooling import make_pool
from aae.verdict.rounding import rounded

NAMED = 10  # columns, and pairs of columns, whose numbers are kept
DRAWN_COLUMNS, DRAWN_PAIRS, POINTS = 4, 2, 200  # of them for pictures; points a side
LEVELS = np.linspace(0.005, 0.995, 100)  # of quantiles
CORRELATED = 24  # columns of a picture of correlations, evenly spaced
LEARNED_ROWS = 4000  # training rows at most that distances are measured to

Array = NDArray[Any]


def named_differences(
    real: Rows, generated: Rows, settings: Settings, rejecting: Sequence[str]
) -> dict[str, Any]:
    """Name the columns and pairs that differ, each list at the verdict's level, worst first.

    Args:
        real, generated: shapes (n, columns), (m, columns); columns are called x0, x1, ...
        settings: permutations, level, seed and resolution.
        rejecting: tests of the verdict; without any, nothing is named.

    Returns:
        columns, pairs: `ColumnDifference` and `PairDifference` as mappings, `NAMED` at most; and
        how many there are of both, `of_columns` and `of_pairs`.
    """
    if not rejecting:
        return {"columns": [], "pairs": [], "of_columns": 0, "of_pairs": 0}
    pool = make_pool(
        *rounded(real, generated, settings.resolution), settings.permutations, settings.seed
    )
    names = [f"x{column}" for column in range(real.shape[1])]
    columns = column_differences(pool, real, generated, names, settings.alpha)
    pairs = pair_differences(pool, real, generated, names, settings.alpha)
    return {
        "columns": [asdict(each) for each in columns[:NAMED]],
        "pairs": [asdict(each) for each in pairs[:NAMED]],
        "of_columns": len(columns),
        "of_pairs": len(pairs),
    }


def contrasts(
    real: Rows, generated: Rows, train: Rows, named: dict[str, Any], seed: int
) -> dict[str, Array]:
    """Collect what pictures of the differences need; the first axis is real, generated.

    Args:
        real, generated: shapes (n, columns), (m, columns).
        train: training rows, shape (t, columns).
        named: of `named_differences`.
        seed: decides which points and training rows are taken.

    Returns:
        quantiles: of all cells, shape (2, levels); column_quantiles: of the worst columns, shape
        (2, worst, levels); pair_points: of the worst pairs, shape (2, pairs, points, 2);
        correlations: between evenly spaced columns, shape (2, columns, columns);
        neighbour_distances: quantiles over rows of the distance to the nearest training row, in
        standard deviations of the columns and divided by sqrt(columns), shape (2, levels).
    """
    rng = np.random.default_rng(seed)
    sides = real, generated
    columns = [_position(each["name"]) for each in named["columns"][:DRAWN_COLUMNS]]
    pairs = [[*map(_position, each["names"])] for each in named["pairs"][:DRAWN_PAIRS]]
    spaced = np.unique(np.linspace(0, real.shape[1] - 1, CORRELATED).astype(int))
    known, points = subsample(train, LEARNED_ROWS, rng), min(POINTS, len(real), len(generated))
    drawn = [subsample(rows, points, rng) for rows in sides]
    arrays = {
        "quantiles": [np.quantile(rows, LEVELS) for rows in sides],
        "column_quantiles": [np.quantile(rows[:, columns], LEVELS, axis=0).T for rows in sides],
        "pair_points": [
            np.reshape([rows[:, pair] for pair in pairs], (len(pairs), points, 2)) for rows in drawn
        ],
        "correlations": [_correlations(rows[:, spaced]) for rows in sides],
        "neighbour_distances": _nearest(sides, known),
    }
    return {name: np.asarray(each, dtype=np.float32) for name, each in arrays.items()}


def law_density(law: dict[str, Any], edges: Array) -> dict[str, Array]:
    """Return the law's density of all cells in each bin as `law_density`; nothing if unknown.

    The outermost bins hold whatever lies beyond, as those of the histograms do.
    """
    if not law["cdf"]:
        return {}
    values, shares = (np.array(law["cdf"][name]) for name in ("values", "shares"))
    if law["atoms"]:
        below = np.concatenate([[0.0], shares])[np.searchsorted(values, edges, side="left")]
    else:
        below = np.interp(edges, values, shares)
    below[0], below[-1] = 0.0, 1.0
    return {"law_density": np.asarray(np.diff(below) / np.diff(edges), dtype=np.float32)}


def _position(name: str) -> int:
    return int(name.removeprefix("x"))


def _correlations(rows: Rows) -> Array:
    """Correlation matrix; 0 beside a constant column."""
    z = (rows - rows.mean(axis=0, dtype=float)) / spread_of(rows)
    return np.asarray(z.T @ z / len(z))


def _nearest(sides: Sequence[Rows], known: Rows) -> list[Array]:
    scale = spread_of(known) * np.sqrt(known.shape[1])
    return [
        np.quantile(distances(rows / scale, known / scale).min(axis=1), LEVELS) for rows in sides
    ]
