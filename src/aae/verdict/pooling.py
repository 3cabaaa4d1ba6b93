"""Two samples pooled: shuffled, z-scored, in groups of rows whose labels are permuted."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import QUADRATIC_ROWS, Array, row_summaries, spread_of
from aae.verdict.kernels import Kernels, kernels

ALL_CELLS = 8_000_000  # most pooled cells that the tests of columns look at; 64 MB a copy
GROUPS = 250  # least number of groups of the smaller sample, where it has as many rows
MOST_GROUPS = 4000  # of both samples
Labels = NDArray[np.float32]
Places = NDArray[np.intp]


def thin(
    x: NDArray[Any], y: NDArray[Any], rows: int, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Draw at most that many pooled rows, in random order, see `thinned_places`."""
    first, second = thinned_places(len(x), len(y), rows, rng)
    return x[first], y[second]


def thinned_places(n: int, m: int, rows: int, rng: np.random.Generator) -> tuple[Places, Places]:
    """Draw positions of at most that many of n and m rows: half a side, or what is left over."""
    most_x, most_y = max(rows // 2, rows - m), max(rows - rows // 2, rows - n)
    return rng.permutation(n)[:most_x], rng.permutation(m)[:most_y]


def pooled_rows(columns: int) -> int:
    """Return how many pooled rows of so many columns the tests of columns look at."""
    return max(QUADRATIC_ROWS, ALL_CELLS // columns)


def permuted_labels(
    observed: NDArray[np.integer], permutations: int, rng: np.random.Generator
) -> Labels:
    """Return the observed labels, then permutations of them: shape (rows, permutations + 1)."""
    labels = np.tile(observed.astype(np.int8), (permutations + 1, 1))
    labels[1:] = rng.permuted(labels[1:], axis=1)
    return np.ascontiguousarray(labels.T, dtype=np.float32)


@dataclass(frozen=True)
class Grouping:
    """Rows in groups of one size, each of one sample; labels are permuted among whole groups.

    Groups are drawn at random within each sample. Permutations of whole groups are a group of
    permutations of the rows, under which rows of one law are distributed as they were: a test that
    compares the observed statistic with those of random members of it is exact (Hemerik & Goeman
    2018, theorem 2), as with permutations of single rows. The work on a labelling shrinks by the
    size of a group; with `GROUPS` groups in the smaller sample, the null distribution's spread is
    known as well as from as many rows, so that hardly any power is lost.

    Attributes:
        order: positions of the rows in the pooled sample, shape (size * groups,): the group of the
            i-th is i modulo the number of groups.
        labels: 1 where a group is of the first sample, shape (groups, permutations + 1); column 0
            is what was observed.
    """

    order: NDArray[np.intp]
    labels: Labels

    @property
    def size(self) -> int:
        """Rows of a group."""
        return len(self.order) // len(self.labels)

    def sums(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Sum scores of the first rows in this order: (rows, ...) to (groups, ...)."""
        return np.asarray(scores.reshape(-1, len(self.labels), *scores.shape[1:]).sum(axis=0))


def grouping(n: int, m: int, permutations: int, rng: np.random.Generator) -> Grouping:
    """Group the rows of two samples that lie one after the other.

    The size of a group is that which leaves the smaller sample `GROUPS` groups at least. Of each
    sample, rows that fill no group are left out (fewer than 1 in `GROUPS`), and of a sample 7
    times larger than the other or more, what exceeds `MOST_GROUPS` groups of both.

    Args:
        n: rows of the first sample; m: of the second.
        permutations: how many besides what was observed.
        rng: decides groups and permutations.
    """
    size = max(1, min(n, m) // GROUPS)
    first, second = n // size, m // size
    first, second = (
        min(each, max(MOST_GROUPS // 2, MOST_GROUPS - other))
        for each, other in ((first, second), (second, first))
    )
    rows = rng.permutation(n)[: first * size].reshape(size, first)
    others = n + rng.permutation(m)[: second * size].reshape(size, second)
    place = rng.permutation(first + second)
    labels = permuted_labels((place < first).astype(np.int8), permutations, rng)
    return Grouping(np.hstack([rows, others])[:, place].ravel(), labels)


@dataclass(frozen=True, eq=False)  # hashed by identity: what was found is kept, not found again
class Pool:
    """Two samples as every test sees them.

    Attributes:
        all_rows: z-scored pooled rows in random order, shape (rows, columns), column by column in
            memory; the i-th is of group i modulo the number of groups.
        grouping: the groups, and their labels under all permutations: one matrix for all tests.
        seed: of what a test draws itself.
    """

    all_rows: Array
    grouping: Grouping
    seed: int

    @property
    def group_labels(self) -> Labels:
        """1 where a group of rows is real, shape (groups, permutations + 1)."""
        return self.grouping.labels

    @cached_property
    def all_labels(self) -> Labels:
        """1 where a row of `all_rows` is real, shape (rows,)."""
        return np.tile(self.group_labels[:, 0], self.grouping.size)

    @cached_property
    def z(self) -> Array:
        """Rows of which every pair is looked at: some of each group, shape (rows, columns)."""
        groups = len(self.group_labels)
        kept = groups * max(1, min(len(self.all_rows), QUADRATIC_ROWS) // groups)
        rows = np.ascontiguousarray(self.all_rows[:kept])
        return np.asarray(rows - rows.mean(axis=0))

    @cached_property
    def labels(self) -> Labels:
        """1 where a row of `z` is real, shape (rows, permutations + 1)."""
        return np.tile(self.group_labels, (len(self.z) // len(self.group_labels), 1))

    @cached_property
    def kernels(self) -> Kernels:
        """Kernels of all pairs of rows of `z`, summed over groups."""
        return kernels(self.z, len(self.group_labels), self.seed)

    @cached_property
    def summaries(self) -> Array:
        """`row_summaries` of `z`, shape (rows, 13)."""
        return row_summaries(self.z)


def make_pool(
    x: NDArray[np.floating], y: NDArray[np.floating], permutations: int, seed: int
) -> Pool:
    """Pool two samples: group the rows, z-score with pooled statistics, permute the labels.

    Args:
        x: real rows, shape (n, columns), already `rounded`; y: generated rows, (m, columns).
        permutations: how many besides what was observed.
        seed: decides the order, the groups and the permutations.
    """
    groups = grouping(len(x), len(y), permutations, np.random.default_rng(seed))
    joined = np.empty((len(groups.order), x.shape[1]), order="F")
    for column in range(x.shape[1]):
        values = np.concatenate([x[:, column], y[:, column]], dtype=float)
        values -= np.median(x[:99, column])  # a constant column becomes 0 without rounding noise
        values = values[groups.order]
        joined[:, column] = values / spread_of(values[:, None])
    if not np.isfinite(joined).all():
        raise ValueError("expected finite rows whose squares are finite, got NaN or overflow")
    return Pool(joined, groups, seed)
