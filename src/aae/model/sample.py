"""The training rows that closed forms look at: all, or a seeded sample of more than fit a memory.

Sorting, ranks and the search for a mixture need all of their rows at once. Whatever is learned by
gradient sees all training rows, see `aae.model.streaming`.
"""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

# At most so many rows, whose ranks are exact to .2%, and cells, 64 MiB of them.
ROWS, CELLS = 100_000, 2**24
OF_EACH = 20  # rows at least of each kind that rows are of


def most(columns: int) -> int:
    """Rows of so many columns in a sample, at most."""
    return max(OF_EACH, min(ROWS, CELLS // columns))


def sample(kinds: Integers | None, rows: int, most: int, seed: int) -> Integers:
    """Ascending indices of `most` of the rows drawn at random, and of `OF_EACH` of every kind.

    Args:
        kinds: what each row is of, such as its label, shape (rows,); None: all are of one kind.
        rows: how many there are.
        most: how many are drawn; all if there are no more.
        seed: of the draw.
    """
    if rows <= most:
        return np.arange(rows)
    order = np.random.default_rng([seed, 9]).permutation(rows)
    if kinds is None:
        return np.sort(order[:most])
    sorted_kinds = kinds[order]
    place = np.argsort(sorted_kinds, kind="stable")
    _, first, counts = np.unique(sorted_kinds[place], return_index=True, return_counts=True)
    number = np.arange(rows) - np.repeat(first, counts)  # of each row among those of its kind
    rare = order[place[number < OF_EACH]]
    return np.union1d(order[:most], rare)
