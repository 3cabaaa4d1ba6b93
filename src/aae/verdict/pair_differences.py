"""Which pairs of columns depend on each other otherwise in one table than in the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.degenerate import off_the_value
from aae.verdict.effects import Array
from aae.verdict.outcome import family_wise
from aae.verdict.pairs import Tested, tested_products
from aae.verdict.pooling import Pool
from aae.verdict.ranks import legendre_scores

CANDIDATES = 100  # most products of two columns that are looked at again

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class PairDifference:
    """Two columns whose dependence differs.

    Attributes:
        names: of the columns.
        what: which dependence, in words.
        correlation: of the two columns, in real and in generated rows.
        dependence: what the words say, as correlation of the scores that show it, likewise.
        p: family-wise: the chance that any pair would differ as much if none did.
    """

    names: tuple[str, str]
    what: str
    correlation: tuple[float, float]
    dependence: tuple[float, float]
    p: float


@dataclass(frozen=True)
class _Product:
    """A product of two columns' scores: positions of the columns, degrees, p."""

    columns: tuple[int, int]
    degrees: tuple[int, int]
    p: float


def pair_differences(
    pool: Pool,
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    names: Sequence[str],
    alpha: float = 0.05,
) -> tuple[PairDifference, ...]:
    """Name the pairs whose dependence differs significantly, the clearest difference first.

    A pair is named where a product of its scores differs by more than the largest of all products
    does under permutation, see `tested_products`, and differs still where each table's scores are
    those of its own ranks: a column whose own law is wrong names no pair. Nor does a column that is
    constant in one table: it depends on nothing there.

    Args:
        pool: of `real` and `generated`, see `make_pool`.
        real: shape (n, columns); generated: shape (m, columns); in their own units.
        names: of the columns.
        alpha: chance that any pair is named wrongly.
    """
    from scipy.special import ndtri

    if len(names) < 2:
        return ()
    tested = tested_products(pool)
    products = _significant(tested, alpha, _constant_on_one_side(pool))
    if not products:
        return ()
    means, z = _own_products(products, real, generated)
    named: dict[tuple[int, int], PairDifference] = {}
    for i in np.flatnonzero(np.abs(z) >= -ndtri(alpha / 2 / len(tested.left))):
        j, k = products[i].columns
        correlation = _correlation(real[:, [j, k]]), _correlation(generated[:, [j, k]])
        words, dependence = _words(names, products[i]), (float(means[0, i]), float(means[1, i]))
        difference = PairDifference(
            (names[j], names[k]), words, correlation, dependence, products[i].p
        )
        named.setdefault((j, k), difference)
    return tuple(named.values())


def _significant(tested: Tested, alpha: float, constant: NDArray[np.bool_]) -> list[_Product]:
    """Return the `CANDIDATES` clearest products, of columns that are constant on no side."""
    p = family_wise(tested.z, tested.largest)
    sides = constant[np.stack([tested.left, tested.right]) % tested.columns]
    varying = np.flatnonzero(~sides.any(axis=0))
    worst = varying[np.argsort(-tested.z[varying], kind="stable")[:CANDIDATES]]
    products = []
    for at in worst[p[worst] <= alpha]:
        degree, column = np.divmod([tested.left[at], tested.right[at]], tested.columns)
        products.append(
            _Product(tuple(column.tolist()), tuple((degree + 1).tolist()), float(p[at]))
        )
    return products


def _constant_on_one_side(pool: Pool) -> NDArray[np.bool_]:
    """Mark the columns that are constant, or nearly, on one side only: shape (columns,)."""
    real, generated = (pool.all_rows[pool.all_labels == side] for side in (1, 0))
    return off_the_value(real, generated, 0.0)[2] | off_the_value(generated, real, 0.0)[2]


def _own_products(
    products: Sequence[_Product], real: NDArray[np.floating], generated: NDArray[np.floating]
) -> tuple[Array, Array]:
    """Return mean products of scores of each table's own ranks, (2, products), and their z."""
    columns, place = np.unique([each.columns for each in products], return_inverse=True)
    degrees = np.array([each.degrees for each in products])
    left, right = (place.reshape(-1, 2) + (degrees - 1) * len(columns)).T
    means, errors = np.empty((2, 2, len(products)))
    for side, rows in enumerate((real, generated)):
        scores = legendre_scores(np.asarray(rows[:, columns], dtype=float))
        for i, (first, second) in enumerate(zip(scores[left], scores[right], strict=True)):
            product = first * second
            means[side, i], errors[side, i] = product.mean(), product.var() / len(rows)
    error = np.sqrt(np.maximum(errors.sum(axis=0), 1e-12))
    return means, (means[0] - means[1]) / error


def _correlation(rows: NDArray[np.floating]) -> float:
    deviation = rows - rows.mean(axis=0, dtype=float)
    size = float(np.sqrt(np.prod(np.sum(deviation**2, axis=0))))
    return float(deviation[:, 0] @ deviation[:, 1] / size) if size > 0 else 0.0


def _words(names: Sequence[str], product: _Product) -> str:
    first, second = (names[column] for column in product.columns)
    return {
        (1, 1): f"correlation of {first} and {second}",
        (1, 2): f"spread of {second} depends on {first}",
        (2, 1): f"spread of {first} depends on {second}",
        (2, 2): f"spread of {second} depends on that of {first}",
    }[product.degrees]
