"""All pictures of one run, as the template of the page names them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from aae.report.content import PASSED
from aae.report.images import Picture, grid, limits, matrices, rectangle, triptych
from aae.report.plots import (
    SMALL,
    class_style,
    code_space,
    curves,
    marginal,
    neighbours,
    pair,
    quantiles,
)
from aae.report.runs import DataReport, ModelRun
from aae.report.wording import number

LOSSES = {
    "Decoder loss": "decoder",
    "Encoder loss": "encoder",
    "Reconstruction loss": "reconstruction",
    "Total loss": "total",
}
CRITICS = {
    "Discriminator of codes: loss": "latent_discriminator",
    "Discriminator of codes: accuracy": "latent_accuracy",
    "Discriminator of rows: loss": "data_discriminator",
    "Discriminator of rows: accuracy": "data_accuracy",
}
CLASSIFIER = {"Classifier loss": "classifier"}
GRADIENTS = {"likelihood": "likelihood_gradient", "adversarial": "adversarial_gradient"}
SUBSETS = {"components": "components", "out of distribution": "out_of_distribution"}


def real_rows(report: DataReport) -> dict[str, Any]:
    """The first real rows as images, and the scale that generated ones are shown on, too."""
    rows = report.variants[0].runs[0].arrays["real"]
    scale, shape = limits(rows), rectangle(rows.shape[1])
    label = f"{len(rows)} real rows of {report.name}, {_described(rows)}."
    return {"picture": grid(rows, scale, label), "scale": scale, "shape": shape}


def _described(rows: Any) -> str:
    high, wide = rectangle(rows.shape[1])
    mean, std = number(float(rows.mean())), number(float(rows.std()))
    return f"images of {high} by {wide} cells with mean {mean} and standard deviation {std}"


def draw(name: str, run: ModelRun) -> dict[str, Any]:
    """All pictures of one run, as the template names them."""
    arrays = run.arrays
    generated = f"{len(arrays['generated'])} generated rows of {name}, "
    scale = limits(arrays["real"])
    return {
        "generated": grid(
            arrays["generated"], scale, f"{generated}{_described(arrays['generated'])}."
        ),
        "examples": _triptych(arrays, [""], f"rows of {name}"),
        "subsets": {
            title: _triptych(arrays, [f":{each}" for each in run.metrics[key]], f"rows of {name}")
            for title, key in SUBSETS.items()
            if any(f"original:{each}" in arrays for each in run.metrics[key])
        },
        "marginal": marginal(run),
        "quantiles": quantiles(arrays["quantiles"], "all cells"),
        "neighbours": neighbours(arrays["neighbour_distances"]),
        "correlations": _correlations(arrays["correlations"]),
        "worst": _worst(run),
        "codes": code_space(run),
        "legend": legend(run),
        "panels": panels(run),
    }


def _triptych(arrays: Mapping[str, Any], keys: Sequence[str], what: str) -> Picture:
    """Rows of some groups, a line each, with reconstructions and differences."""
    keys = [key for key in keys if f"original{key}" in arrays]
    originals, made = (
        [arrays[f"{kind}{key}"] for key in keys] for kind in ("original", "reconstruction")
    )
    span = float(np.ptp(np.concatenate(originals))) or 1.0
    off = np.concatenate([np.abs(a - b) for a, b in zip(originals, made, strict=True)]) / span
    groups = f" of {len(keys)} groups" if len(keys) > 1 else ""
    label = (
        f"{len(off)} {what}{groups}, their reconstructions, and the differences: "
        f"{off.mean():.0%} of the range on average, {off.max():.0%} at most."
    )
    return triptych(originals, made, label)


def _correlations(sides: Any) -> Picture:
    apart = number(float(np.abs(sides[0] - sides[1]).max()))
    label = (
        f"Correlations between {sides.shape[1]} evenly spaced columns, real rows left, generated "
        f"rows right: at most {apart} apart."
    )
    return matrices(sides, label)


def _worst(run: ModelRun) -> dict[str, Markup]:
    """Drawings of the columns and pairs that are named, where the verdict is not passed."""
    named, arrays = run.metrics["differences"], run.arrays
    if run.metrics["verdict"] == PASSED:
        return {}
    columns = zip(named["columns"], arrays["column_quantiles"].swapaxes(0, 1), strict=False)
    pairs = zip(named["pairs"], arrays["pair_points"].swapaxes(0, 1), strict=False)
    return {
        each["name"]: quantiles(sides, f"column {each['name']}", SMALL) for each, sides in columns
    } | {" with ".join(each["names"]): pair(points, each["names"]) for each, points in pairs}


def legend(run: ModelRun) -> dict[str, str]:
    """Style of each class's dots in the code space."""
    labels = sorted({int(label) for label in run.arrays["code_labels"] if label >= 0})
    names = list(run.metrics["components"])
    if len(names) != len(labels):
        names = [str(label) for label in labels]
    return {name: class_style(label) for name, label in zip(names, labels, strict=True)}


Panels = dict[str, tuple[str, list[str]]]


def panels(run: ModelRun) -> tuple[Panels, Panels]:
    """Curves by title, the article's four first: a drawing and its lines' names.

    Where there is no such loss, the drawing is empty and the one name says so.
    """
    history = run.history

    def drawn(title: str, lines: dict[str, str]) -> tuple[str, list[str]]:
        return curves(history, lines, title), list(lines)

    def losses(keys: dict[str, str]) -> Panels:
        known = {title: key for title, key in keys.items() if key in history}
        return {t: drawn(t, {"train": key, "validation": f"val_{key}"}) for t, key in known.items()}

    none: Panels = dict.fromkeys(LOSSES, ("", ["no adversary on the codes: no such loss"]))
    critics = losses(CRITICS) or {"Discriminator": ("", ["no adversary: no discriminator"])}
    title = "Size of the gradients"
    gradients = {title: drawn(title, GRADIENTS)}
    return none | losses(LOSSES), critics | gradients | losses(CLASSIFIER)
