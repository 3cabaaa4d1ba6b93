"""The report as a page: every picture and table of it, and the overview."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from aae.base.files import read_json
from aae.base.intervals import margin
from aae.report.content import UNDERPOWERED, VALUES, Row, counts, linear, metrics, table
from aae.report.figures import CLASSES, bar, code_space, curves, histogram, samples
from aae.report.figures import reconstructions as triptych
from aae.report.pages import render
from aae.report.runs import DataReport, ModelRun

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
HEADING = (
    "Values of all cells: real rows (grey) and what each variant generates (lines). "
    "✓ not distinguished, ✗ told apart, ? underpowered;\n"
    "AUC of a classifier that tells generated from real rows: 0.5 is chance, 1 is certainty."
)


def page(reports: Sequence[DataReport]) -> str:
    """Draw and write the whole page."""
    return filled(
        {
            "summary": metrics(reports),
            "counts": counts(reports),
            "reports": reports,
            "tables": {report.name: table(report) for report in reports},
            "pictures": pictures(reports),
            "studies": [read_json(each) for each in sorted(Path("reports/studies").glob("*.json"))],
            "bars": {colours: bar(colours) for colours in ("gray", "magma")},
        }
    )


def pictures(reports: Sequence[DataReport]) -> dict[tuple[str, str], dict[str, Any]]:
    """Draw the first seed of each name and variant."""
    todo = [(report.name, variant) for report in reports for variant in report.variants]
    shown = track(todo, description="report: drawing", transient=True)
    return {(name, variant.name): draw(variant.runs[0]) for name, variant in shown}


def draw(run: ModelRun) -> dict[str, Any]:
    """All pictures of one run, as the template names them."""
    arrays = run.arrays
    subsets = [key.partition(":")[2] for key in arrays if key.startswith("original:")]
    return {
        "samples": samples(arrays["real"], arrays["generated"]),
        "examples": triptych(arrays["original"], arrays["reconstruction"]),
        "subsets": {
            name: triptych(arrays[f"original:{name}"], arrays[f"reconstruction:{name}"])
            for name in subsets
        },
        "histogram": histogram(
            arrays["edges"], arrays["real_density"], arrays["generated_density"]
        ),
        "codes": code_space(arrays["codes"], arrays["code_labels"], arrays["prior_codes"]),
        "legend": legend(run),
        "panels": panels(run),
    }


def legend(run: ModelRun) -> dict[str, str]:
    """Colour of each class in the code space."""
    labels = sorted({int(label) for label in run.arrays["code_labels"] if label >= 0})
    names = list(run.metrics["components"])
    if len(names) != len(labels):
        names = [str(label) for label in labels]
    return {name: CLASSES[label % len(CLASSES)] for name, label in zip(names, labels, strict=True)}


Panels = dict[str, tuple[str, list[str]]]


def panels(run: ModelRun) -> tuple[Panels, Panels]:
    """Curves by title, the article's four first: a drawing and its lines' names.

    Where there is no such loss, the drawing is empty and the one name says so.
    """
    epochs, history = run.history["epoch"] + 1, run.history

    def drawn(lines: dict[str, str]) -> tuple[str, list[str]]:
        return curves(epochs, [history[key] for key in lines.values()]), list(lines)

    def losses(keys: dict[str, str]) -> Panels:
        known = {title: key for title, key in keys.items() if key in history}
        return {t: drawn({"train": key, "validation": f"val_{key}"}) for t, key in known.items()}

    none: Panels = dict.fromkeys(LOSSES, ("", ["no adversary on the codes: no such loss"]))
    critics = losses(CRITICS) or {"Discriminator": ("", ["no adversary: no discriminator"])}
    gradients = {"Size of the gradients": drawn(GRADIENTS)}
    return none | losses(LOSSES), critics | gradients | losses(CLASSIFIER)


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


def number(value: float | None) -> str:
    """Three significant digits, with a minus sign; a dash for none."""
    if value is None:
        return "–"
    text = f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value:#.3g}".removesuffix(".")
    return text.replace("-", "−").replace("e−0", "e−")


def probability(p: float) -> str:
    """A p-value, no finer than 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def spread(values: Sequence[float]) -> str:
    """Mean over seeds and, where there are several, half the width of its 95% interval."""
    if not values:
        return "–"
    mean = number(float(np.mean(values)))
    return mean if len(values) == 1 else f"{mean} ± {number(margin(values))}"


def filled(content: Mapping[str, Any]) -> str:
    """Fill the template of the report."""
    filters: Any = {"number": number, "probability": probability, "spread": spread}
    return render("report.html.jinja", content, filters, {"linear": linear, "columns": VALUES})
