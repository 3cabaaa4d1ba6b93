"""The verdict: do generated rows follow the real law, as far as so many rows can tell?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, within
from aae.base.settings import check_fields, setting
from aae.verdict.battery import holm, most_tests
from aae.verdict.examination import Case, LabelPair, Sample, drawn, hard_checks, outcomes, tests
from aae.verdict.hard_checks import KnownLaw, named
from aae.verdict.inputs import merges, unusable
from aae.verdict.memorisation import Memorisation, memorisation
from aae.verdict.outcome import Outcome
from aae.verdict.pooling import make_pool
from aae.verdict.power import Shown, known_power, nothing_shown, shown
from aae.verdict.rounding import common_format, rounded

MIN_ROWS = 30  # a side: with fewer, nothing but gross errors could be seen

NOT_DISTINGUISHED, DIFFERENT = "not distinguished", "different"
UNDERPOWERED, ERROR = "underpowered", "error"

Power = Callable[[], Mapping[str, Any]]  # a table as `known_power` returns


@dataclass(frozen=True)
class Settings:
    """How a verdict is reached.

    Attributes:
        permutations: of the labels, for all tests together.
        alpha: chance of `different` for rows of the real law, over all tests.
        seed: decides row order, subsamples, permutations and the classifier's halves.
        resolution: differences finer than this many standard deviations are not looked at.
    """

    permutations: int = setting(999, at_least(1))
    alpha: float = setting(0.05, within("(0, 1)"))
    seed: int = setting(0, at_least(0))
    resolution: float = setting(1e-4, within("(0, 1)"))

    def __post_init__(self) -> None:
        """Check each setting, and that a permutation test could ever reject."""
        check_fields(self)
        tests = most_tests() + 3  # closed form, mode weights, conditional energy
        if self.permutations + 1 < tests / self.alpha:
            least = int(np.ceil(tests / self.alpha)) - 1
            raise ValueError(f"expected permutations >= {least}, got {self.permutations}")


@dataclass(frozen=True)
class Verdict:
    """What is said of generated rows.

    Attributes:
        verdict: "not distinguished", "different", "underpowered" or "error"; reason: a sentence.
        rejecting: names of tests that reject after Holm's correction; failed: hard checks.
        tests: outcomes by name.
        adjusted: p-values after Holm's correction, by name.
        errors: why a test could not run, by name.
        rows: real, generated and training rows given.
        columns: of each row.
        memorisation: what generated rows owe to single training rows, beside the verdict; None
            where no training rows were given.
        rows_needed: a side that would show the effects of `power.REQUIRED`, about, where the
            verdict is "underpowered"; None also where it cannot be said.
        sample: rows that the tests looked at, to name what differs; in no `to_dict`.
    """

    verdict: str
    reason: str
    rejecting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    tests: Mapping[str, Outcome] = field(default_factory=dict)
    adjusted: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: int = 0
    memorisation: Memorisation | None = None
    rows_needed: int | None = None
    sample: Sample | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return what metrics.json holds, in types that JSON has."""
        result = asdict(replace(self, sample=None))
        result.pop("sample")
        for name, test in result["tests"].items():
            test["adjusted_p"] = self.adjusted[name]
            test["rejects"] = name in self.rejecting
        result.pop("adjusted")
        memory = self.memorisation and self.memorisation.to_dict()
        lists = {"rejecting": list(self.rejecting), "failed": list(self.failed)}
        return result | lists | {"memorisation": memory}


