"""A result in words: the tables of docs/speed.md, as Markdown."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from aae.base.markers import put_between
from aae.benchmark.clock import shares
from aae.benchmark.growth import Many
from aae.benchmark.machine import PACKAGES
from aae.benchmark.result import Ratio, Result
from aae.benchmark.scale import by_columns, by_stage, growths

DOCS = Path("docs/speed.md")
SCALES = {"ms": 1e3, "s": 1.0}
PICTURE = "![Processor seconds and memory of each stage over rows](../reports/bench.png)"
Row = Sequence[str]


def write(result: Result, document: Path = DOCS) -> None:
    """Put the tables into the documentation."""
    put_between(document, "speed", f"{PICTURE}\n\n{speed(result)}")
    if result.many:
        put_between(document, "growth", f"{where(result)}\n\n{growth(result.many)}")


def speed(result: Result) -> str:
    """Everything but the many models."""
    return "\n\n".join(
        [where(result), ratios(result.ratios), *result.skipped, phases(result), scale(result)]
    )


def where(result: Result) -> str:
    """When, of what, where and how it was measured."""
    on = result.machine
    versions = ", ".join(f"{name} {on[name]}" for name in ("python", *PACKAGES))
    return (
        f"Measured on {result.measured} at commit {result.commit} by `{result.command}` on "
        f"{on['processor']}, {on['cores']} cores, {on['memory']:.0f} GiB, {on['system']}; "
        f"{versions}."
    )


def ratios(found: Iterable[Ratio]) -> str:
    """What is measured against something else."""

    def shown(seconds: float | None, unit: str) -> str:
        return "–" if seconds is None else f"{seconds * SCALES[unit]:.3g} {unit}"

    rows = [
        (
            each.what,
            shown(each.value, each.unit),
            f"{each.against}: {shown(each.base, each.unit)}",
            "–" if each.ratio is None else f"{each.ratio:.3g}",
        )
        for each in found
    ]
    return markdown(("what", "takes", "against", "ratio"), rows)


def phases(result: Result) -> str:
    """What the train stage spends its time on."""
    of_all = shares(dict(result.phases))
    rows = [
        (name, f"{seconds:.2f}", f"{of_all[name]:.0%}") for name, seconds in result.phases.items()
    ]
    rows.append(("all", f"{sum(result.phases.values()):.2f}", "100%"))
    return markdown(("train stage, 1000 rows x 784 columns", "processor s", "share"), rows)


def scale(result: Result) -> str:
    """Speed and memory of each stage at the largest size, and how they grow."""
    with_columns = by_columns(result.scale)
    widest = max(each.columns for each in result.scale)
    rows = []
    for growth, group in zip(growths(result.scale), by_stage(result.scale).values(), strict=True):
        last = group[-1]
        wide = with_columns.get(growth.stage) if growth.columns == widest else None
        rows.append(
            (
                f"{growth.stage}, {growth.columns} columns",
                f"{group[0].seconds:.1f} s",
                f"{last.seconds:.1f} s",
                f"{last.rows / last.seconds:,.0f}",
                f"{last.peak:.0f} MiB",
                *map(power, (growth.seconds, growth.peak)),
                *map(power, wide or (None, None)),
            )
        )
    fewest, most = (each(one.rows for one in result.scale) for each in (min, max))
    heads = "stage", f"{fewest:,} rows", f"{most:,} rows", "rows/s", "peak"
    grows = "time ~ rows^", "memory ~ rows^", "time ~ columns^", "memory ~ columns^"
    return markdown((*heads, *grows), rows)


def power(exponent: float | None) -> str:
    """An exponent; a dash where it is not known."""
    if exponent is None:
        return "–"
    return f"{exponent:.2f}" if exponent else "flat"


def growth(many: Many) -> str:
    """What many models cost beside themselves."""
    rows = [
        ("`dvc status`", f"{many.status:.1f} processor s"),
        *((f"of it {name}", f"{share:.0%}") for name, share in many.parts.items()),
        ("`make reproduce`, nothing to do", f"{many.idle:.1f} processor s"),
        ("`make reproduce`, beyond a stage's own time", f"{many.added:.2f} s a stage"),
        ("the page", f"{many.page / 1e6:.1f} MB, {many.elements:,} elements"),
    ]
    return markdown((f"{many.models} models, {many.stages} stages", ""), rows)


def markdown(columns: Row, rows: Iterable[Row]) -> str:
    """A table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows))
