"""Numbers and verdicts in words: what the page, its pictures' descriptions and tables share."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from aae.base.intervals import margin
from aae.report.content import Row, tally
from aae.report.runs import DataReport

POWER, ENOUGH = "effects seen with 80% power in ", " would show "
UNSEEN = {  # effect -> what goes unseen: all of it, or less than a size
    "std": ("standard deviations", "standard deviations off by less than {:.0%}"),
    "correlation": ("correlations", "correlations off by less than {:.2g}"),
    "mean": ("means", "means off by less than {:.2g} standard deviations"),
}
MANY = 3  # of more tests that reject, their number is said
TESTS = {
    "marginals": "single columns",
    "energy": "energy distance",
    "neighbours": "nearest neighbours",
    "covariance": "covariances",
    "pairs": "pairs of columns",
    "few_columns": "ranks of few columns",
    "row_summaries": "summaries of rows",
    "classifier": "trees",
    "closed_form": "moments of the law",
    "mode_weights": "shares of classes",
    "conditional_energy": "rows of a class",
}


def number(value: float | None) -> str:
    """Three significant digits, with a minus sign; a dash for none."""
    if value is None:
        return "–"
    if abs(value) < 1e-12:  # what is left of sums that cancel
        return "0"
    text = f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value:#.3g}".removesuffix(".")
    return text.replace("-", "−").replace("e−0", "e−").replace("e+0", "e")


def probability(p: float) -> str:
    """A p-value, no finer than 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def spread(values: Sequence[float]) -> str:
    """Mean over seeds and, where there are several, half the width of its 95% interval."""
    if not values:
        return "–"
    mean = number(float(np.mean(values)))
    return mean if len(values) == 1 else f"{mean} ± {number(margin(values))}"


def effect(value: float) -> str:
    """Standard deviations, to a tenth where they are few, with a minus sign."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return text.replace("-0.0", "0.0").replace("-", "−")


def floor_said(metrics: Mapping[str, Any], floor: Mapping[str, Any]) -> str:
    """Say how much of a difference is estimation error, and how much the model's own misfit.

    Args:
        metrics: of a run; floor: of the same, as the stage `floor` wrote it.
    """
    area, least = (
        each["tests"].get("classifier", {}).get("statistic") for each in (metrics, floor)
    )
    learned, too = f"{floor['learned_from']} rows", floor["verdict"] == metrics["verdict"]
    said = f"A perfect model of this class, learned from {learned}, would be {floor['verdict']}"
    said += " too" if too else ""
    if area is not None and least is not None:
        said += f": trees' AUC {number(least)}, where this model shows {number(area)}"
    both = [name for name in metrics["rejecting"] if name in floor["rejecting"]]
    own = [name for name in metrics["rejecting"] if name not in floor["rejecting"]]
    causes = []
    if both:
        causes.append(f"{tests_named(both)}: estimation error, which only more rows would cure")
    if own:
        causes.append(f"{tests_named(own)}: misfit, which a better model would cure")
    return ". ".join([said, *causes]) + "."


def tests_named(names: Sequence[str]) -> str:
    """Tests in words, the first one's initial in upper case."""
    words = listed([TESTS.get(name, name) for name in names])
    return words[:1].upper() + words[1:]


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 2 else words)


def test_name(name: str) -> str:
    """A test in plain words."""
    return TESTS.get(name, name.replace("_", " "))


def could_show(report: DataReport) -> str:
    """What verdicts on so many rows of a name could have shown; empty where none says it."""
    runs = [run.metrics for variant in report.variants for run in variant.runs]
    for metrics in [report.reference["control"], *runs]:
        if effects := _seen(metrics["reason"]):
            return effects
    return ""


def _seen(reason: str) -> str:
    """The effects that a verdict's reason says that such rows show; empty where it says none."""
    _, _, effects = reason.partition(POWER)[2].partition(": ")
    few = effects.partition(";")[0].replace("correlation of all pairs", "correlation")
    return few.replace("correlation none", "no correlation")


def unseen(reason: str) -> str:
    """What an underpowered verdict could not have seen, of what matters; empty if not said."""
    seen, matters = (_sizes(reason.rpartition(word)[2]) for word in (POWER, ENOUGH))
    words = [
        less.format(seen[name]) if seen[name] else f"wrong {what}"
        for name, (what, less) in UNSEEN.items()
        if name in seen and (seen[name] or math.inf) > (matters.get(name) or math.inf)
    ]
    return f"{listed(words)} would go unseen" if words else ""


def _sizes(text: str) -> dict[str, float | None]:
    """Effect -> its size, None where none is seen, of the first such list in a reason."""
    pairs = re.findall(r"(std|correlation|mean)(?: of all pairs)? (none|[\d.e-]+)", text)
    first = dict(reversed(pairs))
    return {name: None if size == "none" else float(size) for name, size in first.items()}


def counted(rows: Mapping[str, Row]) -> str:
    """How many verdicts of some lines, over all seeds, are of which word."""
    return tally([verdict for row in rows.values() for verdict in row.verdicts])


def failure(metrics: Mapping[str, Any]) -> str:
    """Why a verdict is what it is, in a few words: hard checks, tests, what trees tell."""
    if metrics["failed"]:
        return str(metrics["failed"][0].partition(" (")[0])
    rejecting, tests = metrics["rejecting"], metrics["tests"]
    if not rejecting:
        return unseen(metrics["reason"]) or str(metrics["reason"].partition(";")[0])
    few = listed([test_name(each) for each in rejecting])
    said = few if len(rejecting) <= MANY else f"{len(rejecting)} of {len(tests)} tests"
    return ", ".join([said, *_worst(metrics), *_trees(metrics)])


def _worst(metrics: Mapping[str, Any]) -> list[str]:
    """The worst pair, or column, that is named, where the test of it rejects."""
    named = metrics["differences"]
    if named["pairs"] and "pairs" in metrics["rejecting"]:
        return [f"most of all {' with '.join(named['pairs'][0]['names'])}"]
    if named["columns"] and "marginals" in metrics["rejecting"]:
        return [f"most of all {named['columns'][0]['name']}"]
    return []


def _trees(metrics: Mapping[str, Any]) -> list[str]:
    if "classifier" not in metrics["rejecting"]:
        return []
    return [f"trees tell {100 * metrics['tests']['classifier']['statistic']:.0f}%"]
