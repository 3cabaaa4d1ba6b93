"""Columns whose values repeat together, as the ingredients of one recipe measured several times."""

from itertools import combinations
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.dataset.splits import Rows
from aae.model.sample import sample

REPEATED = 0.2  # least chance that a new row's values have been seen together
BY_CHANCE = 0.02  # and at most that where the columns are independent
MOST_COLUMNS = 64  # of a table that is searched, which costs their number cubed
SEARCHED = 10_000  # rows that the columns are searched in; fewer repeat less, never more
MOST_RECIPES = 5000  # that are kept: rows are compared with each
# Of columns that determine one another: so many values together, in those of one, and in those of
# the same columns permuted; and the chance of a known recipe.
DETERMINED, DEPENDENT, KNOWN = 1.05, 0.5, 0.8
GAIN = 0.1  # of that chance, by which a column more is not part of it
LEAST = 0.05  # rows of a recipe that was seen once, after discounting
# Of the search for the recipes' shares, in typical distances; shares then differ by a few percent.
STEPS, PACE, SLOWING = 60, 0.5, 0.95


class Repeated(NamedTuple):
    """Values that repeat together.

    Attributes:
        member: whether a column is part of them, shape (columns,).
        first: a row with each recipe, shape (recipes,).
        counts: rows that have it, shape (recipes,).
    """

    member: NDArray[np.bool_]
    first: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def seen(self) -> float:
        """Chance that a new row has a known recipe: 1 - n_1 / n (Good 1953)."""
        return float(1 - np.count_nonzero(self.counts == 1) / self.counts.sum())


def repeated_together(rows: Rows) -> list[Repeated]:
    """Find groups of columns whose values repeat together.

    Those that determine one another come first: what holds for them holds for recipes of theirs and
    of other columns, which rows take after that. Of more than `SEARCHED` rows, some say which
    columns these are. Groups with more than `MOST_RECIPES` in all rows are none.
    """
    some = rows[sample(None, len(rows), SEARCHED, 0)]
    groups = determined(some)
    member = members(some)
    if member is not None and not any(np.array_equal(member, each) for each in groups):
        groups.append(member)
    found = [recipes(rows, each) for each in groups]
    return [each for each in found if len(each.first) <= MOST_RECIPES]


def members(rows: Rows) -> NDArray[np.bool_] | None:
    """Which columns' values repeat together, shape (columns,), or None.

    From all columns, that whose absence raises the chance of a known recipe most is left out, again
    and again, as long as it raises it by `GAIN`. What is left are recipes where the chance is
    `REPEATED` and columns permuted each by itself have almost none.
    """
    member = np.ptp(rows, axis=0) > 0
    if not 2 <= member.sum() <= MOST_COLUMNS:
        return None
    best = recipes(rows, member)
    while member.sum() > 2:
        options = [recipes(rows, without(member, int(each))) for each in np.flatnonzero(member)]
        option = max(options, key=lambda each: each.seen)
        if best.seen >= REPEATED and option.seen < best.seen + GAIN:
            break
        best, member = option, option.member
    rng = np.random.default_rng(6)
    alone = recipes(rng.permuted(rows, axis=0), member)
    return best.member if best.seen >= REPEATED and alone.seen <= BY_CHANCE else None


def determined(rows: Rows) -> list[NDArray[np.bool_]]:
    """Groups of columns of which one determines another, as a month does its price index.

    Two columns whose values repeat are linked where they have hardly more pairs of values than one
    of them has values, and permuted far more; a group is what links connect.
    """
    from scipy.sparse.csgraph import connected_components

    numbers = [np.unique(each, return_inverse=True)[1] for each in rows.T]
    values = {k: each for k, each in enumerate(numbers) if 0 < 2 * each.max() < len(rows)}
    rng = np.random.default_rng(7)
    shuffled = {k: rng.permutation(each) for k, each in values.items()}
    columns = np.array([*values], dtype=np.int64)[:MOST_COLUMNS]
    linked = np.zeros((len(columns), len(columns)), dtype=np.bool_)
    for i, j in combinations(range(len(columns)), 2):
        one, other = columns[[i, j]]
        pairs = distinct_pairs(values[one], values[other])
        if pairs <= DETERMINED * (1 + max(values[one].max(), values[other].max())):
            linked[i, j] = pairs <= DEPENDENT * distinct_pairs(shuffled[one], shuffled[other])
    _, group = connected_components(linked, directed=False)
    every = np.arange(rows.shape[1])
    members = [np.isin(every, columns[group == each]) for each in np.unique(group)]
    return [each for each in members if each.sum() > 1 and recipes(rows, each).seen >= KNOWN]


