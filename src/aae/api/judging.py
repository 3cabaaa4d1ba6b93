"""Judge generated rows: what `aae check` says of files, of arrays and data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aae.api.frames import table_from
from aae.check.checking import compared, judged
from aae.check.result import Check
from aae.check.tables import Reading, alike
from aae.verdict.judge import Settings


def judge(
    real: Any,
    generated: Any,
    labels: Any = None,
    *,
    train: Any = None,
    drop: Sequence[str] = (),
    tolerance: Mapping[str, float] | None = None,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
) -> Check:
    """Judge generated rows against real ones that the generator did not learn from.

    Args:
        real: a 2-D array, a mapping of columns, or a data frame.
        generated: the same; its columns in any order where they have names.
        labels: name of the column of classes; or, of arrays, a pair: the classes of the real and
            those of the generated rows.
        train: rows that the generator learned from: are they memorised?
        drop: columns that are left out.
        tolerance: of named effects, see `aae.verdict.tolerance`.
        settings: permutations, level, seed and resolution.

    Returns:
        What is said; `outcome` in words, `exit_code` as that of `aae check`, `to_dict()` all of it.

    Raises:
        ValueError: rows that cannot be compared.
    """
    named = labels is None or isinstance(labels, str)
    each = (labels, labels) if named else tuple(labels)
    tables, files = [], ["real rows", "generated rows"]
    for rows, own in zip((real, generated), each, strict=True):
        table, label = table_from(rows, own)
        tables.append(table)
    if train is not None:
        tables.append(table_from(train)[0])
        files.append("training rows")
    reading = Reading(label, tuple(drop))
    given = compared(alike(tables, files, reading), reading)
    return judged(given, settings, tolerance=tolerance or {})
