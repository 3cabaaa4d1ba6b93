"""Is a difference larger than one cares about? Three words, from intervals of named effects."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.cross_fitting import AREA_ROWS, area_interval
from aae.verdict.intervals import (
    Effect,
    Interval,
    Moments,
    Rows,
    mean_interval,
    moments,
    std_interval,
)
from aae.verdict.pair_intervals import Side, correlation_interval

Mask = NDArray[np.bool_]

DIFFERENT, WITHIN, UNDECIDED = "different by more than", "within", "undecided"
EFFECTS = ("std", "mean", "correlation", "auc")
LEAST_ROWS = 30  # a side; with fewer the intervals would not hold


def tolerances(texts: Sequence[str]) -> dict[str, float]:
    """Read tolerances: `0.1` of all effects, `std=0.05` of one; one goes before all.

    The number t of all tolerates an area under the ROC curve of .5 + t / 2, hence the same t of
    2 AUC - 1, which is the share of pairs of rows that are told apart.

    Returns:
        Of each effect that is asked for, in the order of `EFFECTS`.

    Raises:
        ValueError: no such effect, or no such tolerance.
    """
    wanted: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.rpartition("=")
        known = equals and name in EFFECTS or not equals
        if not known or not _is_number(number):
            effects = f"{', '.join(EFFECTS[:-1])} or {EFFECTS[-1]}"
            raise ValueError(f"expected a tolerance like 0.1 or std=0.1 ({effects}), got {text}")
        wanted[name] = _checked(name, float(number))
    if "" in wanted:
        of_all = wanted.pop("")
        wanted = dict.fromkeys(EFFECTS, of_all) | {"auc": 0.5 + of_all / 2} | wanted
    return {name: wanted[name] for name in EFFECTS if name in wanted}


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _checked(name: str, value: float) -> float:
    low, high = (0.5, 1.0) if name == "auc" else (0.0, math.inf if name else 1.0)
    if not low < value < high:
        what = f"a tolerance of {name}" if name else "one tolerance of all effects"
        raise ValueError(f"expected {what} in ({low:g}, {high:g}), got {value:g}")
    return value


@dataclass(frozen=True)
class Answer:
    """What is said of one effect.

    Attributes:
        effect: "std" (relative), "mean" (in real standard deviations), "correlation" or "auc".
        tolerance: the largest size that is tolerated.
        word: "different by more than", "within" or "undecided".
        interval: of the largest size.
    """

    effect: str
    tolerance: float
    word: str
    interval: Interval

    @property
    def worst(self) -> Effect:
        """The column or pair behind the word."""
        return self.interval.clearest if self.word == DIFFERENT else self.interval.widest

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has; a limit that is not known is None."""
        limits = (self.interval.low, self.interval.high)
        return {
            "tolerance": self.tolerance,
            "word": self.word,
            "interval": [each if math.isfinite(each) else None for each in limits],
            "worst": {"names": list(self.worst.names), "size": self.worst.size},
        }


