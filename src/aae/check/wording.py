"""Sentences on where two tables differ, for the terminal and the page."""

import math

from aae.check.checking import MEMORISED, Check
from aae.check.findings import ClassDifference
from aae.verdict.column_differences import ColumnDifference
from aae.verdict.pair_differences import PairDifference
from aae.verdict.tolerance import UNDECIDED, Answer


def column(each: ColumnDifference) -> str:
    """Say what differs in a column, real first."""
    (mean, other_mean), (sd, other_sd) = each.mean, each.sd
    if _is_share(mean, sd) and _is_share(other_mean, other_sd):
        return f"column {each.name}: {mean:.2%} of real rows, {other_mean:.2%} of generated ones"
    return (
        f"column {each.name}: mean {mean:.4g} -> {other_mean:.4g}, sd {sd:.4g} -> {other_sd:.4g}, "
        f"{each.quantile:.0%} quantile off by {each.shift:+.2g} sd, KS {each.ks:.2g}"
    )


def _is_share(mean: float, sd: float) -> bool:
    """Whether a column is of zeros and ones: then its variance is that of its share of ones."""
    return 0 <= mean <= 1 and abs(sd**2 - mean * (1 - mean)) < 1e-9


def pair(each: PairDifference) -> str:
    """Say what differs in a pair of columns, real first."""
    (real, generated), (score, other) = each.correlation, each.dependence
    first, second = each.names
    text = f"pair {first}, {second}: correlation {real:.2f} -> {generated:.2f}"
    if each.what.startswith("correlation"):
        return text
    return f"{text}; {each.what}: {score:.2f} -> {other:.2f}"


def class_(each: ClassDifference) -> str:
    """Say what differs in a class, real first."""
    real, generated = each.share
    if each.what == "share":
        return f"class {each.name}: {real:.2%} of real rows, {generated:.2%} of generated ones"
    return f"class {each.name}: its rows differ"


EFFECTS = {
    "std": "relative error of a standard deviation",
    "mean": "difference of means in real sd",
    "correlation": "difference of a correlation",
    "auc": "AUC of trees that learned to tell them apart",
}


def effect(each: Answer) -> str:
    """Say how large an effect is, with its interval and where."""
    low, high = each.interval.low, each.interval.high
    upper = f"{high:.2g}" if math.isfinite(high) else "no limit"
    text = f"{EFFECTS[each.effect]}: {low:.2g} to {upper}"
    if not each.worst.names:
        return text
    kind = "column" if len(each.worst.names) == 1 else "pair"
    size = f" ({each.worst.size:+.2g})" if math.isfinite(high) else ""
    return f"{text}, largest in {kind} {', '.join(each.worst.names)}{size}"


def tolerance(found: Check) -> list[str]:
    """Say of each effect whether it is within its tolerance; nothing where none was asked for."""
    if found.tolerance is None:
        return []
    answers = [
        f"{each.effect} {each.word} {each.tolerance:g}: {effect(each)}"
        if each.word != UNDECIDED
        else f"{each.effect} {each.word} at {each.tolerance:g}: {effect(each)}"
        for each in found.tolerance.answers
    ]
    notes = [f"tolerance: {note}" for note in found.tolerance.notes]
    said = f"intervals hold at once with chance {found.tolerance.confidence:.4g}"
    return [*answers, *([said] if answers else []), *notes]


def sentences(found: Check, most: int) -> list[str]:
    """At most so many sentences of each kind, and how many more there are."""
    kinds = {
        "columns": [column(each) for each in found.where.columns],
        "pairs": [pair(each) for each in found.where.pairs],
        "classes": [class_(each) for each in found.classes],
    }
    lines = []
    for kind, texts in kinds.items():
        lines += texts[:most]
        if len(texts) > most:
            lines.append(f"and {len(texts) - most} more {kind}")
    if found.where.rows:
        worst = ", ".join(f"{each.row} ({each.score:.2f})" for each in found.where.rows[:most])
        lines.append(f"generated rows that betray it most, from 0 (score): {worst}")
    return lines


def memory(found: Check) -> list[str]:
    """What is said of training rows, where they were given: what the verdict does not."""
    memory = found.verdict.memorisation
    if memory is None:
        return []
    if found.memorised:
        return [f"exit code 1, as {MEMORISED}: --allow-memorisation judges the law alone"]
    return [] if memory.alarm else [f"training rows: {memory.reason}"]
