"""What of a run's metrics.json is compared between revisions, and which way is better."""

import math
from collections.abc import Mapping
from typing import Any

from aae.base.checks import expect
from aae.verdict.closed_form import MOMENTS
from aae.verdict.judge import NOT_DISTINGUISHED

PASSED = NOT_DISTINGUISHED
AUC, FLOOR = "AUC gap", "AUC above floor"
HIGHER_IS_BETTER = frozenset({PASSED, "explained"})  # all else is a distance: lower is better
MEANING = {
    PASSED: "1 where this is the verdict (underpowered is not), else 0: the verdict rate",
    AUC: "distance from 0.5, chance, of the classifier test's area under the ROC curve",
    FLOOR: "AUC beyond that of a perfect model learned from as few rows: misfit",
    "TEST": "effect of each other test: standard deviations above its mean under permutation",
    "memorisation": "how much nearer to training rows than to unseen ones, 0 alike, 1 copies",
    "KS": "Kolmogorov-Smirnov distance of all cells pooled",
    "MOMENT |z|": "distance of all cells' moment from the known law, in standard errors",
    "explained": "share of the variance of unseen rows that the reconstruction explains",
    "precision, recall, coverage gap": "distance from the mean of real rows against real rows",
}


def comparable(
    metrics: Mapping[str, Any], control: Mapping[str, Any], floor: Mapping[str, Any] | None = None
) -> dict[str, float]:
    """Metrics of one run that mean the same whatever the model: name -> value.

    Density is left out: a model that makes one row over and over has more of it than the data.

    Args:
        metrics: content of the run's metrics.json.
        control: the same of real rows against real rows, of reports/reference/NAME.
        floor: content of the run's file in reports/floors, where there is one.

    Raises:
        ValueError: a metric is NaN or infinite, which is neither better nor worse than any.
    """
    values = {PASSED: float(metrics["verdict"] == PASSED)}
    for test, outcome in metrics["tests"].items():
        values |= _of_test(test, outcome)
    if floor and AUC in values and "classifier" in floor["tests"]:
        least = floor["tests"]["classifier"]["statistic"]
        values[FLOOR] = metrics["tests"]["classifier"]["statistic"] - least
    if metrics.get("memorisation"):
        values["memorisation"] = max(metrics["memorisation"]["nearer"]["value"], 0.0)
    values["KS"] = metrics["moments"]["ks_cells"]
    if metrics.get("closed_form"):
        cells = metrics["closed_form"]["cells"]
        values |= {f"{name.removeprefix('excess_')} |z|": abs(cells[name]["z"]) for name in MOMENTS}
    values["explained"] = metrics["reconstruction"]["explained"]
    normal = control.get("null_intervals", {})
    for name in ("precision", "recall", "coverage"):
        if name in metrics["diversity"] and name in normal:
            values[f"{name} gap"] = abs(metrics["diversity"][name] - sum(normal[name]) / 2)
    for name, value in values.items():
        expect(math.isfinite(value), f"a finite number for the metric {name}", value)
    return values


def _of_test(test: str, outcome: Mapping[str, float]) -> dict[str, float]:
    if test == "classifier":
        return {AUC: abs(outcome["statistic"] - 0.5)}
    return {test: outcome["effect"]}
