"""Columns of any kind as numbers: text by indicators, gaps by a column of their own.

Codes are decided by the pooled rows, whichever table these are from: rows of one law stay so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aae.check.tables import Features
from aae.tables.reading import first_text
from aae.tables.wording import refusal

if TYPE_CHECKING:
    import pyarrow as pa

CATEGORIES = 20  # most categories that have an indicator each; the rarer ones share one
MISSING = "is missing"

Column = tuple[str, list[NDArray[Any]]]  # a name, and one array for each table


@dataclass(frozen=True)
class Coded:
    """Tables as numbers.

    Attributes:
        rows: of each table, shape (rows, columns), float32 where all of its columns are, else
            float64; finite.
        columns: names: a column's own, `column=category`, or `column is missing`.
        sources: for each of these, the column of the table that it is made of.
        notes: sentences on what was put together.
    """

    rows: list[NDArray[np.floating]]
    columns: list[str]
    sources: list[str]
    notes: list[str]


def coded(tables: Sequence[Features], na: Sequence[str] = ()) -> Coded:
    """Code the columns of tables that are `aligned`.

    Numbers, dates and times (in seconds) stay as they are; a gap becomes the pooled median (one of
    the values), and 1 in a column `is missing`. Text and booleans become an indicator, 0 or 1, of
    each of the `CATEGORIES` most frequent categories; of two categories one is enough.

    Args:
        tables: real rows, generated rows, and others that are coded as these two are.
        na: texts that are gaps, besides the empty text.

    Raises:
        ValueError: text where the real column has numbers, infinite numbers, nested cells.
    """
    columns: list[Column] = []
    sources: list[str] = []
    notes = []
    for name in tables[0].columns.column_names:
        cells = [table.columns.column(name) for table in tables]
        if _categorical(cells):
            indicators, note = _indicators(name, _texts(cells, tables, name, na))
            columns += indicators
            notes += note
        else:
            files = [table.file for table in tables]
            columns += _filled(
                name, [_numbers(*each, name) for each in zip(cells, files, strict=True)]
            )
        sources += [name] * (len(columns) - len(sources))
    rows = [np.column_stack([each[1][i] for each in columns]) for i in range(len(tables))]
    return Coded(rows, [name for name, _ in columns], sources, notes)


def _categorical(cells: Sequence[pa.ChunkedArray]) -> bool:
    """Whether a column is one of categories: text in the real rows, or booleans throughout."""
    from pyarrow import types as t

    held = [each.type for each in cells if not t.is_null(each.type)]
    text = (t.is_string, t.is_large_string, t.is_string_view)
    if not held:
        return False
    return any(test(held[0]) for test in text) or all(map(t.is_boolean, held))


def _numbers(cells: pa.ChunkedArray, file: str, name: str) -> NDArray[np.floating]:
    """Return numbers, NaN where there is a gap, in float32 where the cells are."""
    import pyarrow as pa
    from pyarrow import types as t

    kind = cells.type
    numeric = (t.is_integer, t.is_floating, t.is_boolean, t.is_decimal, t.is_null)
    if t.is_timestamp(kind) or t.is_date(kind):
        zone = kind.tz if t.is_timestamp(kind) else None
        ticks = cells.cast(pa.timestamp("us", zone), safe=False).cast("int64")
        return np.asarray(ticks.cast("float64", safe=False).to_numpy() / 1e6)
    if not any(test(kind) for test in numeric):
        got = f"{kind}{first_text(cells)}"
        raise refusal(f"expected numbers in column {name!r} of {file}, got {got}")
    narrow = t.is_float16(kind) or t.is_float32(kind)
    values = np.asarray(cells.cast("float32" if narrow else "float64", safe=False).to_numpy())
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        where = f"in row {row + 1}, column {name!r}"
        raise refusal(f"expected finite numbers in {file}, got {values[row]} {where}")
    return values


def _filled(name: str, values: list[NDArray[np.floating]]) -> list[Column]:
    """Fill gaps, and say where they were where real or generated rows have any."""
    gaps = [np.isnan(each) for each in values]
    if not any(each.any() for each in gaps):
        return [(name, values)]
    pooled = np.concatenate([each[~np.isnan(each)] for each in values[:2]])
    median = np.quantile(pooled, 0.5, method="inverted_cdf") if len(pooled) else 0.0
    full = [
        np.where(gap, np.asarray(median, each.dtype), each)
        for gap, each in zip(gaps, values, strict=True)
    ]
    holes = [each.astype(np.float32) for each in gaps]
    return [(name, full), (f"{name} {MISSING}", holes)]


def _texts(
    cells: Sequence[pa.ChunkedArray], tables: Sequence[Features], name: str, na: Sequence[str]
) -> list[tuple[list[str], NDArray[np.intp]]]:
    """Return categories and every row's index into them, -1 where there is a gap."""
    texts = []
    for column, table in zip(cells, tables, strict=True):
        try:
            encoded = column.cast("string").combine_chunks().dictionary_encode()
        except (ValueError, NotImplementedError) as error:
            raise refusal(
                f"expected text in column {name!r} of {table.file}, got {error}"
            ) from error
        names = encoded.dictionary.to_pylist()
        place = np.array([-1 if _gap(each, na) else i for i, each in enumerate(names)] + [-1])
        indices = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
        texts.append((names, place[indices]))
    return texts


def _gap(text: str, na: Sequence[str]) -> bool:
    return not text.strip() or text in na


def _indicators(
    name: str, texts: Sequence[tuple[list[str], NDArray[np.intp]]]
) -> tuple[list[Column], list[str]]:
    """Return an indicator for each category, the most frequent of the pooled rows first."""
    order = _by_frequency(texts[:2])
    rank = {category: min(i, CATEGORIES) for i, category in enumerate(order)}
    codes = []
    for names, place in texts:
        ranks = np.array([rank.get(each, CATEGORIES) for each in names] + [-1])
        codes.append(ranks[place])
    titles = {i: f"{name}={category}" for i, category in enumerate(order[:CATEGORIES])}
    if len(order) > CATEGORIES:
        titles[CATEGORIES] = f"{name}=other"
    missing = any((each == -1).any() for each in codes[:2])
    if len(order) == 2 and not missing:
        del titles[1]
    if missing:
        titles[-1] = f"{name} {MISSING}"
    columns = [
        (title, [(each == code).astype(np.float32) for each in codes])
        for code, title in titles.items()
    ]
    many = f"{name}: {CATEGORIES} of {len(order)} categories have a column, the rest share one"
    return columns, [many] if len(order) > CATEGORIES else []


def _by_frequency(texts: Sequence[tuple[list[str], NDArray[np.intp]]]) -> list[str]:
    counts: dict[str, int] = {}
    for names, place in texts:
        often = np.bincount(place[place >= 0], minlength=len(names))
        for category, number in zip(names, often.tolist(), strict=True):
            if number:
                counts[category] = counts.get(category, 0) + number
    return sorted(counts, key=lambda category: (-counts[category], category))
