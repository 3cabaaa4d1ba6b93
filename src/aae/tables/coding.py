"""Columns of any kind as numbers: text by indicators, gaps by a column of their own; and back.

One code for who judges rows and for who models them. For a verdict it is decided by the pooled
rows, whichever table these are from: rows of one law stay so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.tables.wording import first_text, refusal

if TYPE_CHECKING:
    import pyarrow as pa

CATEGORIES = 20  # most categories that have an indicator each; the rarer ones share one
MISSING = "is missing"
NUMBER, TIME, CATEGORY = "number", "time", "category"
MICROSECONDS = 1e6  # in a second, the unit of times

Numbers = NDArray[np.floating]


class Cells(NamedTuple):
    """Cells of one column, and the file that they are of, for messages."""

    column: pa.ChunkedArray
    file: str


@dataclass(frozen=True)
class Field:
    """A column of a table, and its code.

    A number stays as it is, a time is in seconds since 1970; a gap is `fill`, and 1 in a column `is
    missing`. Text and booleans are an indicator, 0 or 1, of each of the `CATEGORIES` most frequent
    categories, one for all others, one for gaps; of two categories one is enough.

    Attributes:
        name: of the column.
        kind: `NUMBER`, `TIME` or `CATEGORY`.
        type: of its cells, in Arrow's words.
        categories: as text, the most frequent first, and how many rows have each.
        gaps: whether there are any.
        fill: number in the place of a gap.
    """

    name: str
    kind: str
    type: str
    categories: dict[str, int]
    gaps: bool = False
    fill: float = 0.0

    @property
    def titles(self) -> dict[int, str]:
        """Of categories, the coded columns: by the place of the category, -1 of a gap."""
        names = [*self.categories]
        titles = {i: f"{self.name}={each}" for i, each in enumerate(names[:CATEGORIES])}
        if len(names) > CATEGORIES:
            titles[CATEGORIES] = f"{self.name}=other"
        if len(names) == 2 and not self.gaps:
            del titles[1]
        return titles | ({-1: self._missing} if self.gaps else {})

    @property
    def columns(self) -> list[str]:
        """Names of the coded columns."""
        if self.kind == CATEGORY:
            return list(self.titles.values())
        return [self.name, *([self._missing] if self.gaps else [])]

    @property
    def _missing(self) -> str:
        return f"{self.name} {MISSING}"

    def code(self, cells: Cells, na: Sequence[str] = ()) -> list[Numbers]:
        """Code cells: one array a coded column.

        Raises:
            ValueError: text where there are numbers, infinite numbers, nested cells.
        """
        if self.kind == CATEGORY:
            names, place = texts_of(cells, self.name, na)
            rank = {each: min(i, CATEGORIES) for i, each in enumerate(self.categories)}
            codes = np.array([rank.get(each, CATEGORIES) for each in names] + [-1])[place]
            return [(codes == each).astype(np.float32) for each in self.titles]
        values = numbers_of(cells, self.name)
        if not self.gaps:
            return [values]
        hole = np.isnan(values)
        return [np.where(hole, values.dtype.type(self.fill), values), hole.astype(np.float32)]


def field_of(name: str, cells: Sequence[Cells], na: Sequence[str] = ()) -> Field:
    """Decide the code of a column.

    Args:
        name: of the column.
        cells: of each table; the first two decide, whichever is which.
        na: texts that are gaps, besides the empty text.
    """
    kind = str(cells[0].column.type)
    if categorical([each.column for each in cells]):
        places = [texts_of(each, name, na) for each in cells[:2]]
        gaps = any((each == -1).any() for _, each in places)
        counts = by_frequency(places)
        if kind == "bool":  # their indicator is the number that they are
            counts = {each: counts.get(each, 0) for each in ("true", "false")}
        return Field(name, CATEGORY, kind, counts, gaps)
    values = [numbers_of(each, name) for each in cells[:2]]
    gaps = any(np.isnan(each).any() for each in values)
    what = TIME if _is_time(cells[0].column.type) else NUMBER
    return Field(name, what, kind, {}, gaps, _median(values) if gaps else 0.0)


def _median(values: Sequence[Numbers]) -> float:
    """One of the numbers, gaps left aside; 0 where there are none."""
    pooled = np.concatenate([each[~np.isnan(each)] for each in values])
    return float(np.quantile(pooled, 0.5, method="inverted_cdf")) if len(pooled) else 0.0


def categorical(columns: Sequence[pa.ChunkedArray]) -> bool:
    """Whether a column is one of categories: text in the first rows, or booleans throughout."""
    from pyarrow import types as t

    held = [each.type for each in columns if not t.is_null(each.type)]
    text = (t.is_string, t.is_large_string, t.is_string_view)
    if not held:
        return False
    return any(test(held[0]) for test in text) or all(map(t.is_boolean, held))


def _is_time(kind: pa.DataType) -> bool:
    from pyarrow import types as t

    return bool(t.is_timestamp(kind) or t.is_date(kind))


def numbers_of(cells: Cells, name: str) -> Numbers:
    """Return numbers, NaN where there is a gap, in float32 where the cells are."""
    import pyarrow as pa
    from pyarrow import types as t

    column, file = cells
    kind = column.type
    numeric = (t.is_integer, t.is_floating, t.is_boolean, t.is_decimal, t.is_null)
    if _is_time(kind):
        zone = kind.tz if t.is_timestamp(kind) else None
        ticks = column.cast(pa.timestamp("us", zone), safe=False).cast("int64")
        return np.asarray(ticks.cast("float64", safe=False).to_numpy() / MICROSECONDS)
    if not any(test(kind) for test in numeric):
        got = f"{kind}{first_text(column)}"
        raise refusal(f"expected numbers in column {name!r} of {file}, got {got}")
    narrow = t.is_float16(kind) or t.is_float32(kind)
    values = np.asarray(column.cast("float32" if narrow else "float64", safe=False).to_numpy())
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        where = f"in row {row + 1}, column {name!r}"
        raise refusal(f"expected finite numbers in {file}, got {values[row]} {where}")
    return values


def texts_of(cells: Cells, name: str, na: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """Return categories and every row's index into them, -1 where there is a gap."""
    column, file = cells
    try:
        encoded = column.cast("string").combine_chunks().dictionary_encode()
    except (ValueError, NotImplementedError) as error:
        raise refusal(f"expected text in column {name!r} of {file}, got {error}") from error
    names = encoded.dictionary.to_pylist()
    place = np.array([-1 if _gap(each, na) else i for i, each in enumerate(names)] + [-1])
    indices = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    return names, place[indices]


