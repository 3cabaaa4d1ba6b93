"""Where and by how much two tables differ: columns, pairs of columns, and rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.classifier import area_outcome, held_out
from aae.verdict.column_differences import ColumnDifference, column_differences
from aae.verdict.pair_differences import PairDifference, pair_differences
from aae.verdict.pooling import Pool

ROWS = 10  # most rows that are named


@dataclass(frozen=True)
class BetrayingRow:
    """A generated row that looks least like a real one.

    Attributes:
        row: position in the generated table.
        score: chance of being generated, as trees see it that did not learn from this row.
    """

    row: int
    score: float


@dataclass(frozen=True)
class Differences:
    """All that is named; a part is empty where nothing in it is significant."""

    columns: tuple[ColumnDifference, ...]
    pairs: tuple[PairDifference, ...]
    rows: tuple[BetrayingRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it in types that JSON has."""
        return asdict(self)


def differences(
    pool: Pool,
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    names: Sequence[str],
    alpha: float = 0.05,
) -> Differences:
    """Name the columns, the pairs of columns and the rows that tell two tables apart.

    Args:
        pool: of `real` and `generated`, see `make_pool`.
        real: shape (n, columns); generated: shape (m, columns); in their own units.
        names: of the columns.
        alpha: chance that any column is named wrongly, that any pair is, that any row is.
    """
    return Differences(
        column_differences(pool, real, generated, names, alpha),
        pair_differences(pool, real, generated, names, alpha),
        betraying_rows(pool, len(real), alpha),
    )


def betraying_rows(pool: Pool, real_rows: int, alpha: float = 0.05) -> tuple[BetrayingRow, ...]:
    """Name the generated rows that look least real, of those that the trees did not learn from.

    Args:
        pool: whose `classifier` test says whether rows can be told apart at all.
        real_rows: of the table: its rows come first in the pooled sample.
        alpha: level of that test; where it does not reject no row is named.
    """
    held = held_out(pool)
    if area_outcome(held.scores, held.real).p > alpha:
        return ()
    generated = np.flatnonzero(~held.real)
    worst = generated[np.argsort(held.scores[generated], kind="stable")[:ROWS]]
    rows = pool.grouping.order[held.rows[worst]] - real_rows
    chance = 1 / (1 + np.exp(held.scores[worst]))
    return tuple(BetrayingRow(int(row), float(p)) for row, p in zip(rows, chance, strict=True))
