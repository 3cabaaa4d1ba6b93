"""All pairs of rows: kernels summed over groups of rows, and who is near whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, distances_of_products

NEIGHBOURS = 5
ROWS = 128  # at a time: their distances to all others stay in the cache
TIE = 1e-6  # of the root mean square distance: differences below it count as ties


@dataclass(frozen=True)
class Kernels:
    """Sums over the pairs of rows of two groups, a row with itself left out.

    Attributes:
        distance: of -|x - y|, shape (groups, groups).
        square: of (x'y)^2 / columns, shape (groups, groups).
        edges: how many rows of the first group have a row of the second among their `NEIGHBOURS`
            nearest, counted by row, shape (groups, groups).
    """

    distance: Array
    square: Array
    edges: Array


def kernels(z: Array, groups: int, seed: int) -> Kernels:
    """Sum kernels over groups; of all pairs only the inner products are kept.

    Args:
        z: centred rows, shape (rows, columns); the i-th is of group i modulo `groups`.
        groups: how many.
        seed: breaks ties between neighbours.
    """
    rng = np.random.default_rng(seed)
    rows, columns = z.shape
    all_products = z @ z.T
    square = np.diag(all_products).copy()
    tie = TIE * float(np.sqrt(2 * square.mean())) or 1.0
    sums, edges = np.zeros((2, groups, groups)), np.zeros(groups * groups)
    for start in range(0, rows, groups):
        for first in range(start, start + groups, ROWS):
            block = np.arange(first, min(first + ROWS, start + groups))
            itself = np.arange(len(block)), block
            products = all_products[block]
            away = distances_of_products(products.copy(), square[block], square)
            products[itself] = away[itself] = 0.0
            products *= products
            for total, kernel in zip(sums, (away, products), strict=True):
                total[block - start] += kernel.reshape(len(block), -1, groups).sum(axis=1)
            away[itself] = np.inf
            near = nearest(away, min(NEIGHBOURS, rows - 1), tie, rng) % groups
            place = (block - start)[:, None] * groups + near
            edges += np.bincount(place.ravel(), minlength=len(edges))
    return Kernels(-sums[0], sums[1] / columns, edges.reshape(groups, groups))


def nearest(distances: Array, k: int, tie: float, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the positions of the k smallest of each row, ties broken at random, shape (rows, k).

    By position instead, all rows of one atom would share the same k neighbours.

    Args:
        distances: shape (rows, others).
        k: how many.
        tie: what two distances may differ by and still count as tied.
        rng: breaks ties.
    """
    keys = distances.astype(np.float32)
    keys += rng.random(keys.shape, dtype=np.float32) * np.float32(tie)
    return np.argpartition(keys, k - 1, axis=1)[:, :k]
