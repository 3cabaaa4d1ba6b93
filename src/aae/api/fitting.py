"""Fit a model to a table, without the pipeline: the same artefacts, bytes and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aae.api.frames import kind_of_frame, table_from
from aae.api.trained import Model
from aae.base.checks import one_of
from aae.base.checksums import write_checksums
from aae.base.files import write_json
from aae.dataset.splits import Split
from aae.model.configuration import Recipe
from aae.model.run import run
from aae.tables.description import describe
from aae.tables.reading import Table, table_of

SECTIONS = ("model", "train")


def fit(
    rows: Any,
    labels: Any = None,
    columns: Sequence[str] | None = None,
    *,
    drop: Sequence[str] = (),
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
) -> Model:
    """Learn the law of rows.

    The first training in a process sets TensorFlow to one thread and deterministic kernels.

    Args:
        rows: a 2-D array, a mapping of columns, or a data frame: numbers, text, booleans, time
            stamps, with gaps.
        labels: name of the column of classes, or the class of each row, shape (rows,).
        columns: names of an array's columns.
        drop: names of columns that are left out.
        seed: the same rows, settings and seed give the same model, byte for byte.
        settings: what differs from the defaults of `aae.model.configuration`, such as
            `{"model.codes": 4, "train.steps": 500}`.

    Raises:
        ValueError: rows that cannot be learned from, or settings that do not exist.
    """
    table, label = table_from(rows, labels, columns)
    read = table_of(table, "the rows", label, drop=drop)
    folder = TemporaryDirectory(prefix="aae-")
    path = Path(folder.name) / "model"
    fit_table(read, path, settings or {}, seed)
    return Model(path, kind_of_frame(rows), kept=folder)


def fit_table(table: Table, folder: Path, settings: Mapping[str, Any], seed: int) -> str:
    """Train on all rows of a table and write the model's folder; returns how good it is, a line."""
    import scipy.linalg  # noqa: F401 (loaded now, so that its threads are limited, too)
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import threadpool_limits

    recipe = recipe_of(settings)
    with threadpool_limits(1):
        line = run(folder, Split(table.rows, table.labels), recipe, seed, folder.name)
    write_json(folder / "table.json", describe(table))
    write_checksums(folder)
    return line


def recipe_of(settings: Mapping[str, Any]) -> Recipe:
    """The recipe with what differs from it, by keys such as `model.codes`.

    Raises:
        ValueError: an unknown key, or a value out of range.
    """
    changes: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, value in settings.items():
        section, _, name = key.partition(".")
        one_of(SECTIONS).check(f"the section of setting {key!r}", section)
        changes[section][name] = value
    return Recipe.merged({section: {} for section in SECTIONS}, "fit", changes)
