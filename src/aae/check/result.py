"""What is said of two tables, and the exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aae.check.findings import ClassDifference, Sides
from aae.verdict.differences import Differences
from aae.verdict.judge import DIFFERENT, NOT_DISTINGUISHED, Verdict
from aae.verdict.tolerance import DIFFERENT as BEYOND
from aae.verdict.tolerance import UNDECIDED, WITHIN, Tolerance

EXIT_CODES = {NOT_DISTINGUISHED: 0, DIFFERENT: 1}  # all else: could not judge
COULD_NOT_JUDGE = 2
CAVEAT = (
    "(The power is that on independent Gaussian columns: where columns depend on one another, less "
    "is seen. --power measures it on these rows.)"
)
TOLERANCE_CODES = {WITHIN: 0, BEYOND: 1, UNDECIDED: COULD_NOT_JUDGE}
TOLERANCE_WORDS = {
    WITHIN: "within the tolerance",
    BEYOND: "by more than the tolerance",
    UNDECIDED: "undecided at this tolerance",
}
MEMORISED = "training rows are memorised"


@dataclass(frozen=True)
class Check:
    """Two tables and what is said of them.

    Attributes:
        verdict: of the battery.
        real: name of the real table's file; generated: of the other.
        alpha: level of the verdict.
        moments: of the columns that differ most, see `worst_moments`.
        where: columns, pairs and rows that differ, where the verdict is `different`.
        classes: that differ, likewise.
        notes: what was not compared, or put together.
        allow_memorisation: whether memorised training rows are no reason for exit code 1.
        power: what the rows at hand could have shown, see `power_of`; empty where not measured.
        tolerance: what is said of named effects; None where none was asked for.
        sides: real and generated rows as they were compared, for plots.
        columns: names of their columns.
    """

    verdict: Verdict
    real: str
    generated: str
    alpha: float
    moments: list[dict[str, Any]] = field(default_factory=list)
    where: Differences = Differences((), (), ())
    classes: tuple[ClassDifference, ...] = ()
    notes: tuple[str, ...] = ()
    allow_memorisation: bool = False
    power: Mapping[str, Any] = field(default_factory=dict)
    tolerance: Tolerance | None = None
    sides: Sides | None = field(default=None, repr=False)
    columns: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 not distinguished, 1 different or memorised, 2 could not judge.

        With a tolerance 0 within, 1 by more or a hard check failed or memorised, 2 undecided.
        """
        if self.memorised or (self.tolerance and self.verdict.failed):
            return 1
        if self.tolerance:
            return TOLERANCE_CODES[self.tolerance.word]
        return EXIT_CODES.get(self.verdict.verdict, COULD_NOT_JUDGE)

    @property
    def memorised(self) -> bool:
        """Whether generated rows owe so much to training rows that this alone is exit code 1."""
        memory = self.verdict.memorisation
        return memory is not None and memory.alarm and not self.allow_memorisation

    @property
    def caveat(self) -> str:
        """What to bear in mind of the power that a verdict states."""
        looked_up = self.verdict.verdict == NOT_DISTINGUISHED and not self.power
        return CAVEAT if looked_up else ""

    @property
    def outcome(self) -> str:
        """The verdict, tolerance and memorisation beside it, in a few words."""
        word = f", {TOLERANCE_WORDS[self.tolerance.word]}" if self.tolerance else ""
        return self.verdict.verdict + word + f", {MEMORISED}" * self.memorised

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        files = {"real_file": self.real, "generated_file": self.generated}
        terms = {"alpha": self.alpha, "notes": list(self.notes)}
        answer = {"outcome": self.outcome, "exit_code": self.exit_code}
        classes = [asdict(each) | {"share": list(each.share)} for each in self.classes]
        where = _lists(self.where.to_dict()) | {"classes": classes}
        tolerance = self.tolerance and self.tolerance.to_dict()
        named = {"where": where, "moments": self.moments, "power": dict(self.power)}
        named |= {"tolerance": tolerance}
        return files | terms | answer | self.verdict.to_dict() | named


def _lists(value: Any) -> Any:
    """Turn tuples at any depth into lists."""
    if isinstance(value, dict):
        return {key: _lists(each) for key, each in value.items()}
    return [_lists(each) for each in value] if isinstance(value, (list, tuple)) else value


def exit_code(checks: Sequence[Check]) -> int:
    """Of several: 1 where any is different or memorised, else 2 where any has no answer."""
    codes = {each.exit_code for each in checks}
    return 1 if 1 in codes else max(codes)


def as_json(checks: Sequence[Check]) -> Any:
    """Results in types that JSON has: one, or a list where there are several."""
    results = [each.to_dict() for each in checks]
    return results[0] if len(results) == 1 else results
