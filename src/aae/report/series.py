"""Points that `dvc plots` draws and lays over those of other revisions: lines of CSV files."""

from collections.abc import Iterator, Sequence
from typing import Any

from aae.report.plots import plane
from aae.report.runs import DataReport

EPOCHS = 200  # most rows of one run in history.csv
CODES = 150  # of the prior and of real rows, for each name, in codes.csv
Lines = Iterator[tuple[Any, ...]]


def histories(reports: Sequence[DataReport]) -> Lines:
    """Lines of reports/plots/history.csv, its header first: at most EPOCHS of each run."""
    yield "name", "variant", "seed", "epoch", "train", "validation"
    for report in reports:
        for variant in report.variants:
            for run in variant.runs:
                epochs = run.history["epoch"].astype(int) + 1
                step = -(-len(epochs) // EPOCHS)
                for i in range(0, len(epochs), step):
                    losses = (f"{run.history[key][i]:.6g}" for key in ("total", "val_total"))
                    yield report.name, variant.name, run.seed, epochs[i], *losses


def marginals(reports: Sequence[DataReport]) -> Lines:
    """Lines of reports/plots/marginals.csv: densities of all cells, of real rows and each variant.

    Of the first seed; a line is the middle of a bin.
    """
    yield "name", "rows", "value", "density"
    for report in reports:
        first = report.variants[0].runs[0].arrays
        drawn = {"real": first["real_density"]} | {
            each.name: each.runs[0].arrays["generated_density"] for each in report.variants
        }
        middles = (first["edges"][1:] + first["edges"][:-1]) / 2
        for rows, density in drawn.items():
            for value, height in zip(middles, density, strict=True):
                yield report.name, rows, f"{value:.6g}", f"{height:.6g}"


def codes(reports: Sequence[DataReport]) -> Lines:
    """Lines of reports/plots/codes.csv: codes of real rows in the first variant, and of the prior.

    Of more than two dimensions, the codes' principal axes; the second of one dimension is 0.
    """
    yield "name", "codes", "first", "second"
    for report in reports:
        arrays = report.variants[0].runs[0].arrays
        sides = plane(arrays["codes"][:CODES], arrays["prior_codes"][:CODES])
        for label, points in zip(("real rows", "prior"), sides, strict=True):
            for point in points.tolist():
                place = [f"{each:.4g}" for each in [*point, 0.0][:2]]
                yield report.name, label, *place
