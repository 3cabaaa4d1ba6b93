"""The verdict: do generated rows follow the real law, as far as so many rows can tell?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, within
from aae.base.settings import check_fields, setting
from aae.verdict.battery import STATISTICS, Outcome, applicable, holm
from aae.verdict.closed_form import moment_test
from aae.verdict.diversity import conditional_energy, mode_test
from aae.verdict.effects import subsample
from aae.verdict.hard_checks import KnownLaw, copies, duplicates, not_finite, outside, unlike_known
from aae.verdict.memorisation import memorisation
from aae.verdict.pooling import make_pool, pooled_rows, rounded, steps, thin
from aae.verdict.power import detected, enough, known_power, power_sentence

MIN_ROWS = 30  # a side: with fewer, nothing but gross errors could be seen
COPY_ROWS = 10_000  # most training rows in which copies are looked for

NOT_DISTINGUISHED, DIFFERENT = "not distinguished", "different"
UNDERPOWERED, ERROR = "underpowered", "error"

Power = Callable[[], Mapping[str, Any]]  # a table as `known_power` returns
LabelPair = tuple[NDArray[np.integer], NDArray[np.integer]]


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
        tests = len(STATISTICS) + 4  # memorisation, closed form, mode weights, conditional energy
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

    def to_dict(self) -> dict[str, Any]:
        """Return what metrics.json holds, in types that JSON has."""
        result = asdict(self)
        for name, test in result["tests"].items():
            test["adjusted_p"] = self.adjusted[name]
            test["rejects"] = name in self.rejecting
        result.pop("adjusted")
        return result | {"rejecting": list(self.rejecting), "failed": list(self.failed)}


@dataclass(frozen=True)
class _Case:
    """The rows to be judged, already known to be usable."""

    real: NDArray[np.floating]
    generated: NDArray[np.floating]
    train: NDArray[np.floating] | None
    labels: LabelPair | None
    settings: Settings


def judge(
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    *,
    train: NDArray[np.floating] | None = None,
    law: KnownLaw | None = None,
    labels: LabelPair | None = None,
    calibration: Power | None = None,
) -> Verdict:
    """Judge generated rows against real ones.

    Hard checks, then the tests of `STATISTICS` that apply to so many columns, `memorisation` where
    training rows are given, `closed_form` where the law's moments are known, and the shares and the
    rows of each class where labels are; Holm's
    step-down correction (Holm 1979) over all of these keeps the chance of `different` for rows of
    the real law at most alpha.

    Args:
        real: rows that the generator did not learn from, shape (n, columns).
        generated: shape (m, columns).
        settings: permutations, level, seed, resolution.
        train: rows that it learned from, of the same law: for sign, grid and atoms, and copies.
        law: known support, atoms and moments.
        labels: classes of the real and of the generated rows, shapes (n,) and (m,).
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
    problem = _unusable(sides)
    if problem:
        return Verdict(ERROR, problem, rows=rows)
    case = _Case(real, generated, train, labels, settings)
    failed, tests, errors = _examine(case, law or KnownLaw())
    adjusted = holm({name: test.p for name, test in tests.items()})
    rejecting = tuple(name for name, p in adjusted.items() if p <= settings.alpha)
    verdict, reason = _decide(failed, rejecting, errors, partial(_power, case, calibration))
    return Verdict(
        verdict, reason, rejecting, tuple(failed), tests, adjusted, errors, rows, real.shape[1]
    )


def _unusable(sides: Mapping[str, NDArray[np.floating]]) -> str | None:
    """Say why rows cannot be judged at all, or return None."""
    real = sides["real"]
    for name, side in sides.items():
        if np.ndim(side) != 2 or not side.size:
            return f"expected a table of {name} rows, got shape {np.shape(side)}"
        if side.dtype.kind not in "fiub":
            return f"expected numbers in {name} rows, got {side.dtype}"
        if side.shape[1] != real.shape[1]:
            return f"expected {real.shape[1]} columns in {name} rows, got {side.shape[1]}"
        problem = not_finite(name, side)
        if problem:
            return problem
    return "every column of the real rows is constant" if (real == real[0]).all() else None


