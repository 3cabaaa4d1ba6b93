"""`aae compare`: did a change help? Revisions against a base, read through DVC."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from aae.base.checks import expect
from aae.compare.comparison import (
    ALPHA,
    BETTER,
    SAME,
    TOO_FEW,
    WORSE,
    Comparison,
    Line,
    compare_runs,
)
from aae.compare.metrics import AUC, HIGHER_IS_BETTER
from aae.compare.pairing import Cell
from aae.compare.ranking import Ranked, ranking
from aae.compare.revisions import Revision, read_revisions
from aae.compare.speed import Figure, speed

COULD_NOT = "could not compare"
EXIT_CODES = {BETTER: 0, SAME: 0, WORSE: 1}  # all else: could not compare
Advance = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """One revision against the base.

    Attributes:
        base, other: names of both, as given.
        params: a line for each parameter that differs: key, value of the base, of the other.
        comparison: None where there is none; reason: why.
        speed: figures of both, where `make bench` has measured both.
    """

    base: str
    other: str
    params: tuple[tuple[str, str, str], ...]
    comparison: Comparison | None
    reason: str = ""
    speed: tuple[Figure, ...] = ()

    @property
    def word(self) -> str:
        """Better, worse, same within noise, too few seeds to tell, or could not compare."""
        return self.comparison.word if self.comparison else COULD_NOT

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, those that are worse or better first."""
        lines = self.comparison.lines if self.comparison else ()
        rank = {WORSE: 0, BETTER: 1}
        return tuple(sorted(lines, key=lambda line: rank.get(line.word, 2)))

    @property
    def conclusion(self) -> str:
        """A sentence: the word, and what it stands on."""
        if self.comparison is None:
            return f"{COULD_NOT}: {self.reason}"
        counts = {word: self.comparison.count(word) for word in (BETTER, WORSE, SAME, TOO_FEW)}
        same = sum(line.identical for line in self.comparison.lines)
        text = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        text = f"{self.word}: {text} (identical: {same})"
        if self.word == TOO_FEW:
            text += f"; {self.comparison.seeds_needed} seeds of each revision are needed"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        comparison = self.comparison
        return {
            **{key: getattr(self, key) for key in ("base", "other", "word", "conclusion")},
            "params": [
                dict(zip(("key", "base", "other"), each, strict=True)) for each in self.params
            ],
            "seeds_needed": comparison.seeds_needed if comparison else None,
            "notes": list(comparison.notes) if comparison else [],
            "lines": [line.to_dict() for line in comparison.lines] if comparison else [],
            "speed": [asdict(figure) for figure in self.speed],
        }


def compare(
    base: str, others: Sequence[str], advance: Advance = lambda name: None
) -> list[Compared]:
    """Compare each of the others with the base.

    Args:
        base: a git revision, a branch, a tag, a DVC experiment, or "workspace"; others: the same.
        advance: called with the name of each revision that was read.

    Raises:
        ValueError: this is no DVC repository, or the base cannot be compared with anything.
    """
    read = read_revisions([base, *others])
    first = next(read)
    if isinstance(first, ValueError):
        raise first
    advance(base)
    results = []
    for name, other in zip(others, read, strict=True):
        results.append(replace(_against(first, name, other), speed=speed(base, name)))
        advance(name)
    return results


def _against(base: Revision, name: str, other: Revision | ValueError) -> Compared:
    if isinstance(other, ValueError):
        return Compared(base.name, name, (), None, str(other))
    params = tuple(changed_params(base.params, other.params))
    unlike = evaluated_unlike(base, other)
    alike = {cell: runs for cell, runs in other.runs.items() if cell not in unlike}
    unlike_notes = [f"{'/'.join(cell)} was evaluated with {gap}" for cell, gap in unlike.items()]
    try:
        expect(bool(alike), "metrics that were made alike", "; ".join(unlike_notes))
        kept = {cell: runs for cell, runs in base.runs.items() if cell not in unlike}
        comparison = compare_runs(kept, alike)
    except ValueError as error:
        return Compared(base.name, name, params, None, str(error))
    left_out = [f"not compared: {note}" for note in unlike_notes]
    notes = (*base.notes, *other.notes, *left_out, *comparison.notes)
    return Compared(base.name, name, params, Comparison(comparison.lines, notes))


def evaluated_unlike(base: Revision, other: Revision) -> dict[Cell, str]:
    """Names and variants of both that were evaluated otherwise, and in what.

    Effects and distances grow with the number of rows: with fewer, every model looks better.
    """
    unlike = {}
    for cell, one in base.evaluated.items():
        two = other.evaluated.get(cell, one)
        gaps = [f"{key} {one[key]} in the base, {two[key]}" for key in one if one[key] != two[key]]
        if gaps:
            unlike[cell] = ", ".join(gaps)
    return unlike


def changed_params(
    base: Mapping[str, Any], other: Mapping[str, Any], within: str = ""
) -> list[tuple[str, str, str]]:
    """Parameters that differ: key and both values; one line for a section that one has not."""
    changed = []
    for key in dict.fromkeys([*base, *other]):
        name, sides = f"{within}{key}", [each.get(key, "(absent)") for each in (base, other)]
        if all(isinstance(side, Mapping) for side in sides):
            changed += changed_params(sides[0], sides[1], f"{name}.")
        elif sides[0] != sides[1]:
            one, two = ("(present)" if isinstance(side, Mapping) else str(side) for side in sides)
            changed.append((name, one, two))
    return changed


def exit_code(results: Sequence[Compared]) -> int:
    """1 where any is worse, else 2 where any could not be compared or has too few seeds, else 0."""
    codes = {EXIT_CODES.get(each.word, 2) for each in results}
    return 1 if 1 in codes else max(codes, default=2)


def rank(names: Sequence[str], metric: str = AUC) -> list[Ranked]:
    """Rank revisions by a metric, averaged over the names and variants that all of them have.

    Raises:
        ValueError: a revision cannot be compared, or they have no run with the metric in common.
    """
    revisions = []
    for each in read_revisions(list(names)):
        if isinstance(each, ValueError):
            raise each
        revisions.append(each)
    return ranked(revisions, metric)


def ranked(revisions: Sequence[Revision], metric: str) -> list[Ranked]:
    """Rank revisions that were read, as `rank` does."""
    cells = in_common(revisions, metric)
    values = {each.name: _by_seed(each, cells, metric) for each in revisions}
    return ranking(values, higher_is_better=metric in HIGHER_IS_BETTER, alpha=ALPHA)


def in_common(revisions: Sequence[Revision], metric: str) -> list[Cell]:
    """Names and variants of which all revisions have the metric, evaluated alike.

    Raises:
        ValueError: there are none.
    """
    first = revisions[0]
    cells = [
        cell
        for cell in first.runs
        if all(each.evaluated.get(cell) == first.evaluated[cell] for each in revisions)
        and all(metric in values for each in revisions for values in each.runs[cell].values())
    ]
    if not cells:
        raise ValueError(f"expected runs with {metric!r} of all revisions, got none")
    return cells


def _by_seed(revision: Revision, cells: Sequence[Cell], metric: str) -> dict[int, float]:
    runs = [revision.runs[cell] for cell in cells]
    seeds = [seed for seed in runs[0] if all(seed in each for each in runs)]
    return {seed: float(np.mean([each[seed][metric] for each in runs])) for seed in seeds}
