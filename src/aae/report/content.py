"""Tables of what was measured for each name, variant and seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aae.base.intervals import margin
from aae.report.runs import DataReport, ModelRun

# As in aae.verdict, which the report need not import: an edit there would make it out of date.
PASSED, UNDERPOWERED, DIFFERENT = "not distinguished", "underpowered", "different"
VALUES = {
    "AUC": "area under the ROC curve of the classifier test: 0.5 is chance, 1 is told apart",
    "floor AUC": "the same of the recipe refitted to the model's own rows: what a perfect model "
    "shows for having learned from so few rows",
    "energy": "effect of the energy distance: standard deviations from its mean under permutation",
    "KS": "Kolmogorov-Smirnov distance of all cells pooled: 0 is equal, 1 is disjoint",
    "std ratio": "standard deviation of all cells, generated over real",
    "skewness": "of all generated cells",
    "kurtosis": "excess kurtosis of all generated cells",
    "explained": "share of the variance of unseen real rows that the reconstruction explains",
    "linear": "the most that a linear autoencoder with as many dimensions as z explains; a model "
    "may know a category besides",
    "coverage": "share of real rows with a generated row among their nearest neighbours",
}


@dataclass(frozen=True)
class Row:
    """One line of the table over all names.

    Attributes:
        label: variant, baseline, or "real against real".
        kind: "control", "baseline" or "variant".
        verdict: "different" and its like where seeds agree, else how many have which.
        verdicts: of each seed.
        passed: share of seeds whose rows are not distinguished.
        failed: hard checks that failed, over all seeds.
        tests: test -> share of seeds in which it rejects.
        least_p: test -> the smallest p-value, after Holm's correction, of all seeds.
        effects: test -> standard deviations from its mean under permutation, mean over seeds.
        values: VALUES -> one number for each seed that has it.
    """

    label: str
    kind: str
    verdict: str
    verdicts: list[str]
    passed: float
    failed: list[str]
    tests: dict[str, float]
    least_p: dict[str, float]
    effects: dict[str, float]
    values: dict[str, list[float]]


def table(report: DataReport) -> list[Row]:
    """Rows of one name: real against real, the baselines, the variants over their seeds."""
    rows = [_row("real against real", "control", [report.reference["control"]])]
    for name, metrics in report.reference["baselines"].items():
        rows.append(_row(name.replace("_", " "), "baseline", [metrics]))
    for variant in report.variants:
        row = _row(variant.name, "variant", [run.metrics for run in variant.runs])
        row.values["linear"] = [each for run in variant.runs for each in linear(report, run)]
        row.values["floor AUC"] = [each for run in variant.runs for each in floor_area(run)]
        rows.append(row)
    return rows


def tally(verdicts: Sequence[str]) -> str:
    """How many of some verdicts pass, and how many are of each other word, underpowered first."""
    others = Counter({UNDERPOWERED: 0})
    others.update(each for each in verdicts if each != PASSED)
    words = "".join(f", {count} {word}" for word, count in others.items() if count)
    return f"{len(verdicts) - others.total()} of {len(verdicts)} {PASSED}{words}"


def linear(report: DataReport, run: ModelRun) -> list[float]:
    """The linear autoencoder's bound for as many dimensions as z has, where it was computed."""
    latent = run.metrics["latent"]
    bound: list[float] = report.reference["explained"][latent - 1 : latent]
    return bound


def floor_area(run: ModelRun) -> list[float]:
    """The classifier's area under the curve in a run's floor, where it was measured."""
    tests = run.floor["tests"] if run.floor else {}
    return [tests["classifier"]["statistic"]] if "classifier" in tests else []


def _row(label: str, kind: str, runs: list[dict[str, Any]]) -> Row:
    passed = sum(each["verdict"] == PASSED for each in runs)
    verdicts = [each["verdict"] for each in runs]
    names = dict.fromkeys(test for each in runs for test in each["tests"])
    outcomes = {
        name: [each["tests"][name] for each in runs if name in each["tests"]] for name in names
    }
    numbers = [_values(each, kind) for each in runs]
    return Row(
        label,
        kind,
        verdicts[0] if len({*verdicts}) == 1 else tally(verdicts),
        verdicts,
        passed / len(runs),
        [sentence for each in runs for sentence in each["failed"]],
        {
            name: float(np.mean([each["rejects"] for each in tests]))
            for name, tests in outcomes.items()
        },
        {name: min(each["adjusted_p"] for each in tests) for name, tests in outcomes.items()},
        {name: float(np.mean([each["effect"] for each in t])) for name, t in outcomes.items()},
        {key: [each[key] for each in numbers if key in each] for key in VALUES},
    )


def _values(metrics: dict[str, Any], kind: str) -> dict[str, float]:
    """Numbers of one comparison, those that it has."""
    tests, cells = metrics["tests"], metrics.get("moments", {}).get("cells")
    values = {
        "AUC": tests.get("classifier", {}).get("statistic"),
        "energy": tests.get("energy", {}).get("effect"),
        "coverage": metrics.get("diversity", {}).get("coverage"),
    }
    if cells:
        values["KS"] = metrics["moments"]["ks_cells"]
        values["std ratio"] = cells["std"]["generated"] / (cells["std"]["real"] or np.nan)
        values["skewness"] = cells["skewness"]["generated"]
        values["kurtosis"] = cells["excess_kurtosis"]["generated"]
    if kind == "variant":
        values["explained"] = metrics["reconstruction"]["explained"]
    return {key: value for key, value in values.items() if value is not None}


def metrics(reports: Sequence[DataReport]) -> dict[str, Any]:
    """The content of reports/metrics.json: few numbers, then a line for each name and variant.

    DVC takes the numbers of mappings for its tables, and passes lists over.
    """
    models = {
        f"{report.name}.{row.label}": row
        for report in reports
        for row in table(report)
        if row.kind == "variant"
    }
    verdicts = [verdict for row in models.values() for verdict in row.verdicts]
    areas: dict[str, list[float]] = {}
    for row in models.values():
        areas.setdefault(row.label, []).extend(row.values["AUC"])
    return {
        "passed": verdicts.count(PASSED),
        UNDERPOWERED: verdicts.count(UNDERPOWERED),
        DIFFERENT: verdicts.count(DIFFERENT),
        "auc": {label: float(np.mean(each)) for label, each in areas.items() if each},
        "models": [{"model": model} | _numbers(row) for model, row in models.items()],
    }


def _numbers(row: Row) -> dict[str, float | None]:
    """Verdict rate and mean over seeds; of several seeds, half its 95% interval's width, too."""
    areas = row.values["AUC"]
    values = {"passed": row.passed, "auc": float(np.mean(areas)) if areas else None}
    floors = row.values["floor AUC"]
    values |= {"floor_auc": float(np.mean(floors))} if floors else {}
    return values | ({"auc_margin": margin(areas)} if len(areas) > 1 else {})
