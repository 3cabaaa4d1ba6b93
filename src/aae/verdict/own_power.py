"""What the rows at hand could have shown: effects that a verdict on them sees with 80% power.

The rows are divided anew, an effect is planted by choosing rows (`planting`), and each test's
standardised effect is compared with its critical value. `different` needs one test whose p is at
most alpha over the number of tests (the first step of Holm 1979): a test rejects where

    r = e / c > 1,  c = the 1 - alpha / tests quantile of its null,

e the effect of `Outcome`, the null a Pearson type III law with the skewness of the permutations
(sums of squares are nearly of that law, so are largest values), so that 199 permutations tell c
where a p-value of alpha / tests needs a thousand. The largest r over the tests grows like a power
of the size, with noise from division to division: a dozen trials tell where it is above 1 in 80%.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.battery import applicable
from aae.verdict.effects import QUADRATIC_ROWS, Array
from aae.verdict.judge import Settings
from aae.verdict.outcome import Outcome
from aae.verdict.planting import EFFECTS, Effect
from aae.verdict.pooling import make_pool
from aae.verdict.power import REQUIRED
from aae.verdict.rounding import rounded
from aae.verdict.tilting import Sides
from aae.verdict.trials import Trials

PERMUTATIONS = 199
TRIALS = 14
DIVISIONS = 4  # in which a trial looks for one that an effect can be planted in
CELLS, FEWEST_ROWS, MOST_ROWS = 250_000, 200, 1000  # of a side, as they are divided
SCALED_ROWS = QUADRATIC_ROWS // 2  # a side: more help only the tests that look at all rows
FASTEST, SMALLER = 3.0, 1.4  # factors between the sizes of two trials
BEYOND = 1.5  # times the largest size that could be planted: no further does the fit reach
PLANNED = REQUIRED | {"correlation of one pair": 0.1}
Rows = NDArray[Any]


def power_of(
    rows: Rows,
    rows_a_side: int,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    others: int = 0,
    effects: Sequence[str] = tuple(EFFECTS),
) -> dict[str, Any]:
    """Measure what a verdict on so many rows of this table a side could show.

    As many rows are divided as a second or two allow. Sizes are then multiplied by
    sqrt(rows divided / rows of the verdict): what n independent rows show of a small effect grows
    like sqrt(n) times its size, or like the square of that. No further than `SCALED_ROWS`.

    Args:
        rows: of one law, shape (N, columns): real rows, and generated ones where no test tells
            them from real ones.
        rows_a_side: real and generated rows each that the verdict looks at.
        settings: its level, permutations, resolution and seed.
        others: tests beside those of `battery.applicable` that share the level.
        effects: which of `EFFECTS`.

    Returns:
        `rows`: a side that the sizes are for; `divided`: a side that were divided; `alpha`,
        `permutations`; `effects`: name -> `size`, the smallest that is seen with 80% power (None:
        none that was tried, or up to half as much again as can be planted), `seen_by`, the test
        that sees it most often, and `says`, what a size is.

    Raises:
        ValueError: fewer than four rows.
    """
    side = min(rows_a_side, len(rows) // 2, _most_rows(rows.shape[1]))
    if side < 2:
        raise ValueError(f"expected at least 4 rows, got {len(rows)}")
    chosen = np.random.default_rng(settings.seed).permutation(len(rows))[: 2 * side]
    first, second = np.split(rows[chosen], 2)
    divided = np.concatenate(rounded(first, second, settings.resolution))
    seen = _seen(divided, settings, others, effects)
    meant = max(side, min(rows_a_side, SCALED_ROWS))
    measured = {"rows": meant, "divided": side, "alpha": settings.alpha}
    return measured | {
        "permutations": settings.permutations,
        "effects": {
            name: _scaled(each, side / meant) | {"says": EFFECTS[name].says}
            for name, each in seen.items()
        },
    }


def _seen(
    rows: Array, settings: Settings, others: int, effects: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Find the smallest sizes of all effects that so many columns have."""
    import sklearn.ensemble  # noqa: F401 (only threads of what is loaded can be limited)
    from threadpoolctl import threadpool_limits

    varying = int((rows != rows[:1]).any(axis=0).sum())
    with threadpool_limits(1):  # many small fits: threads that wait for each other cost more
        return {
            name: smallest(EFFECTS[name], rows, settings, others)
            for name in effects
            if varying >= EFFECTS[name].columns
        }


