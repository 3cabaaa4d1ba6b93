"""The overview: a histogram for each name with its verdicts beneath, one PNG for README and DVC."""

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aae.report.content import UNDERPOWERED, Row, table
from aae.report.runs import DataReport

Array = NDArray[Any]

LINES = ("#3b7dd8", "#e07b39", "#3a9d5d", "#a05bc7", "#c2486b", "#8c7a3d")
REAL = "#9aa3ad"

HEADING = (
    "Values of all cells: real rows (grey) and what each variant generates (lines). "
    "✓ not distinguished, ✗ told apart, ? underpowered;\n"
    "AUC of a classifier that tells generated from real rows: 0.5 is chance, 1 is certainty."
)


def panel(report: DataReport) -> dict[str, Any]:
    """What the overview shows of a name: histograms, and what each variant's verdict is."""
    control, *rows = [row for row in table(report) if row.kind != "baseline"]
    first = report.variants[0].runs[0].arrays
    drawn = [variant.runs[0].arrays["generated_density"] for variant in report.variants]
    return {
        "title": report.name,
        "edges": first["edges"],
        "real": first["real_density"],
        "control": words(control),
        "lines": {words(row): density for row, density in zip(rows, drawn, strict=True)},
    }


def words(row: Row) -> str:
    """A verdict in one short line."""
    share = f", {row.verdict}" if 0 < row.passed < 1 else ""
    auc = f", AUC {np.mean(row.values['AUC']):.2f}" if row.values["AUC"] else ""
    mark = "✓" if row.passed == 1 else "?" if row.verdict == UNDERPOWERED else "✗"
    return f"{mark} {row.label}{share}{auc}"


def overview(heading: str, panels: Sequence[Mapping[str, Any]]) -> bytes:
    """Draw one histogram a name with the verdicts beneath it, as a PNG 1800 pixels wide.

    Args:
        heading: one or two lines.
        panels: for each name its `title`, `edges`, `real`, what `control` says of real rows, and
            `lines`: what is said of a variant -> its density.
    """
    down, words = -(-len(panels) // 4), 1 + max(len(each["lines"]) for each in panels)
    inches = 1.6 + 0.165 * words
    figure = Figure(figsize=(9, 0.42 + inches * down), dpi=200)
    high = figure.get_figheight()
    for place, panel in enumerate(panels):
        top = 0.75 + inches * (place // 4)
        axes = figure.add_axes((place % 4 / 4 + 0.012, 1 - (top + 0.95) / high, 0.226, 0.95 / high))
        _summarise(axes, panel)
    figure.text(0.012, 1 - 0.08 / high, heading, fontsize=8, va="top", color="#444444")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _summarise(axes: Axes, panel: Mapping[str, Any]) -> None:
    _steps(axes, panel["edges"], panel["real"], panel["lines"].values())
    axes.set_yticks([])
    axes.tick_params(labelsize=7, length=2, colors="#444444")
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.set_title(panel["title"], fontsize=10, weight="bold", loc="left", pad=4)
    colours = "#666666", *LINES * len(panel["lines"])
    for line, text in enumerate([panel["control"], *panel["lines"]]):
        down = -(0.25 + 0.165 * line) / 0.95
        said = axes.text(0, down, text, transform=axes.transAxes, fontsize=7.8, va="top")
        said.set(color=colours[line], parse_math=False)


def _steps(axes: Axes, edges: Array, filled: Array, lines: Collection[Array]) -> None:
    # A spike of what is generated must not flatten what is real.
    top = min(max(each.max() for each in (filled, *lines)), 2.2 * filled.max())
    axes.stairs(np.minimum(filled, top), edges, fill=True, color=REAL, alpha=0.5)
    for place, density in enumerate(lines):
        colour, width = LINES[place % len(LINES)], 1.8 if place == 0 < len(lines) - 1 else 1.0
        axes.stairs(np.minimum(density, top), edges, color=colour, lw=width)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.03 * top)