def distinct_pairs(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """How many pairs two columns of numbers from 0 on have."""
    return len(np.unique(one * (other.max() + 1) + other))


def without(member: NDArray[np.bool_], column: int) -> NDArray[np.bool_]:
    """The same columns but for one."""
    left = member.copy()
    left[column] = False
    return left


def recipes(rows: Rows, member: NDArray[np.bool_]) -> Repeated:
    """Recipes of some columns and how often they occur."""
    keys = np.ascontiguousarray(rows[:, member] + np.float32(0))  # -0 is 0
    joined = keys.view(np.dtype((np.void, keys.dtype.itemsize * keys.shape[1]))).ravel()
    _, first, counts = np.unique(joined, return_index=True, return_counts=True)
    return Repeated(member, first, counts)


class Recipes(keras.layers.Layer):
    """Gives rows the known recipe that is nearest to them, as often as new rows have known ones.

    The nearest to scores z is the one with the smallest |z - z_t|^2 + b_t; the b_t give each recipe
    its share of the rows. Of generated rows, those nearest to a recipe take it.

    Args:
        known: of the training rows; numbers: their type.
    """

    def __init__(self, known: Repeated, numbers: str = "float32", **options: Any):
        """Create the tables; `settle` fills them."""
        super().__init__(trainable=False, autocast=False, **options)
        self.known = known
        shape = (len(known.first), len(known.member))
        self.values = self._setting("values", shape, numbers)
        self.scores = self._setting("scores", shape)
        self.bias = self._setting("bias", shape[:1])
        self.reach = self._setting("reach", ())

    def _setting(self, name: str, shape: tuple[int, ...], dtype: str = "float32") -> Any:
        return self.add_weight(
            shape=shape, initializer="zeros", dtype=dtype, name=name, trainable=False
        )

    def settle(self, rows: Rows, scores: NDArray[np.float32], drawn: NDArray[np.float32]) -> None:
        """Learn the recipes.

        Args:
            rows: of training, and their scores, both of shape (n, columns).
            drawn: scores of the model, shape (m, columns).
        """
        member, first, counts = self.known
        self.values.assign(rows[first] * member)
        self.scores.assign(scores[first] * member)
        away = self.distances(tf.constant(drawn)).numpy()
        # A recipe that was seen once is less than one of n: absolute discounting.
        wanted = np.maximum(counts - np.count_nonzero(counts == 1) / len(counts), LEAST)
        bias = balanced(away, wanted / wanted.sum())
        self.bias.assign(bias)
        self.reach.assign(np.quantile((away + bias).min(axis=1), self.known.seen))

    def distances(self, scores: tf.Tensor) -> tf.Tensor:
        """|z - z_t|^2 over the recipe's columns, shape (rows, recipes)."""
        own = scores * self.known.member.astype(np.float32)
        squares = [tf.reduce_sum(tf.square(each), axis=1) for each in (own, self.scores)]
        products = own @ tf.transpose(tf.convert_to_tensor(self.scores))
        return squares[0][:, None] + squares[1] - 2 * products

    def call(self, rows: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
        """Rows, shape (rows, columns), with known recipes where their scores are near enough."""
        away = self.distances(scores) + self.bias
        near = (tf.reduce_min(away, axis=1) <= self.reach)[:, None] & self.known.member
        return tf.where(near, tf.gather(self.values, tf.argmin(away, axis=1)), rows)


def balanced(away: NDArray[np.float32], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """What to add to distances such that each recipe is the nearest to its share of the rows.

    The dual of optimal transport to finitely many places; of `STEPS` steps, the best.

    Args:
        away: distances, shape (rows, recipes).
        wanted: shares, shape (recipes,).
    """
    rows, count = away.shape
    pace = PACE * float(np.median(away.min(axis=1)))
    bias = best = np.zeros(count)
    least = np.inf
    for step in range(STEPS):
        share = np.bincount((away + bias).argmin(axis=1), minlength=count) / rows
        error = float(np.abs(share - wanted).sum())
        if error < least:
            least, best = error, bias
        steps = np.log((share + 1 / rows) / (wanted + 1 / rows))
        bias = bias + pace * SLOWING**step * steps
    return best
