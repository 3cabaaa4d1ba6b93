"""Sentences on where two tables differ, for the terminal and the page."""

import math

from aae.check.findings import ClassDifference
from aae.check.result import MEMORISED, Check
from aae.verdict.column_differences import ColumnDifference
from aae.verdict.pair_differences import PairDifference
from aae.verdict.tolerance import UNDECIDED, Answer


def column(each: ColumnDifference) -> str:
    """Say what differs in a column, real first."""
    (mean, other_mean), (sd, other_sd) = each.mean, each.sd
    if _is_share(mean, sd) and _is_share(other_mean, other_sd):
        return f"column {each.name}: {mean:.2%} of real rows, {other_mean:.2%} of generated ones"
    # Of few values, shares may differ and no quantile.
    off = f"{each.quantile:.0%} quantile off by {each.shift:+.2g} sd, " if each.shift else ""
    return (
        f"column {each.name}: mean {mean:.4g} -> {other_mean:.4g}, sd {sd:.4g} -> {other_sd:.4g}, "
        f"{off}KS {each.ks:.2g}"
    )


def _is_share(mean: float, sd: float) -> bool:
    """Whether a column is of zeros and ones: then its variance is that of its share of ones."""
    return 0 <= mean <= 1 and abs(sd**2 - mean * (1 - mean)) < 1e-9


def pair(each: PairDifference) -> str:
    """Say what differs in a pair of columns, real first."""
    (real, generated), (score, other) = each.correlation, each.dependence
    first, second = each.names
    text = f"pair {first}, {second}: correlation {_two(real)} -> {_two(generated)}"
    if each.what.startswith("correlation"):
        return text
    return f"{text}; {each.what}: {score:.2f} -> {other:.2f}"


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # no -0.00


def class_(each: ClassDifference) -> str:
    """Say what differs in a class, real first."""
    real, generated = each.share
    if each.what == "share":
        return f"class {each.name}: {real:.2%} of real rows, {generated:.2%} of generated ones"
    return f"class {each.name}: its rows differ"


LOOKS_AT = {
    "marginals": "the values of single columns",
    "energy": "where rows lie",
    "neighbours": "which rows are nearest to each other",
    "covariance": "spreads and correlations of all columns together",
    "pairs": "how two columns depend on each other",
    "few_columns": "means, spreads and correlations",
    "row_summaries": "mean, spread, order and extremes within a row",
    "classifier": "what trees learn to tell apart",
    "closed_form": "moments that are known of the law",
    "mode_weights": "shares of classes",
    "conditional_energy": "where the rows of each class lie",
}
EFFECTS = {
    "std": "relative error of a standard deviation",
    "mean": "difference of means, in real sd",
    "correlation": "difference of a correlation",
    "auc": "AUC of trees",
}


def lead(result: Check) -> str:
    """Say in plain words why the verdict is what it is."""
    if result.verdict.failed or not result.verdict.rejecting:
        return result.verdict.reason
    tests = [f"{LOOKS_AT.get(name, name)} ({name})" for name in result.verdict.rejecting]
    _, *others = result.verdict.reason.split("; ")
    said = tests[0] if len(tests) == 1 else f"{', '.join(tests[:-1])} and {tests[-1]}"
    return "; ".join([f"the tables differ in {said}", *others])


def answer(each: Answer) -> str:
    """Say the word and the tolerance."""
    word = f"{each.word} at" if each.word == UNDECIDED else each.word
    return f"{word} {each.tolerance:g}"


def interval(each: Answer) -> str:
    """Say between which limits an effect lies."""
    low, high = each.interval.low, each.interval.high
    return f"{low:.2g} to {high:.2g}" if math.isfinite(high) else f"{low:.2g} to no limit"


def place(each: Answer) -> str:
    """Name the column or pair with the largest effect, and its size."""
    names = " and ".join(each.worst.names)
    if not names:
        return f"all rows ({each.worst.size:.2g})"
    return f"{names} ({each.worst.size:+.2g})" if math.isfinite(each.interval.high) else names


def tolerance(result: Check) -> list[str]:
    """Say of each effect whether it is within its tolerance; nothing where none was asked for."""
    if result.tolerance is None:
        return []
    lines = [
        f"{each.effect} {answer(each)}: {EFFECTS[each.effect]} {interval(each)}, {place(each)}"
        for each in result.tolerance.answers
    ]
    if lines:
        lines.append(f"(all intervals at once: {result.tolerance.confidence:.4g} confidence)")
    return lines + [f"tolerance: {note}" for note in result.tolerance.notes]


def sentences(result: Check, most: int) -> list[str]:
    """At most so many sentences of each kind, and how many more there are."""
    kinds = {
        "columns": [column(each) for each in result.where.columns],
        "pairs": [pair(each) for each in result.where.pairs],
        "classes": [class_(each) for each in result.classes],
    }
    lines = []
    for kind, texts in kinds.items():
        lines += texts[:most]
        if len(texts) > most:
            lines.append(f"and {len(texts) - most} more {kind}")
    if result.where.rows:
        worst = ", ".join(f"{each.row} ({each.score:.2f})" for each in result.where.rows[:most])
        lines.append(f"generated rows that betray it most, from 0 (score): {worst}")
    return lines


def memory(result: Check) -> list[str]:
    """What is said of training rows, where they were given: what the verdict does not."""
    memory = result.verdict.memorisation
    if memory is None:
        return []
    if result.memorised:
        return [f"exit code 1, as {MEMORISED}: --allow-memorisation judges the law alone"]
    return [] if memory.alarm else [f"training rows: {memory.reason}"]
