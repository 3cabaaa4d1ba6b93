"""All that is looked at for a verdict: hard checks, and the tests that apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.battery import applicable
from aae.verdict.closed_form import moment_test
from aae.verdict.degenerate import constant_on_one_side, same_rows
from aae.verdict.diversity import conditional_energy, mode_test
from aae.verdict.effects import subsample
from aae.verdict.hard_checks import KnownLaw, outside, unlike_known
from aae.verdict.outcome import Outcome
from aae.verdict.pooling import Places, Pool, pooled_rows, thinned_places
from aae.verdict.repeats import duplicates
from aae.verdict.rounding import steps

Rows = NDArray[Any]
LabelPair = tuple[NDArray[np.integer], NDArray[np.integer]]
Test = Callable[[], Outcome]


@dataclass(frozen=True)
class Case:
    """The rows to be judged, known to be usable and in one number format.

    Attributes:
        real: shape (n, columns); generated: shape (m, columns); train: rows learned from, or None.
        labels: classes of the real and of the generated rows, or None.
        law: what is known of the real rows' law.
        columns: names.
        permutations, seed, resolution: of the verdict's settings.
    """

    real: Rows
    generated: Rows
    train: Rows | None
    labels: LabelPair | None
    law: KnownLaw
    columns: list[str]
    permutations: int
    seed: int
    resolution: float


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows that the tests looked at, kept to name what differs.

    Attributes:
        pool: of these rows, `rounded`.
        real: positions of its real rows in their table, in the order in which they were pooled,
            shape (n,); generated: likewise, shape (m,).
    """

    pool: Pool
    real: Places
    generated: Places


def drawn(case: Case) -> tuple[Places, Places]:
    """Draw positions of at most `pooled_rows` real and generated rows, in random order."""
    rng, most = np.random.default_rng(case.seed), pooled_rows(len(case.columns))
    return thinned_places(len(case.real), len(case.generated), most, rng)


def hard_checks(case: Case, real: Rows, generated: Rows) -> list[str]:
    """Run the checks without a p-value.

    Args:
        case: what is judged; real, generated: its `drawn` rows.

    Returns:
        A sentence for each that fails; degenerate tables first, they explain the rest.
    """
    resolution, width = case.resolution, steps(real, case.resolution)
    failed = same_rows(case.real, case.generated)
    failed += constant_on_one_side(real, generated, width, case.columns)
    failed += outside(case.generated, case.law, width, case.columns)
    if case.train is None:
        failed += unlike_known(real, generated, resolution, "real rows", case.columns)
    else:
        rng = np.random.default_rng([case.seed, 1])
        learned = subsample(case.train, pooled_rows(len(case.columns)) // 2, rng)
        failed += unlike_known(learned, generated, resolution, columns=case.columns)
    return failed + duplicates(real, generated, resolution)


def tests(case: Case, pool: Pool) -> dict[str, Test]:
    """Return the tests that apply, by name; none has run yet.

    Args:
        case: what is judged; pool: of its `drawn` rows.
    """
    chosen: dict[str, Test] = {
        name: partial(test, pool) for name, test in applicable(len(case.columns)).items()
    }
    number, seed = case.permutations, case.seed
    if case.law.moments is not None:
        against = partial(moment_test, case.real, case.generated, case.law.moments)
        chosen["closed_form"] = partial(against, permutations=number, seed=seed)
    if case.labels is not None:
        shares = partial(mode_test, *case.labels)
        chosen["mode_weights"] = partial(shares, permutations=number, seed=seed)
        classes = (case.real, case.labels[0]), (case.generated, case.labels[1])
        rows = partial(conditional_energy, *classes)
        chosen["conditional_energy"] = partial(rows, permutations=number, seed=seed)
    return chosen


def outcomes(chosen: Mapping[str, Test]) -> tuple[dict[str, Outcome], dict[str, str]]:
    """Run tests; return what they say, and why the others could not run, by name."""
    said, errors = {}, {}
    for name, test in chosen.items():
        try:
            said[name] = test()
        except Exception as error:  # whatever it was: a test that did not run must not pass
            errors[name] = f"{type(error).__name__}: {error}"
    return said, errors
