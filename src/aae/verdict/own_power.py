"""What the rows at hand could have shown: effects that a verdict on them sees with 80% power.

The rows are divided anew, an effect is planted by choosing rows (`planting`), and each test's
standardised effect is compared with its critical value. `different` needs one test whose p is at
most alpha over the number of tests (the first step of Holm 1979): a test rejects where

    r = e / c > 1,  c = the 1 - alpha / tests quantile of its null,

e the effect of `Outcome`, the null a Pearson type III law with the skewness of the permutations
(sums of squares are nearly of that law, so are largest values), so that 199 permutations tell c
where a p-value of alpha / tests needs a thousand. The largest r over the tests grows like a power
of the size, with noise from division to division: a dozen trials tell where it is above 1 in 80%.
All tests are asked in the first trials, afterwards those that came near the largest r: what one
of the others alone would have seen is left out, so that a size is rather too large.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import QUADRATIC_ROWS, Array
from aae.verdict.judge import Settings
from aae.verdict.planting import EFFECTS, Effect
from aae.verdict.power import REQUIRED
from aae.verdict.rounding import rounded
from aae.verdict.tilting import WIDE, Sides, Table
from aae.verdict.trials import Trials, ratios_of

TRIALS, WIDE_TRIALS, ASKED = 12, 8, 3  # in the first so many of the trials all tests are asked,
NEAR = 0.6  # then those whose r was once such a share of the largest
DIVISIONS, SIZES = 4, 20  # and sizes among which a trial looks for one that can be planted
CELLS, FEWEST_ROWS, MOST_ROWS = 160_000, 200, 500  # of a side, as they are divided
USUAL = 10  # dimensions in which an effect's `start` is about what is seen
SCALED_ROWS = QUADRATIC_ROWS // 2  # a side: more help only the tests that look at all rows
FASTEST, SMALLER = 3.0, 1.4  # factors between the sizes of two trials, and within one
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
        that sees it most often, and `says`, what a size is; without effects that such rows cannot
        have, as other correlations where all columns are one.

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

    table = Table(rows)
    with threadpool_limits(1):  # many small fits: threads that wait for each other cost more
        sizes = {
            name: smallest(EFFECTS[name], table, settings, others)
            for name in effects
            if table.z.shape[1] >= EFFECTS[name].columns
        }
    return {name: seen for name, seen in sizes.items() if seen is not None}


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
        return as_table(self.power, rows.shape[1], "these rows")


def as_table(power: Mapping[str, Any], columns: int, measured_on: str) -> dict[str, Any]:
    """Bring what `power_of` measured into the form of `power.known_power`.

    Args:
        power: see `power_of`.
        columns: of the rows.
        measured_on: which rows, in words.
    """
    sizes = {name: effect["size"] for name, effect in power["effects"].items()}
    level = {name: power[name] for name in ("alpha", "permutations")}
    entry = {"rows": power["rows"], "columns": columns} | sizes
    return level | {"measured_on": measured_on, "detectable": [entry]}


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


def smallest(
    effect: Effect, table: Table, settings: Settings, others: int
) -> dict[str, Any] | None:
    """Find the smallest size of an effect that is seen with 80% power.

    Each trial divides the rows anew, at the size that the trials before it point to.

    Returns:
        Size and test; None where no size can be planted.
    """
    size, most = effect.start * float(np.sqrt(USUAL / max(USUAL, table.dimension))), effect.most
    trials, number = Trials([], []), TRIALS if table.z.shape[1] <= WIDE else WIDE_TRIALS
    for seed in np.random.SeedSequence(settings.seed).spawn(number):
        planted, sides = _planted(effect, table, size, seed)
        if sides is None:
            return None
        most = SMALLER * planted if planted < size else most
        asked = trials.leading(NEAR) if len(trials.sizes) >= ASKED else None
        trials.add(planted, ratios_of(sides, settings, others, asked))
        size = float(np.clip(trials.size_seen(), planted / FASTEST, min(most, planted * FASTEST)))
    at = trials.size_seen()
    if at > min(effect.most, BEYOND * max(trials.sizes)):
        return {"size": None, "seen_by": None}
    return {"size": float(f"{at:.2g}"), "seen_by": trials.seen_by()}


def _planted(
    effect: Effect, table: Table, size: float, seed: np.random.SeedSequence
) -> tuple[float, Sides | None]:
    """Plant in another division, or another pair of columns, where one does not do; else less."""
    children = seed.spawn(DIVISIONS)
    divisions = [effect.divide(table, np.random.default_rng(child)) for child in children]
    for _ in range(SIZES):
        for division in divisions:
            if (sides := division(size)) is not None:
                return size, sides
        size /= SMALLER
    return size, None
