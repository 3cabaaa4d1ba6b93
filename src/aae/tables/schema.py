"""How coded rows become a table again: columns, labels, categories and gaps as they were."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aae.tables.coding import CATEGORIES, CATEGORY, MICROSECONDS, TIME, Field

if TYPE_CHECKING:
    import pyarrow as pa

ZONED = re.compile(r"timestamp\[(\w+), tz=(.+)\]")
DECIMAL = re.compile(r"decimal(\d+)\((\d+), (-?\d+)\)")


@dataclass(frozen=True)
class Label:
    """The column of classes.

    Attributes:
        name: of the column.
        type: of its cells, in Arrow's words.
        place: among the columns of the table.
    """

    name: str
    type: str
    place: int


@dataclass(frozen=True)
class Schema:
    """Columns of a table: `fields`, and the label with its classes as text, if there is one."""

    fields: Sequence[Field]
    label: Label | None = None
    classes: Sequence[str] = ()

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Schema:
        """What table.json says; columns of numbers where it says no more than their names."""
        known = described.get("fields")
        if known is None:
            known = [
                {"name": name, "kind": "number", "type": "float", "categories": {}}
                for name in described["columns"]
            ]
        label = described.get("label")
        fields = [Field(**each) for each in known]
        return cls(fields, label and Label(**label), [*described.get("classes", ())])

    def to_dict(self) -> dict[str, Any]:
        """For table.json, which has the classes by themselves."""
        label = self.label and asdict(self.label)
        return {"fields": [asdict(each) for each in self.fields], "label": label}

    @property
    def columns(self) -> list[str]:
        """Names of the coded columns."""
        return [title for field in self.fields for title in field.columns]

    def arrow(self, labelled: bool) -> pa.Schema:
        """Names and types of the table, with the label's column where rows have labels."""
        import pyarrow as pa

        columns = [(each.name, data_type(each.type)) for each in self.fields]
        if labelled and self.label is not None:
            columns.insert(self.label.place, (self.label.name, data_type(self.label.type)))
        return pa.schema(columns)

    def batch(
        self, rows: NDArray[Any], labels: NDArray[Any] | None, rng: np.random.Generator
    ) -> pa.RecordBatch:
        """Decode rows.

        Args:
            rows: coded, shape (rows, columns).
            labels: index of each row's class, or None where rows have none.
            rng: of the categories that share an indicator.
        """
        import pyarrow as pa

        arrays, start = [], 0
        for field in self.fields:
            width = len(field.columns)
            arrays.append(decoded(field, rows[:, start : start + width], rng))
            start += width
        if labels is not None and self.label is not None:
            classes = pa.array(self.classes, "string").take(pa.array(labels))
            arrays.insert(self.label.place, classes.cast(data_type(self.label.type)))
        return pa.record_batch(arrays, self.arrow(labels is not None))


def decoded(field: Field, codes: NDArray[Any], rng: np.random.Generator) -> pa.Array:
    """Cells of one column from its coded columns, shape (rows, coded columns)."""
    import pyarrow as pa

    kind = data_type(field.type)
    if field.kind == CATEGORY:
        return _categories(field, codes, rng).cast(kind)
    values, gap = codes[:, 0], codes[:, 1] > 0.5 if field.gaps else None
    if field.kind == TIME:
        ticks = np.rint(values.astype(np.float64) * MICROSECONDS).astype(np.int64)
        zone = getattr(kind, "tz", None)
        return pa.array(ticks, mask=gap).cast(pa.timestamp("us", zone)).cast(kind, safe=False)
    if pa.types.is_null(kind):
        return pa.nulls(len(codes))
    if pa.types.is_integer(kind):
        values = np.rint(values)
    if pa.types.is_float64(kind) and values.dtype == np.float32:
        values = shortest(values)
    return pa.array(values, mask=gap).cast(kind, safe=False)


def shortest(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The float64 numbers of fewest digits that are these: 0.1, not 0.10000000149."""
    import pyarrow as pa

    cells = pa.array(values).cast("string").cast("float64")
    return np.asarray(cells.to_numpy(zero_copy_only=False))


def _categories(field: Field, codes: NDArray[Any], rng: np.random.Generator) -> pa.Array:
    """Categories as text: that of the largest indicator; the rare ones by their shares."""
    import pyarrow as pa

    places = np.array([*field.titles])
    if len(field.categories) == 2 and not field.gaps:
        chosen = np.where(codes[:, 0] > 0.5, 0, 1)
    else:
        chosen = places[codes.argmax(axis=1)]
    names, counts = [*field.categories], np.array([*field.categories.values()], dtype=np.float64)
    if len(names) > CATEGORIES:
        rare = counts[CATEGORIES:] / counts[CATEGORIES:].sum()
        drawn = CATEGORIES + rng.choice(len(rare), size=len(chosen), p=rare)
        chosen = np.where(chosen == CATEGORIES, drawn, chosen)
    return pa.array(names, "string").take(pa.array(chosen, mask=chosen < 0))


def data_type(name: str) -> pa.DataType:
    """The Arrow type of a name that Arrow gave it."""
    import pyarrow as pa

    if zoned := ZONED.fullmatch(name):
        return pa.timestamp(*zoned.groups())
    if decimal := DECIMAL.fullmatch(name):
        bits, digits, places = map(int, decimal.groups())
        return {32: pa.decimal32, 64: pa.decimal64, 128: pa.decimal128, 256: pa.decimal256}[bits](
            digits, places
        )
    return pa.type_for_alias(name)