def _examine(case: _Case, law: KnownLaw) -> tuple[list[str], dict[str, Outcome], dict[str, str]]:
    """Run hard checks and tests, on at most `pooled_rows` rows."""
    settings, train = case.settings, case.train
    rng = np.random.default_rng(settings.seed)
    most = pooled_rows(case.real.shape[1])
    real, generated = thin(case.real, case.generated, most, rng)
    failed = outside(case.generated, law, steps(real, generated, settings.resolution))
    learned = None if train is None else subsample(train, most // 2, rng)
    if learned is None:
        failed += unlike_known(real, generated, settings.resolution, "real rows")
    else:
        failed += unlike_known(learned, generated, settings.resolution)
        failed += copies(real, generated, learned[:COPY_ROWS], settings.resolution)
    failed += duplicates(real, generated, settings.resolution)
    if _too_few(case):
        return failed, {}, {}
    x, y = rounded(real, generated, settings.resolution)
    pool = make_pool(x, y, settings.permutations, settings.seed)
    tests = {name: partial(test, pool) for name, test in applicable(x.shape[1]).items()}
    if law.moments is not None:
        tests["closed_form"] = partial(_against_law, case, law.moments)
    if train is not None:
        tests["memorisation"] = partial(_memorised, case, train)
    if case.labels is not None:
        tests["mode_weights"] = partial(mode_test, *case.labels)
        tests["conditional_energy"] = partial(_conditional, case, case.labels)
    return failed, *_run(tests)


def _too_few(case: _Case) -> bool:
    return min(len(case.real), len(case.generated)) < MIN_ROWS


def _against_law(case: _Case, moments: NDArray[np.float64]) -> Outcome:
    number, seed = case.settings.permutations, case.settings.seed
    return moment_test(case.real, case.generated, moments, permutations=number, seed=seed)


def _memorised(case: _Case, train: NDArray[np.floating]) -> Outcome:
    number, seed = case.settings.permutations, case.settings.seed
    return memorisation(case.generated, train, case.real, permutations=number, seed=seed)


def _conditional(case: _Case, labels: LabelPair) -> Outcome:
    number, seed = case.settings.permutations, case.settings.seed
    sides = (case.real, labels[0]), (case.generated, labels[1])
    return conditional_energy(*sides, permutations=number, seed=seed)


def _run(tests: Mapping[str, Callable[[], Outcome]]) -> tuple[dict[str, Outcome], dict[str, str]]:
    outcomes, errors = {}, {}
    for name, test in tests.items():
        try:
            outcomes[name] = test()
        except Exception as error:  # whatever it was: a test that did not run must not pass
            errors[name] = f"{type(error).__name__}: {error}"
    return outcomes, errors


def _power(case: _Case, calibration: Power | None) -> tuple[bool, str]:
    """Return whether required effects would have been seen, and a sentence on it."""
    if _too_few(case):
        return False, f"fewer than {MIN_ROWS} rows a side"
    known, settings = (calibration or known_power)(), case.settings
    rows = min(len(case.real), len(case.generated))
    seen = detected(known, rows, case.real.shape[1])
    return enough(seen), power_sentence(seen, known, settings.alpha, settings.permutations)


def _decide(
    failed: Sequence[str],
    rejecting: Sequence[str],
    errors: Mapping[str, str],
    power: Callable[[], tuple[bool, str]],
) -> tuple[str, str]:
    """Return the verdict and its reason."""
    if failed:
        return DIFFERENT, f"hard check failed: {failed[0]}"
    if rejecting:
        return DIFFERENT, f"told apart by {', '.join(rejecting)}"
    if errors:
        name, what = next(iter(errors.items()))
        return ERROR, f"test {name} could not run: {what}"
    shown, effects = power()
    if not shown:
        return UNDERPOWERED, f"no difference seen, but too few rows to see one: {effects}"
    return NOT_DISTINGUISHED, f"no test told them apart; {effects}"
