"""reports/bench.png: seconds and memory of the stages over rows."""

from collections.abc import Sequence
from pathlib import Path

from aae.base.files import replacing
from aae.benchmark.scale import Measured, by_stage

PLOT = Path("reports/bench.png")
STYLES = "--", "-", ":"  # by columns, few first
PANELS = {"seconds": "processor seconds", "peak": "peak memory, MiB"}


def draw(measured: Sequence[Measured], path: Path = PLOT) -> None:
    """Draw a line for each stage and number of columns, in two panels."""
    from matplotlib.figure import Figure

    stages = [*dict.fromkeys(each.stage for each in measured)]
    widths = sorted({each.columns for each in measured})
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    for axes, (key, title) in zip(figure.subplots(1, 2), PANELS.items(), strict=True):
        for (stage, columns), each in by_stage(measured).items():
            axes.loglog(
                [one.rows for one in each],
                [getattr(one, key) for one in each],
                f"C{stages.index(stage)}{STYLES[widths.index(columns)]}o",
                markersize=3,
                label=f"{stage}, {columns} columns",
            )
        axes.set(xlabel="rows", title=title)
        axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize="small")
    with replacing(path) as temporary, temporary.open("wb") as file:
        figure.savefig(file, dpi=110)
