"""What is known of a table without its cells: its columns, how they are coded, their ranges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.tables.coding import Field
from aae.tables.schema import Label, Schema


@dataclass(frozen=True)
class Range:
    """Numbers of a coded column.

    Attributes:
        column: its name.
        minimum, maximum, mean: of its cells.
        dtype: float32 where that holds all of them exactly, else float64.
    """

    column: str
    minimum: float
    maximum: float
    mean: float
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, column: str, values: NDArray[np.floating]) -> Range:
        """Look at the cells; they are summed up in the order of the rows."""
        low, high = float(values.min()), float(values.max())
        with np.errstate(over="ignore"):  # of what is refused once all columns are seen
            total = np.add.accumulate(values, dtype=np.float64)[-1]
        return cls(column, low, high, float(total / len(values)), values.dtype)


@dataclass(frozen=True)
class Profile:
    """What is known of a table.

    Attributes:
        size: how many rows there are.
        ranges: of the feature columns, as coded, text and gaps, too.
        labels: index into `classes` for every row, shape (rows,), int64; None without a label.
        classes: label values as text, in numeric order if all are numbers, else as text.
        fields: the columns that are coded; none where they are numbers of unknown type.
        label: the column that holds classes.
    """

    size: int
    ranges: list[Range]
    labels: NDArray[np.int64] | None = None
    classes: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    label: Label | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the feature columns, as coded."""
        return [each.column for each in self.ranges]

    @property
    def constant(self) -> list[str]:
        """Names of the feature columns that hold one single value."""
        return [each.column for each in self.ranges if each.minimum == each.maximum]

    @property
    def extremes(self) -> NDArray[np.float64]:
        """Least and largest number of each column, shape (2, columns)."""
        return np.array([(each.minimum, each.maximum) for each in self.ranges]).T

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 where that holds all cells exactly, else float64."""
        return np.result_type(*(each.dtype for each in self.ranges))

    @property
    def schema(self) -> Schema:
        """How rows become such a table again."""
        return Schema(self.fields, self.label, self.classes)
