"""The answer at a glance: what passed, what failed and why, and what the variants are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aae.report.content import PASSED, Row, table
from aae.report.runs import DataReport, ModelRun, VariantRuns
from aae.report.wording import counted, failure, listed, number

# Setting -> value -> what it means; a number or a list is put in the words of `None`.
SETTINGS: dict[str, dict[str | None, str]] = {
    "model.likelihood": {
        "residual": "noise drawn from the residuals of training rows",
        "gaussian": "normal noise of learned variance",
        "mse": "squared error and no noise in the rows",
    },
    "model.adversary": {
        "auto": "a discriminator of codes",
        "latent": "a discriminator of codes",
        "data": "a discriminator of rows",
        "both": "discriminators of codes and of rows",
        "none": "no discriminator",
    },
    "model.posterior": {
        "gaussian": "codes with normal noise",
        "deterministic": "codes without noise",
        "noise": "codes that are a function of row and noise",
    },
    "model.prior": {None: "a prior that is {}"},
    "model.information": {
        "0": "no penalty on codes off the prior",
        None: "weight {} on the penalty on codes off the prior",
    },
    "model.labels": {
        "given": "labels given where there are any",
        "adversary": "labels shown to the discriminator alone",
        "ignored": "labels ignored",
    },
    "model.latent": {None: "codes of {} dimensions"},
    "train.schedule": {
        "cosine": "learning rates that fall to 0",
        "plateau": "early stopping",
    },
}
ABOUT = {"article": "the source article's model"}  # what no setting says
SAME = 1e-5  # standard deviations: float32 has seven digits
ESSENTIAL = ("model.latent", "model.likelihood", "model.adversary")  # said of the first variant


@dataclass(frozen=True)
class VariantAnswer:
    """What is said of a variant on the first screen.

    Attributes:
        name: of the variant; phrase: what it is; counts: of its verdicts; failures: name of the
        data -> why; remark: what its rows say about the adversary, or nothing.
    """

    name: str
    phrase: str
    counts: str
    failures: dict[str, str]
    remark: str


def answers(reports: Sequence[DataReport]) -> list[VariantAnswer]:
    """Say of each variant what it is and how it does, the first of them first."""
    variants = reports[0].variants
    return [
        VariantAnswer(
            variant.name,
            phrase(variants, place),
            counted({each.name: verdict_row(each, place) for each in reports}),
            failures(reports, place),
            adversary_remark(reports, place),
        )
        for place, variant in enumerate(variants)
    ]


def verdict_row(report: DataReport, place: int) -> Row:
    """The line of the table of a variant."""
    return [row for row in table(report) if row.kind == "variant"][place]


def failures(reports: Sequence[DataReport], place: int) -> dict[str, str]:
    """Name -> why a variant did not pass there; of several seeds, the first that did not."""
    reasons = {}
    for report in reports:
        runs = report.variants[place].runs
        failed = [run.metrics for run in runs if run.metrics["verdict"] != PASSED]
        if failed:
            share = f"{len(failed)} of {len(runs)} seeds: " if len(runs) > 1 else ""
            word = failed[0]["verdict"]
            said = "" if word == "different" else f"{word}: "
            reasons[report.name] = f"{share}{said}{failure(failed[0])}"
    return reasons


def phrase(variants: Sequence[VariantRuns], place: int) -> str:
    """Say what a variant is: the first by its essentials, others by what they change."""
    first, own = settings(variants[0].runs[0]), settings(variants[place].runs[0])
    if place == 0:
        return ", ".join(filter(None, (meaning(key, own.get(key)) for key in ESSENTIAL)))
    about = ABOUT.get(variants[place].name)
    return f"{about or f'as {variants[0].name}, but'}{':' * bool(about)} {_changes(first, own)}"


def _changes(first: dict[str, Any], own: dict[str, Any]) -> str:
    """Say what settings change, those of `SETTINGS` by what they mean."""
    changed = {key: own[key] for key in own if own[key] != first.get(key)}
    known = [text for key in SETTINGS if key in changed and (text := meaning(key, changed[key]))]
    rest = [key for key in changed if key not in SETTINGS]
    if rest:
        few = ", ".join(key.partition(".")[2].replace("_", " ") for key in rest[:4])
        known.append(f"other {few}{' and more' if len(rest) > 4 else ''}")
    return ", ".join(known) or "the same settings"


def settings(run: ModelRun) -> dict[str, Any]:
    """A model's recipe as dotted keys."""
    return {
        f"{section}.{key}": value
        for section in ("model", "train")
        for key, value in run.recipe.get(section, {}).items()
    }


def meaning(key: str, value: Any) -> str:
    """Say what a setting's value means; nothing where it is not known."""
    words = SETTINGS[key]
    shown = f"{value:g}" if isinstance(value, (int, float)) else str(value)
    if shown in words:
        return words[shown]
    return (
        words[None].format(shown.replace("_", " ")) if None in words and value is not None else ""
    )


def adversary_remark(reports: Sequence[DataReport], place: int) -> str:
    """Say where a variant that only lacks the first one's adversary makes the very same rows."""
    variants = reports[0].variants
    if place == 0 or not _lacks_adversary(variants[0].runs[0], variants[place].runs[0]):
        return ""
    same = [each.name for each in reports if _same_rows(each, place)]
    other = [each.name for each in reports if each.name not in same]
    alike = [each for each in other if _same_verdict(reports, each, place)]
    changed = [each for each in other if each not in alike]
    parts = []
    if same:
        parts.append(f"on {listed(same)} the generated rows are the same with and without it")
    if alike:
        parts.append(f"on {listed(alike)} the rows differ, the verdict does not")
    if changed:
        parts.append(f"on {listed(changed)} the verdict changes")
    made = "The adversary made no difference to any verdict: " if not changed else "The adversary: "
    return f"{made}{'; '.join(parts)}."


def _lacks_adversary(first: ModelRun, other: ModelRun) -> bool:
    one, two = settings(first), settings(other)
    changed = {key for key in one | two if one.get(key) != two.get(key)}
    return changed == {"model.adversary"} and two["model.adversary"] == "none"


def _same_rows(report: DataReport, place: int) -> bool:
    """Whether the first rows agree to the precision of float32, over all seeds."""
    pairs = zip(report.variants[0].runs, report.variants[place].runs, strict=True)
    both = [[each.arrays["generated"] for each in pair] for pair in pairs]
    return all(float(np.abs(one - two).max()) <= SAME * float(one.std()) for one, two in both)


def _same_verdict(reports: Sequence[DataReport], name: str, place: int) -> bool:
    (report,) = (each for each in reports if each.name == name)
    return verdict_row(report, 0).verdict == verdict_row(report, place).verdict


def parameters(run: ModelRun) -> str:
    """Trainable parameters of all networks, as summary.txt counts them; empty where it does not."""
    counts = [
        int(line.partition(":")[2].split("(")[0].replace(",", ""))
        for line in run.summary.splitlines()
        if line.strip().startswith("Trainable params:")
    ]
    return f"{sum(counts):,}" if counts else number(None)