def judge(
    real: NDArray[Any],
    generated: NDArray[Any],
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    *,
    train: NDArray[Any] | None = None,
    law: KnownLaw | None = None,
    labels: LabelPair | None = None,
    columns: Sequence[str] | None = None,
    calibration: Power | None = None,
) -> Verdict:
    """Judge generated rows against real ones.

    Hard checks, then the tests of `STATISTICS` that apply to so many columns, `closed_form` where
    the law's moments are known, and the shares and the rows of each class where labels are; Holm's
    step-down correction (Holm 1979) over all of these keeps the chance of `different` for rows of
    the real law at most alpha. Where training rows are given, `memorisation` is an answer of its
    own: an alarm adds to the reason and changes no verdict.

    Floats of two formats are compared in the coarser one; the reason says what that merges.

    Args:
        real: rows that the generator did not learn from, shape (n, columns).
        generated: shape (m, columns).
        settings: permutations, level, seed, resolution.
        train: rows that it learned from, of the same law: for sign, grid and atoms, and for
            `memorisation`.
        law: known support, atoms and moments.
        labels: classes of the real and of the generated rows, shapes (n,) and (m,).
        columns: their names; x0, x1, ... if not given.
        calibration: returns what is detected with 80% power, asked for where nothing rejects;
            None: `known_power`.

    Returns:
        `different` where a hard check or a test rejects; `error` where rows are unusable (wrong
        shape, NaN, all constant) or a test could not run and none rejects; `underpowered` where
        nothing rejects and fewer than `MIN_ROWS` rows a side, or the calibration, could not have
        shown the `power.REQUIRED` effects; else `not distinguished`. Never a proof of equality.
    """
    sides = {"real": real, "generated": generated} | ({} if train is None else {"train": train})
    rows = {name: len(side) for name, side in sides.items() if np.ndim(side) > 0}
    problem = unusable(sides, columns)
    if problem:
        return Verdict(ERROR, problem, rows=rows)
    read = dict(zip(sides, common_format(*sides.values()), strict=True))
    case = Case(
        real=read["real"],
        generated=read["generated"],
        train=read.get("train"),
        labels=labels,
        law=law or KnownLaw(),
        columns=list(named(columns, real.shape[1])),
        permutations=settings.permutations,
        seed=settings.seed,
        resolution=settings.resolution,
    )
    failed, sample, said, errors = _examined(case)
    memory = _memory(case, errors)
    adjusted = holm({name: test.p for name, test in said.items()})
    rejecting = tuple(name for name, p in adjusted.items() if p <= settings.alpha)
    power = partial(_shown, case, settings, calibration)
    verdict, reason, needed = _decide(failed, rejecting, errors, power)
    alarm = [f"memorised: {memory.reason}"] if memory and memory.alarm else []
    return Verdict(
        verdict=verdict,
        reason="; ".join([reason, *alarm, *merges(sides, read, case)]),
        rejecting=rejecting,
        failed=tuple(failed),
        tests=said,
        adjusted=adjusted,
        errors=errors,
        rows=rows,
        columns=real.shape[1],
        memorisation=memory,
        rows_needed=needed,
        sample=sample,
    )


def _examined(
    case: Case,
) -> tuple[list[str], Sample | None, dict[str, Outcome], dict[str, str]]:
    places = drawn(case)
    real, generated = case.real[places[0]], case.generated[places[1]]
    failed = hard_checks(case, real, generated)
    if _too_few(case):
        return failed, None, {}, {}
    pool = make_pool(*rounded(real, generated, case.resolution), case.permutations, case.seed)
    return failed, Sample(pool, *places), *outcomes(tests(case, pool))


def _memory(case: Case, errors: dict[str, str]) -> Memorisation | None:
    """Look for training rows in the generated ones; an error is noted, never passed over."""
    if case.train is None or _too_few(case):
        return None
    try:
        return memorisation(case.generated, case.train, case.real, seed=case.seed)
    except Exception as error:  # as in `outcomes`
        errors["memorisation"] = f"{type(error).__name__}: {error}"
        return None


def _too_few(case: Case) -> bool:
    return min(len(case.real), len(case.generated)) < MIN_ROWS


def _shown(case: Case, settings: Settings, calibration: Power | None) -> Shown:
    """Return what so many rows would have shown."""
    rows, columns = min(len(case.real), len(case.generated)), case.real.shape[1]
    if _too_few(case):
        return nothing_shown(f"fewer than {MIN_ROWS} rows a side", columns)
    known = (calibration or known_power)()
    return shown(known, rows, columns, (settings.alpha, settings.permutations))


def _decide(
    failed: Sequence[str],
    rejecting: Sequence[str],
    errors: Mapping[str, str],
    power: Callable[[], Shown],
) -> tuple[str, str, int | None]:
    """Return the verdict, its reason, and how many rows would do where these do not."""
    if failed:
        return DIFFERENT, f"hard check failed: {failed[0]}", None
    if rejecting:
        return DIFFERENT, f"told apart by {', '.join(rejecting)}", None
    if errors:
        name, what = next(iter(errors.items()))
        return ERROR, f"test {name} could not run: {what}", None
    effects = power()
    if effects.enough:
        return NOT_DISTINGUISHED, f"no test told them apart; {effects.says}", None
    said = f"no difference seen, but too few rows to see one: {effects.says}"
    return UNDERPOWERED, said, effects.rows_needed
