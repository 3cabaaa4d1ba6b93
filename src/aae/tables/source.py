"""Which table is read and how it is used, as configured and checked."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from aae.base.checks import INSIDE, Rule, at_least, list_of, optional
from aae.base.settings import check_fields, setting
from aae.tables.formats import FORMATS
from aae.tables.splitting import SHARE


def _is_table_path(value: Any) -> bool:
    return INSIDE.holds(value) and PurePosixPath(value).suffix.lower() in FORMATS


_KINDS = ", ".join(FORMATS)
TABLE_PATH: Rule[str] = Rule(f"{INSIDE.expected}, ending in one of {_KINDS}", _is_table_path)
COLUMN: Rule[str] = Rule("a column name", lambda value: isinstance(value, str) and bool(value))


@dataclass
class TableSource:
    """Where a table lies and how it is used; also the schema of one entry of `tables`.

    Attributes:
        path: file inside the project, relative, ending in .csv, .parquet or .npy.
        label: name of the column that holds classes, if there is one.
        group: name of a column, no feature, whose equal values keep rows on one side of the split
            into training and test rows: of one patient, or copies of one image; if there is one.
        drop: names of columns that are left out.
        test_share: share of the rows that are held out for testing, strictly between 0 and 1.
        seed: seed of the split.
    """

    path: str = setting("", TABLE_PATH)
    label: str | None = setting(None, optional(COLUMN))
    group: str | None = setting(None, optional(COLUMN))
    drop: list[str] = setting([], list_of(COLUMN))
    test_share: float = setting(0.5, SHARE)
    seed: int = setting(0, at_least(0))

    def __post_init__(self) -> None:
        """Check every value."""
        check_fields(self)