@dataclass(frozen=True)
class Tolerance:
    """Answers on all effects that were asked for.

    Attributes:
        confidence: chance, at least, that all intervals hold at once.
        answers: of each effect that could be looked at.
        notes: what was left out.
    """

    confidence: float
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Of all: different where any effect is, within where all are, else undecided."""
        words = {each.word for each in self.answers}
        if DIFFERENT in words:
            return DIFFERENT
        return WITHIN if words == {WITHIN} else UNDECIDED

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        return {
            "word": self.word,
            "confidence": self.confidence,
            "effects": {each.effect: each.to_dict() for each in self.answers},
            "notes": list(self.notes),
        }


def tolerated(
    sides: tuple[Rows, Rows],
    names: Sequence[str],
    wanted: Mapping[str, float],
    alpha: float,
    seed: int,
) -> Tolerance:
    """Say of each effect whether it is within a tolerance, with an interval for all at once.

    Each interval misses with chance alpha / (number of effects) at most (Bonferroni). Left out, and
    said so: columns that are constant in both tables, and standard deviations of columns of two
    values, which follow from their means.

    Args:
        sides: real and generated rows, finite, shapes (n, columns), (m, columns).
        names: of the columns.
        wanted: tolerances, see `tolerances`.
        alpha: chance that any interval misses.
        seed: of the draw, folds and trees behind the area under the ROC curve.
    """
    if min(map(len, sides)) < LEAST_ROWS:
        return Tolerance(1 - alpha, (), (f"no intervals: fewer than {LEAST_ROWS} rows a side",))
    table = _Table(sides, names, moments(sides[0]), moments(sides[1]))
    asked = [name for name in wanted if _has(table, name)]
    answers = []
    for name in asked:
        interval = _interval(table, name, alpha / len(asked), seed)
        answers.append(Answer(name, wanted[name], _word(interval, wanted[name]), interval))
    return Tolerance(1 - alpha, tuple(answers), tuple(_notes(table, wanted)))


def _word(interval: Interval, tolerance: float) -> str:
    if interval.low > tolerance:
        return DIFFERENT
    return WITHIN if interval.high <= tolerance else UNDECIDED


@dataclass(frozen=True)
class _Table:
    """Real and generated rows, names of their columns, and moments of both."""

    sides: tuple[Rows, Rows]
    names: Sequence[str]
    real: Moments
    made: Moments

    @cached_property
    def constant(self) -> Mask:
        """Whether a column has one value in both."""
        same = self.real.mean == self.made.mean
        return np.asarray((self.real.sd == 0) & (self.made.sd == 0) & same)

    @cached_property
    def unknown(self) -> Mask:
        """Whether a column has one value in either, and not the same in both."""
        return np.asarray(((self.real.sd == 0) | (self.made.sd == 0)) & ~self.constant)

    @cached_property
    def two_valued(self) -> Mask:
        """Whether a column has two values in both together."""
        return np.array(
            [_two_valued(*each) for each in zip(*(x.T for x in self.sides), strict=True)]
        )

    def kept(self, effect: str) -> NDArray[np.intp]:
        """Positions of the columns that have an effect that can be estimated or is unknown."""
        left_out = {"std": self.two_valued, "correlation": self.unknown}
        return np.flatnonzero(~(self.constant | left_out.get(effect, self.constant)))


def _two_valued(real: NDArray[np.floating], made: NDArray[np.floating]) -> bool:
    low, high = min(real.min(), made.min()), max(real.max(), made.max())
    return bool(all(np.all((side == low) | (side == high)) for side in (real, made)))


def _has(table: _Table, effect: str) -> bool:
    return len(table.kept(effect)) > (effect == "correlation")


def _interval(table: _Table, effect: str, alpha: float, seed: int) -> Interval:
    if effect == "auc":
        return area_interval(*table.sides, alpha, seed)
    kept = table.kept(effect)
    names = [table.names[column] for column in kept]
    real, made = table.real.of(kept), table.made.of(kept)
    if effect != "correlation":
        return {"std": std_interval, "mean": mean_interval}[effect](real, made, names, alpha)
    rows = [side[:, kept] for side in table.sides]
    interval = correlation_interval(Side(rows[0], real), Side(rows[1], made), names, alpha)
    if table.unknown.any():  # they have no correlation
        first = table.names[int(np.argmax(table.unknown))]
        return replace(interval, high=math.inf, widest=Effect((first,), 0.0))
    return interval


def _notes(table: _Table, wanted: Mapping[str, float]) -> list[str]:
    """Say what was left out."""
    notes = []
    if table.constant.any():
        names = [name for name, left in zip(table.names, table.constant, strict=True) if left]
        notes.append(f"left out, constant in both: {', '.join(names)}")
    two = int(np.count_nonzero(table.two_valued & ~table.constant))
    if "std" in wanted and two:
        notes.append(f"std: left out {two} columns of two values, whose mean says all")
    if "auc" in wanted and max(map(len, table.sides)) > AREA_ROWS:
        notes.append(f"auc: of {AREA_ROWS:,} rows a side at most, drawn at random")
    missing = [name for name in wanted if not _has(table, name)]
    return notes + [f"{name}: no columns that have one" for name in missing]
