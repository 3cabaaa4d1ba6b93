"""Test of all pairs of columns: does one depend on another otherwise than in real rows?"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.outcome import Outcome, permutation_outcome
from aae.verdict.permutation import largest_standardised
from aae.verdict.pooling import Labels, Pool, permuted_labels
from aae.verdict.ranks import NEGLIGIBLE, legendre_scores, unit

PRODUCT_CELLS = 16_000_000  # most groups x products where each product is tested; 64 MB
CHOSEN = 200  # products tested where there are more
DEGREE_COLUMNS = 1500  # of more columns only the products of degree 1 are looked at
BLOCK = 512  # scores whose products with all others are looked at at a time
GRAM_CELLS = 1_000_000  # inner products of all groups' scores at a time

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Products:
    """Products of two columns' scores, see `legendre_scores`, as positions of the scores.

    Attributes:
        left, right: shape (products,); the left column comes first in the table.
        z: difference of the products' means, real less generated, in standard errors.
    """

    left: Positions
    right: Positions
    z: Array


@dataclass(frozen=True)
class Tested:
    """Products that were tested, and what they were compared with.

    Attributes:
        left, right: positions of the scores, shape (products,); columns: of the table.
        z: |z| of each, or where products were chosen on other rows z in the direction found there.
        largest: of these for each labelling, the observed one first, shape (B + 1,).
        mean: mean of z^2, or of z in that direction, likewise.
    """

    left: Positions
    right: Positions
    columns: int
    z: Labels
    largest: Labels
    mean: Labels


def pairs(pool: Pool) -> Outcome:
    """Compare the dependence of each pair of columns, whatever the columns' own laws.

    The largest z of `tested_products` sees one pair, the mean many; by permutation of groups of
    whole rows, joined by `largest_standardised`.
    """
    tested = tested_products(pool)
    return joined(tested.largest, tested.mean)


_TESTED: WeakKeyDictionary[Pool, Tested] = WeakKeyDictionary()  # as long as the pool lives


def tested_products(pool: Pool) -> Tested:
    """Compare the means of products of two columns' scores between the samples; kept by the pool.

    Products P_a(x_j) P_b(x_k) of Legendre scores of degrees a, b = 1, 2 of the pooled ranks, for
    all j < k: degrees 1, 1 see a correlation; 1, 2 and 2, 1 a mean that bends with the other column
    or a spread that follows it; 2, 2 a circle.

    Where there are more products than `PRODUCT_CELLS`, the `CHOSEN` with the largest |z| on one
    half of the rows are tested on the other half, each in the direction that the first half shows.
    """
    if pool not in _TESTED:
        _TESTED[pool] = _tested(pool)
    return _TESTED[pool]


def _tested(pool: Pool) -> Tested:
    columns, labels = pool.all_rows.shape[1], pool.group_labels
    degrees = _degrees(columns)
    if len(labels) * degrees**2 * columns * (columns - 1) // 2 > PRODUCT_CELLS:
        return _tested_on_half(pool)
    scores = legendre_scores(pool.all_rows, degrees)
    left, right = _all_products(columns, degrees)
    z = standardised(_group_means(scores, left, right, len(labels)), labels)
    return Tested(left, right, columns, np.abs(z[0]), *sizes(z))


def standardised(means: Labels, labels: Labels) -> Labels:
    """Return differences of means, real less generated, in standard errors: (B + 1, scores).

    The standard error is that over all permutations of the groups; 0 where a score is constant.

    Args:
        means: of scores in each group, shape (groups, scores); overwritten.
        labels: 1 where a group is real, shape (groups, B + 1).
    """
    groups, first = len(labels), float(labels[:, 0].sum(dtype=float))
    z = labels.T @ unit(means, axis=0)
    z /= np.float32(np.sqrt(first * (groups - first) / (groups - 1)))
    return z


def sizes(z: Labels) -> tuple[Labels, Labels]:
    """Return the largest |z| and the mean of z^2 for each labelling, both of shape (B + 1,)."""
    square = np.einsum("ij,ij->i", z, z) / z.shape[1]
    return np.maximum(z.max(axis=1), -z.min(axis=1)), square


def joined(*statistics: Labels) -> Outcome:
    """Compare the `largest_standardised` of statistics of shape (B + 1,) with its permutations."""
    return permutation_outcome(largest_standardised(np.stack(statistics).astype(float)))


def learning_groups(labels: Labels) -> NDArray[np.bool_]:
    """Mark the first half of each sample's groups: a random half, as a pool's order is random.

    Args:
        labels: 1 where a group (or a row) is real, shape (groups,).
    """
    learn = np.zeros(len(labels), dtype=bool)
    for side in (labels == 1, labels != 1):
        learn[np.flatnonzero(side)[: side.sum() // 2]] = True
    return learn


def largest_products(scores: Labels, labels: Labels, columns: int, number: int) -> Products:
    """Return the products whose means differ most between two samples, largest |z| first.

    Args:
        scores: see `legendre_scores`, shape (degrees * columns, rows).
        labels: 1 for rows of the first sample, shape (rows,).
        columns: of the table.
        number: the most that are returned; products that do not vary never are.
    """
    sides = scores[:, labels == 1], scores[:, labels != 1]
    column = np.arange(len(scores)) % columns
    kept = []
    for start in range(0, len(scores), BLOCK):
        z = _mean_differences(*sides, slice(start, start + BLOCK))
        z[column[start : start + BLOCK, None] >= column] = 0.0
        kept.append(_largest(z, start, number))
    left, right, size = (np.concatenate(each) for each in zip(*kept, strict=True))
    order = np.argsort(-np.abs(size), kind="stable")[:number]
    return Products(left[order], right[order], size[order])


_LEARNED: WeakKeyDictionary[Pool, Products] = WeakKeyDictionary()


def learned_products(pool: Pool) -> Products:
    """Choose the `CHOSEN` largest products by the learning rows' labels; kept by the pool."""
    if pool not in _LEARNED:
        learn = np.tile(learning_groups(pool.group_labels[:, 0]), pool.grouping.size)
        columns = pool.all_rows.shape[1]
        scores = legendre_scores(pool.all_rows[learn], _degrees(columns))
        _LEARNED[pool] = largest_products(scores, pool.all_labels[learn], columns, CHOSEN)
    return _LEARNED[pool]