def _gap(text: str, na: Sequence[str]) -> bool:
    return not text.strip() or text in na


def by_frequency(texts: Sequence[tuple[list[str], NDArray[np.intp]]]) -> dict[str, int]:
    """Rows of each category, the most frequent first."""
    counts: dict[str, int] = {}
    for names, place in texts:
        often = np.bincount(place[place >= 0], minlength=len(names))
        for category, number in zip(names, often.tolist(), strict=True):
            if number:
                counts[category] = counts.get(category, 0) + number
    order = sorted(counts, key=lambda category: (-counts[category], category))
    return {category: counts[category] for category in order}


@dataclass(frozen=True)
class Coded:
    """Tables as numbers.

    Attributes:
        rows: of each table, shape (rows, columns), float32 where all of its columns are, else
            float64; finite.
        fields: the columns and their codes.
    """

    rows: list[Numbers]
    fields: list[Field]

    @property
    def columns(self) -> list[str]:
        """Names: a column's own, `column=category`, or `column is missing`."""
        return [title for field in self.fields for title in field.columns]

    @property
    def sources(self) -> list[str]:
        """For each of `columns`, the column of the table that it is made of."""
        return [field.name for field in self.fields for _ in field.columns]

    @property
    def notes(self) -> list[str]:
        """Sentences on what was put together."""
        return [
            f"{each.name}: {CATEGORIES} of {len(each.categories)} categories have a column, the "
            "rest share one"
            for each in self.fields
            if len(each.categories) > CATEGORIES
        ]


def coded(tables: Sequence[tuple[pa.Table, str]], na: Sequence[str] = ()) -> Coded:
    """Code tables that have the same columns.

    Args:
        tables: and their files' names; real rows, generated rows, and others that are coded as
            these two are.
        na: texts that are gaps, besides the empty text.

    Raises:
        ValueError: text where the first column has numbers, infinite numbers, nested cells.
    """
    fields: list[Field] = []
    parts: list[list[Any]] = [[] for _ in tables]
    for name in tables[0][0].column_names:
        cells = [Cells(table.column(name), file) for table, file in tables]
        field = field_of(name, cells, na)
        fields.append(field)
        for part, each in zip(parts, cells, strict=True):
            part += field.code(each, na)
    return Coded([np.column_stack(part) for part in parts], fields)
