"""`aae check --plan`: how many rows would show a difference, before any model exists."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aae.check.tables import Reading, numbers, read_alike
from aae.verdict.judge import Settings
from aae.verdict.own_power import SCALED_ROWS, plan
from aae.verdict.power import NAMES

HOW = (
    "Measured on the {rows} rows of {file}, divided again and again, and extrapolated: the size "
    "that is seen shrinks like one over the root of the rows. Beyond "
    f"{SCALED_ROWS} rows a side some tests look at no more of them, so that more may be needed."
)


@dataclass(frozen=True)
class Plan:
    """What `aae.verdict.own_power.plan` says of a table.

    Attributes:
        real: name of its file; rows, columns: of the table.
        settings: of the verdict that is planned.
        planned: see `plan`.
    """

    real: str
    rows: int
    columns: int
    settings: Settings
    planned: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        about = {"real_file": self.real, "rows": self.rows, "columns": self.columns}
        level = {"alpha": self.settings.alpha, "permutations": self.settings.permutations}
        return about | level | self.planned


def planned(
    real: Path,
    *,
    reading: Reading = Reading(),  # noqa: B008 (frozen)
    settings: Settings = Settings(),  # noqa: B008 (frozen)
) -> Plan:
    """Plan the verdict on a generator of such rows.

    Args:
        real: CSV, Parquet or NPY file.
        reading: label (which is not looked at), columns left out, separator and gaps.
        settings: of the verdict.

    Raises:
        ValueError: a table that cannot be read, or fewer than 4 rows.
        FileNotFoundError: there is no such file.
    """
    rows = numbers(read_alike([real], reading), reading).rows[0]
    count, columns = rows.shape
    return Plan(real.name, count, columns, settings, plan(rows, settings))


def plan_view(plan: Plan) -> Any:
    """Lay out a plan for the terminal: a rich renderable."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    n = plan.planned["divided"]
    grid = Table("effect", f"seen from, at {n} rows a side", "rows a side that show it")
    for name, each in plan.planned["effects"].items():
        needed = "cannot be said" if each["rows"] is None else f"about {each['rows']:,}"
        seen = "no size" if each["size"] is None else f"{each['size']:.2g}"
        grid.add_row(f"{NAMES.get(name, name)} {each['wanted']:g}", seen, needed)
    return Group(grid, Text(f"With 80% power. {HOW.format(rows=plan.rows, file=plan.real)}"))
