"""Test of all pairs of columns: does one depend on another otherwise than in real rows?"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.outcome import Outcome
from aae.verdict.pooling import Labels, Pool
from aae.verdict.ranks import NEGLIGIBLE, legendre_scores, unit
from aae.verdict.sequential import sequential_outcome

PRODUCT_CELLS = 32_000_000  # most cells of all products where each is tested; 128 MB
CHOSEN = 200  # products tested where there are more,
CHOSEN_CELLS = 8_000_000  # fewer where they have more cells
DEGREE_COLUMNS = 1500  # of more columns only the products of degree 1 are looked at
BLOCK = 512  # scores at a time whose products with all others are looked at
CACHED_CELLS = 100_000  # cells at a time that are made and scaled


@dataclass(frozen=True)
class Products:
    """Products of two columns' scores, see `legendre_scores`, as positions of the scores.

    Attributes:
        left, right: shape (products,); the left column always comes first.
        z: difference of the products' means, real less generated, in standard errors.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    z: Array


def pairs(pool: Pool) -> Outcome:
    """Compare the dependence of each pair of columns, whatever the columns' own laws.

    Products P_a(x_j) P_b(x_k) of Legendre scores of degrees a, b = 1, 2 of the pooled ranks, for
    all j < k: degrees 1, 1 see a correlation, 1, 2 and 2, 1 a mean of one that bends with the
    other or a spread of one that follows the other, 2, 2 a circle. Of the standardised differences
    z of the products' means the largest |z| sees one pair, the mean of z^2 many; both by
    permutation of whole rows, see `sequential_outcome`.

    Where there are more products than `PRODUCT_CELLS`, the `CHOSEN` with the largest |z| on one
    half of the rows are tested on the other half, each in the direction that the first half shows.
    """
    labels, columns = pool.all_labels, pool.all_rows.shape[1]
    degrees = 2 if columns <= DEGREE_COLUMNS else 1
    scores = legendre_scores(pool.all_rows, degrees)
    if len(labels) * degrees**2 * columns * (columns - 1) // 2 <= PRODUCT_CELLS:
        left, right = all_products(columns, degrees)
        statistics = partial(_of_any_sign, _unit_products(scores, left, right))
    else:
        learn = first_halves(labels)
        number = min(CHOSEN, max(1, CHOSEN_CELLS // len(labels)))
        chosen = largest_products(scores[:, learn], labels[learn], columns, number)
        scores, labels = scores[:, ~learn], labels[~learn]
        products = _unit_products(scores, chosen.left, chosen.right)
        products *= np.sign(chosen.z, dtype=np.float32)[:, None]
        statistics = partial(_of_this_sign, products)
    rng = np.random.default_rng([pool.seed, 1])
    return sequential_outcome(statistics, labels, pool.labels.shape[1] - 1, rng)


def first_halves(labels: Labels) -> NDArray[np.bool_]:
    """Mark the first half of each sample: a random half, as a pool's rows are in random order."""
    learn = np.zeros(len(labels), dtype=bool)
    for side in (labels == 1, labels != 1):
        learn[np.flatnonzero(side)[: side.sum() // 2]] = True
    return learn


def all_products(columns: int, degrees: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of all products of scores of two columns: left and right."""
    column = np.tile(np.arange(columns), degrees)
    left, right = np.nonzero(column[:, None] < column)
    return left, right


def largest_products(scores: Labels, labels: Labels, columns: int, number: int) -> Products:
    """Return the products whose means differ most between the samples, largest |z| first.

    Args:
        scores: see `legendre_scores`, shape (degrees * columns, rows).
        labels: 1 for rows of the first sample, shape (rows,).
        columns: of the table.
        number: the most that are returned; products that do not vary never are.
    """
    sides = scores[:, labels == 1], scores[:, labels != 1]
    column = np.arange(len(scores)) % columns
    kept: list[Products] = []
    for start in range(0, len(scores), BLOCK):
        z = _differences(*sides, slice(start, start + BLOCK))
        z[column[start : start + BLOCK, None] >= column] = 0.0
        kept.append(_largest(z, start, number))
    left, right, size = (
        np.concatenate([getattr(each, name) for each in kept]) for name in ("left", "right", "z")
    )
    order = np.argsort(-np.abs(size), kind="stable")[:number]
    return Products(left[order], right[order], size[order])


def _differences(first: Labels, second: Labels, block: slice) -> Labels:
    """Return z of the products of a block of scores with all scores, 0 where one is constant."""
    n, m = first.shape[1], second.shape[1]
    sums = first[block] @ first.T, second[block] @ second.T
    squares = (first[block] ** 2) @ (first**2).T + (second[block] ** 2) @ (second**2).T
    variance = squares / (n + m) - ((sums[0] + sums[1]) / (n + m)) ** 2
    error = np.sqrt(np.maximum(variance, NEGLIGIBLE**2) * (1 / n + 1 / m))
    varies = variance > NEGLIGIBLE
    return np.asarray(np.where(varies, (sums[0] / n - sums[1] / m) / error, 0), dtype=np.float32)


def _largest(z: Labels, start: int, number: int) -> Products:
    size = np.abs(z).ravel()
    cut = max(0, len(size) - number)
    at = np.argpartition(size, cut)[cut:]
    at = at[size[at] > 0]
    left, right = np.unravel_index(at, z.shape)
    return Products(left + start, right, z.ravel()[at].astype(float))


def _unit_products(scores: Labels, left: NDArray[np.intp], right: NDArray[np.intp]) -> Labels:
    """Return products with mean 0 and mean square 1, shape (products, rows)."""
    products = np.empty((len(left), scores.shape[1]), dtype=np.float32)
    size = max(1, CACHED_CELLS // scores.shape[1])
    for start in range(0, len(left), size):
        block = slice(start, start + size)
        products[block] = unit(scores[left[block]] * scores[right[block]])
    return products


def _of_any_sign(products: Labels, labels: Labels) -> Array:
    z = _standardised(products, labels)
    square = np.einsum("ij,ij->j", z, z) / len(z)
    return np.stack([np.maximum(z.max(axis=0), -z.min(axis=0)), square]).astype(float)


def _of_this_sign(products: Labels, labels: Labels) -> Array:
    z = _standardised(products, labels)
    return np.stack([z.max(axis=0), z.mean(axis=0)]).astype(float)


def _standardised(products: Labels, labels: Labels) -> Labels:
    """Return z of each product for each labelling, with its variance over all permutations."""
    rows, n = labels.shape[1], float(labels[0].sum(dtype=float))
    z = products @ labels.T
    z /= np.float32(np.sqrt(n * (rows - n) / (rows - 1)))
    return z