def _most_rows(columns: int) -> int:
    return min(MOST_ROWS, max(FEWEST_ROWS, CELLS // columns))


def _scaled(seen: dict[str, Any], ratio: float) -> dict[str, Any]:
    """Bring a size to another number of rows, given the ratio of divided rows to these."""
    size = seen["size"]
    return seen | {"size": None if size is None else float(f"{size * np.sqrt(ratio):.2g}")}


class OwnPower:
    """The power on two tables' own rows, measured when `judge` asks for it.

    Attributes:
        power: see `power_of`; empty until it is asked for.
    """

    def __init__(self, real: Rows, generated: Rows, settings: Settings, others: int = 0) -> None:
        """Keep both tables, the verdict's settings, and how many other tests share its level."""
        self._sides, self._settings, self._others = (real, generated), settings, others
        self.power: dict[str, Any] = {}

    def table(self) -> dict[str, Any]:
        """Measure, and return a table that `judge` takes instead of `power.known_power`."""
        rows, side = np.concatenate(self._sides), min(map(len, self._sides))
        self.power = power_of(rows, side, self._settings, self._others)
        sizes = {name: effect["size"] for name, effect in self.power["effects"].items()}
        level = {name: self.power[name] for name in ("alpha", "permutations")}
        entry = {"rows": self.power["rows"], "columns": rows.shape[1]} | sizes
        return level | {"measured_on": "these rows", "detectable": [entry]}


def plan(
    rows: Rows,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    wanted: Mapping[str, float] = PLANNED,
) -> dict[str, Any]:
    """Estimate how many rows a side would show effects of the wanted sizes with 80% power.

    An effect that n rows a side show from size s on is shown from size w on by n (s / w)^2 rows:
    an extrapolation, good as long as tests look at all rows. Tests of pairs of rows look at
    `SCALED_ROWS` a side, so that beyond these a plan is a lower limit.

    Args:
        rows: real rows, shape (N, columns), N >= 4; no generated ones are needed.
        settings: of the verdict.
        wanted: effect of `EFFECTS` -> size.

    Returns:
        `divided`: rows a side that were divided; `effects`: name -> `wanted`, the size; `size`,
        what the divided rows show; `rows`, a side that would do, None where they show no size.
    """
    power = power_of(rows, len(rows) // 2, settings, effects=tuple(wanted))
    n, seen = power["rows"], {name: each["size"] for name, each in power["effects"].items()}
    return {
        "divided": power["divided"],
        "effects": {
            name: {
                "wanted": wanted[name],
                "size": size,
                "rows": None if size is None else int(np.ceil(n * (size / wanted[name]) ** 2)),
            }
            for name, size in seen.items()
        },
    }


def smallest(effect: Effect, rows: Array, settings: Settings, others: int) -> dict[str, Any]:
    """Find the smallest size of an effect that is seen with 80% power.

    Each trial divides the rows anew, at the size that the trials before it point to.
    """
    size, most, trials = effect.start, effect.most, Trials([], [], [])
    for seed in np.random.SeedSequence(settings.seed).spawn(TRIALS):
        sides = _planted(effect, rows, size, seed)
        if sides is None:  # so large an effect cannot be planted
            most = size = size / SMALLER
            continue
        trials.add(size, ratios_of(sides, settings, others))
        size = float(np.clip(trials.size_seen(), size / FASTEST, min(most, size * FASTEST)))
    at = trials.size_seen() if trials.sizes else np.inf
    if at > min(effect.most, BEYOND * max(trials.sizes, default=0.0)):
        return {"size": None, "seen_by": None}
    return {"size": float(f"{at:.2g}"), "seen_by": trials.seen_by()}


def _planted(
    effect: Effect, rows: Array, size: float, seed: np.random.SeedSequence
) -> Sides | None:
    """Plant in another division, or another pair of columns, where one does not do."""
    for child in seed.spawn(DIVISIONS):
        sides = effect.plant(rows, len(rows) // 2, np.random.default_rng(child))(size)
        if sides is not None:
            return sides
    return None


def ratios_of(sides: Sides, settings: Settings, others: int = 0) -> dict[str, float]:
    """Return r = e / c of each test that applies to two sides, above 1 where it rejects."""
    tests = applicable(sides[0].shape[1])
    pool = make_pool(*sides, PERMUTATIONS, settings.seed)
    smallest_p = 1 / (settings.permutations + 1)  # p-values of permutations are multiples of it
    share = settings.alpha / (len(tests) + others)
    share = max(1, int(share / smallest_p)) * smallest_p
    return {name: _ratio(test(pool), share) for name, test in tests.items()}


def _ratio(outcome: Outcome, share: float) -> float:
    from scipy.stats import pearson3

    return outcome.effect / float(pearson3.ppf(1 - share, outcome.null_skewness))