def _degrees(columns: int) -> int:
    return 2 if columns <= DEGREE_COLUMNS else 1


def _tested_on_half(pool: Pool) -> Tested:
    groups, columns = pool.group_labels[:, 0], pool.all_rows.shape[1]
    learn, chosen = learning_groups(groups), learned_products(pool)
    rng = np.random.default_rng([pool.seed, 1])
    number = pool.group_labels.shape[1] - 1
    labels = permuted_labels(groups[~learn].astype(np.int8), number, rng)
    z = np.zeros((number + 1, 1), dtype=np.float32)  # what is said where no product varies
    if len(chosen.z):
        rows = pool.all_rows[~np.tile(learn, pool.grouping.size)]
        used, place = np.unique(
            [chosen.left % columns, chosen.right % columns], return_inverse=True
        )
        degrees = np.stack([chosen.left, chosen.right]) // columns
        left, right = place.reshape(2, -1) + degrees * len(used)
        scores = legendre_scores(rows[:, used], _degrees(columns))
        means = _group_means(scores, left, right, len(labels))
        z = standardised(means, labels) * np.sign(chosen.z).astype(np.float32)
    return Tested(chosen.left, chosen.right, columns, z[0], z.max(axis=1), z.mean(axis=1))


def _all_products(columns: int, degrees: int) -> tuple[Positions, Positions]:
    column = np.tile(np.arange(columns), degrees)
    left, right = np.nonzero(column[:, None] < column)
    return left, right


def _group_means(scores: Labels, left: Positions, right: Positions, groups: int) -> Labels:
    """Return each group's mean products, shape (groups, products).

    Args:
        scores: shape (scores, rows), the i-th row of group i modulo the number of groups.
    """
    used, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    rows = np.ascontiguousarray(scores[used].T).reshape(-1, groups, len(used)).transpose(1, 0, 2)
    left, right = place.reshape(2, -1)
    means = np.empty((groups, len(left)), dtype=np.float32)
    step = max(1, GRAM_CELLS // len(used) ** 2)
    for start in range(0, groups, step):
        part = np.ascontiguousarray(rows[start : start + step])
        means[start : start + step] = (part.transpose(0, 2, 1) @ part)[:, left, right]
    means /= rows.shape[1]
    return means


def _mean_differences(first: Labels, second: Labels, block: slice) -> Labels:
    """Return z of the products of a block of scores with all scores, 0 where one is constant."""
    n, m = first.shape[1], second.shape[1]
    sums = first[block] @ first.T, second[block] @ second.T
    squares = (first[block] ** 2) @ (first**2).T + (second[block] ** 2) @ (second**2).T
    variance = squares / (n + m) - ((sums[0] + sums[1]) / (n + m)) ** 2
    error = np.sqrt(np.maximum(variance, NEGLIGIBLE) * (1 / n + 1 / m))
    varies = variance > NEGLIGIBLE
    return np.asarray(np.where(varies, (sums[0] / n - sums[1] / m) / error, 0), dtype=np.float32)


def _largest(z: Labels, start: int, number: int) -> tuple[Positions, Positions, Array]:
    size = np.abs(z).ravel()
    cut = max(0, len(size) - number)
    at = np.argpartition(size, min(cut, len(size) - 1))[cut:]
    at = at[size[at] > 0]
    left, right = np.unravel_index(at, z.shape)
    return left + start, right, z.ravel()[at].astype(float)
