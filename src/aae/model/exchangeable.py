"""May columns share their parameters? Only where they can be permuted within rows unseen."""

import numpy as np
from numpy.typing import NDArray

# Columns a group, on average, from which sharing pays: few columns have few parameters.
SHARING = 10
MOST_COLUMNS = 256  # looked at, evenly spaced: their number squared is what it costs
PERMUTATIONS = 19
# Standard deviations of the permuted rows' statistics above their mean. It is right-skewed, hence
# far from the normal law's quantiles; dependences of real tables are hundreds away.
LEVEL = 8.0


def exchangeable(rows: NDArray[np.floating], groups: NDArray[np.int64], seed: int = 0) -> bool:
    """Whether the columns of each group are exchangeable within rows, and groups are large.

    Equal marginal laws are not enough: pixels have them and depend on their neighbours. Where the
    columns of a group are exchangeable, all pairs of columns of two groups have one correlation in
    common. The statistic is the sum of squared deviations from it; the null law comes from
    permuting each row's cells within groups, which exchangeable columns do not show.

    Args:
        rows: shape (rows, columns).
        groups: of the columns, by their marginal laws, see `aae.model.column_groups`.
        seed: of the permutations.
    """
    from scipy.stats import rankdata

    varying = np.flatnonzero(np.ptp(rows, axis=0) > 0)
    count = len(np.unique(groups[varying]))
    if len(varying) < SHARING * max(count, 1):
        return False
    step = -(-len(varying) // MOST_COLUMNS)
    columns = varying[::step]
    _, members = np.unique(groups[columns], return_inverse=True)
    ranks = np.empty((len(rows), len(columns)), dtype=np.float32)
    for place, column in enumerate(columns):
        ranks[:, place] = rankdata(rows[:, column])
    rng = np.random.default_rng([seed, 4])
    null = [spread(permuted(ranks, members, rng), members) for _ in range(PERMUTATIONS)]
    return bool(spread(ranks, members) <= np.mean(null) + LEVEL * np.std(null))


def permuted(
    ranks: NDArray[np.float32], members: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Rows with their cells permuted within each group, each row by itself."""
    result = np.empty_like(ranks)
    for group in range(members.max() + 1):
        columns = np.flatnonzero(members == group)
        result[:, columns] = rng.permuted(ranks[:, columns], axis=1)
    return result


def spread(ranks: NDArray[np.float32], members: NDArray[np.int64]) -> float:
    """Sum of squares of the correlations about the mean of their pair of groups."""
    scale = ranks.std(axis=0)
    standardised = (ranks - ranks.mean(axis=0)) / np.where(scale > 0, scale, 1)
    correlations = standardised.T @ standardised / len(ranks)
    np.fill_diagonal(correlations, np.nan)
    total = 0.0
    for one in range(members.max() + 1):
        for other in range(one + 1):
            block = correlations[np.ix_(members == one, members == other)]
            if np.isfinite(block).any():
                total += float(np.nansum(np.square(block - np.nanmean(block))))
    return total
