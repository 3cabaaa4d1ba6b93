"""Columns that share one marginal law: their parameters can be shared too."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Labels

# Quantile bins: more see finer differences of laws, but their cells must hold several rows each.
BINS = 20
# Of each test. A wrong split costs columns some precision of what they share, a missed one gives
# them a law that is not theirs. With 784 columns of one law, a level of 0.05 would split often.
LEVEL = 1e-3
ROUNDS = 20  # of 2-means at most: it stops by itself after a few

Groups = NDArray[np.int64]


def column_groups(rows: NDArray[np.floating]) -> Groups:
    """Group columns whose marginal laws cannot be told apart.

    Cells are counted in `BINS` pooled quantiles; where Pearson's chi-squared test of homogeneity
    rejects, 2-means on the columns' shares splits them, and each part is looked at alone. Columns
    that depend on one another positively only make the test milder.

    Args:
        rows: shape (rows, columns).

    Returns:
        A group for each column, numbered by first occurrence, shape (columns,).
    """
    groups = np.empty(rows.shape[1], dtype=np.int64)
    for place, columns in enumerate(_parts(rows, np.arange(rows.shape[1]))):
        groups[columns] = place
    _, first = np.unique(groups, return_index=True)
    return np.argsort(np.argsort(first))[groups].astype(np.int64)


def leaders(rows: NDArray[np.floating], labels: Labels, groups: Groups) -> Groups:
    """Groups that are one in a class: in each class, the first group that each is one with.

    Columns may differ in one class of rows alone. In the others their groups share parameters, too:
    else what is one number all along a row would come out as one for each group.

    Args:
        rows: shape (rows, columns); labels: classes of the rows, from 0, shape (rows,).
        groups: of all rows, as `column_groups` gives them.

    Returns:
        Numbers of groups, shape (classes, groups).
    """
    number = int(groups.max()) + 1
    found = np.tile(np.arange(number), (int(labels.max()) + 1, 1))
    for label, led in enumerate(found):
        inside = rows[labels == label]
        parts = column_groups(inside) if len(inside) else np.arange(rows.shape[1])
        where = [np.unique(parts[groups == group]) for group in range(number)]
        for group, part in enumerate(where):
            if len(part) == 1:
                led[group] = min(k for k, other in enumerate(where) if np.array_equal(part, other))
    return found


def united(leaders: Groups, groups: Groups) -> Groups:
    """Groups, those that are one in any class joined: the columns that have to share their units.

    Args:
        leaders: as `leaders` gives them; groups: the group of each column.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    classes, number = leaders.shape
    pairs = np.tile(np.arange(number), classes), leaders.ravel()
    together = coo_array((np.ones(leaders.size), pairs), shape=(number, number))
    joined = connected_components(together, directed=False)[1]
    return np.asarray(joined, dtype=np.int64)[groups]


def _parts(rows: NDArray[np.floating], columns: Groups) -> Iterator[Groups]:
    waiting = [columns]
    while waiting:
        columns = waiting.pop()
        counts = _counts(rows[:, columns])
        if len(columns) > 1 and not _homogeneous(counts):
            second = _two_means(counts / len(rows))
            waiting += [columns[~second], columns[second]]
        else:
            yield columns


def _counts(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Count the cells of each column in pooled quantiles, shape (columns, bins)."""
    edges = np.unique(np.quantile(rows, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    size = len(edges) + 1
    counts = [np.bincount(np.searchsorted(edges, each), minlength=size) for each in rows.T]
    return np.array(counts, dtype=float)


def _homogeneous(counts: NDArray[np.float64]) -> bool:
    from scipy.stats import chi2_contingency

    counts = counts[:, counts.any(axis=0)]
    return bool(chi2_contingency(counts, correction=False).pvalue >= LEVEL)


def _two_means(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Split in two, from the sign of the first singular vector; neither part is empty."""
    centred = shares - shares.mean(axis=0)
    score = np.linalg.svd(centred, full_matrices=False)[0][:, 0]
    second = score > 0
    for _ in range(ROUNDS):
        centres = [shares[part].mean(axis=0) for part in (~second, second)]
        away = [((shares - centre) ** 2).sum(axis=1) for centre in centres]
        nearer = away[1] < away[0]
        if nearer.all() or not nearer.any() or (nearer == second).all():
            break
        second = nearer
    return second
