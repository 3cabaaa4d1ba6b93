"""Gradient-boosted trees that tell two samples apart, without a library that is slow to load."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array

TREES, LEAVES, RATE = 60, 15, 0.1
LEAF_ROWS = 20  # fewest rows of a leaf
BINS = 64  # of a feature, between quantiles of the learning rows
CURVATURE = 1e-3  # least of a leaf

Bins = NDArray[np.intp]


class Split(NamedTuple):
    """Rows of a leaf that are in bins above `cut` of a feature become a leaf of their own."""

    leaf: int
    feature: int
    cut: int


@dataclass(frozen=True)
class Tree:
    """A tree: its k-th split makes leaf k + 1.

    Attributes:
        splits: in the order in which they were made.
        values: of the leaves.
    """

    splits: list[Split]
    values: Array

    def scores(self, bins: Bins) -> Array:
        """Return each row's value, given its bins, shape (features, rows)."""
        leaf = np.zeros(bins.shape[1], dtype=np.intp)
        for made, split in enumerate(self.splits, 1):
            leaf[(leaf == split.leaf) & (bins[split.feature] > split.cut)] = made
        return np.asarray(self.values[leaf])


@dataclass(frozen=True)
class Boosted:
    """A sum of trees.

    Attributes:
        edges: of each feature's bins.
        trees: in the order in which they were fitted.
    """

    edges: list[Array]
    trees: list[Tree]

    def scores(self, rows: Array) -> Array:
        """Score rows, shape (rows, features): higher for those that look like the first sample."""
        bins = _bins(rows, self.edges)
        return np.asarray(sum(tree.scores(bins) for tree in self.trees))


def boosted(rows: Array, first: NDArray[np.bool_]) -> Boosted:
    """Fit the logistic loss by Newton steps, one tree a step (Friedman 2001).

    A tree splits its leaves one by one, that first whose split adds most to the sum over leaves of
    (sum of residuals)^2 / rows, until it has `LEAVES` (Shi 2007).

    Args:
        rows: shape (rows, features).
        first: whether a row is of the first sample, shape (rows,).
    """
    edges = [_edges(column) for column in rows.T]
    bins = _bins(rows, edges)
    cells = np.ascontiguousarray((bins + BINS * np.arange(len(bins))[:, None]).T)
    score = np.full(len(rows), np.log(max(1, first.sum()) / max(1, (~first).sum())))
    trees = []
    for _ in range(TREES):
        chance = 1 / (1 + np.exp(-score))
        tree = _tree(bins, cells, first - chance, chance * (1 - chance))
        score += tree.scores(bins)
        trees.append(tree)
    return Boosted(edges, trees)


def _edges(column: Array) -> Array:
    """Return cuts between the quantiles of a column, at most BINS - 1."""
    ordered = np.sort(column)
    at = (np.arange(1, BINS) * len(ordered)) // BINS
    return np.unique((ordered[at - 1] + ordered[at]) / 2)


def _bins(rows: Array, edges: list[Array]) -> Bins:
    columns = zip(edges, np.asfortranarray(rows).T, strict=True)
    return np.stack([np.searchsorted(each, column) for each, column in columns])


class _Leaf(NamedTuple):
    """Rows of a leaf, their `_table`, and what its best split gains, at which cell."""

    rows: Bins
    table: Array
    gain: float
    cell: int


def _tree(bins: Bins, cells: Bins, residual: Array, curvature: Array) -> Tree:
    every = np.arange(len(residual))
    leaves = [_leaf(every, _table(cells, residual))]
    splits: list[Split] = []
    while len(leaves) < LEAVES:
        best = max(range(len(leaves)), key=lambda place: leaves[place].gain)
        if leaves[best].gain <= 0:
            break
        rows, table, _, cell = leaves[best]
        split = Split(best, *divmod(cell, BINS))
        right = bins[split.feature, rows] > split.cut
        sides = [rows[~right], rows[right]]
        small = int(len(sides[1]) < len(sides[0]))
        own = _table(cells[sides[small]], residual[sides[small]])
        tables = (table - own, own) if small else (own, table - own)
        leaves[best], other = (_leaf(*each) for each in zip(sides, tables, strict=True))
        leaves.append(other)
        splits.append(split)
    sums = [(residual[leaf.rows].sum(), curvature[leaf.rows].sum()) for leaf in leaves]
    return Tree(splits, np.array([RATE * one / max(two, CURVATURE) for one, two in sums]))


def _table(cells: Bins, residual: Array) -> Array:
    """Sum residuals, and count rows, of each bin of each feature: (2, features, bins)."""
    number = BINS * cells.shape[1]
    weights = np.repeat(residual, cells.shape[1])
    sums, counts = (
        np.bincount(cells.ravel(), weights, number),
        np.bincount(cells.ravel(), None, number),
    )
    return np.stack([sums, counts.astype(float)]).reshape(2, -1, BINS)


def _leaf(rows: Bins, table: Array) -> _Leaf:
    """Find the best split of a leaf; none gains where a side would have too few rows."""
    if len(rows) < 2 * LEAF_ROWS:
        return _Leaf(rows, table, 0.0, 0)
    left, below = np.cumsum(table, axis=2)
    total, above = left[0, -1], len(rows) - below
    gain = left**2 / np.maximum(below, 1)
    gain += (total - left) ** 2 / np.maximum(above, 1)
    gain[np.minimum(below, above) < LEAF_ROWS] = 0.0
    cell = int(gain.argmax())
    return _Leaf(rows, table, float(gain.flat[cell] - total**2 / len(rows)), cell)
