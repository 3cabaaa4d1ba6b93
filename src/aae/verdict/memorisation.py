"""Memorisation: how much nearer do generated rows lie to training rows than to unseen ones?"""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, distances, row_blocks, spread_of, subsample
from aae.verdict.repeats import copied_rows, fewest_copies

GENERATED_ROWS = 2000  # generated rows at most
REFERENCE_ROWS = 2000  # hold-out rows at most
TRAIN_RATIO = 4  # training rows at most, for each hold-out row
RATIOS = (3, 10)  # r of D_r
NEARER, TRACEABLE = 0.05, 0.005  # what N and D_r may reach without alarm
Z = 1.64  # standard errors of an interval
DOUBT = 2.6  # standard errors of what D_r reaches by chance
REST = 1e-5  # chance that none of the nearest rows that are looked at is of the other set


class Estimate(NamedTuple):
    """A number and its interval, `Z` standard errors to either side."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Memorisation:
    """What generated rows owe to single training rows.

    Attributes:
        nearer: N: 0 where rows lie as near to training rows as to unseen ones, 1 for copies.
        traceable: D_3, share of rows that are traceable to a training row.
        copied: D_10, the same by a stricter measure.
        repeats: training rows that a generated row repeats exactly.
        rows: generated rows looked at.
        fewest: copies among these that would have raised the alarm; fewer go unseen.
        alarm: whether training rows are memorised.
        reason: a sentence.
    """

    nearer: Estimate
    traceable: Estimate
    copied: Estimate
    repeats: int
    rows: int
    fewest: int
    alarm: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return what metrics.json holds, in types that JSON has."""
        estimates = {name: each for name, each in vars(self).items() if isinstance(each, Estimate)}
        return asdict(self) | {name: each._asdict() for name, each in estimates.items()}


def memorisation(
    generated: NDArray[np.floating],
    train: NDArray[np.floating],
    holdout: NDArray[np.floating],
    *,
    seed: int = 0,
) -> Memorisation:
    """Measure how much nearer generated rows lie to training rows than to unseen ones.

    With a and b the distances of a generated row to its nearest training and its nearest hold-out
    row, in standard deviations of the columns, and 0/0 = 0,

        N = mean (b - a) / (b + a),    D_r = P(b > r a) - P(a > r b), r = 3 and 10.

    A generator that knows training rows through their law alone sees both sets alike: all three are
    0 on average, whether its law is right or wrong. Since every fit to few rows lies a little
    nearer to them, the alarm needs N beyond `NEARER` or D_r beyond `TRACEABLE` by `Z` standard
    errors, and D_r beyond `_by_chance` too. Exact copies are counted besides, among all training
    rows. No guarantee of privacy.

    Args:
        generated: shape (m, columns); at most `GENERATED_ROWS` drawn rows are used.
        train: rows that the generator learned from; N and D look at `TRAIN_RATIO` drawn ones at
            most for each hold-out row.
        holdout: rows of the same law that it did not, at most `REFERENCE_ROWS` used.
        seed: decides the draws.
    """
    rng = np.random.default_rng(seed)
    generated = subsample(generated, GENERATED_ROWS, rng)
    holdout = subsample(holdout, REFERENCE_ROWS, rng)
    near = subsample(train, TRAIN_RATIO * len(holdout), rng)
    values, owner = _compared(generated, near, holdout)
    nearer, traceable, copied = (_estimate(each, owner) for each in values)
    chances = [_by_chance(each, owner, len(near) / len(holdout)) for each in values[1:]]
    sides = len(generated), len(holdout)
    repeats = copied_rows((generated, holdout), train, rng)
    reasons = [_traced([traceable, copied], chances), _hugging(nearer), _copies(repeats, sides)]
    if nearer.value - traceable.value > NEARER:  # copies alone would make N as large as D
        reasons[:2] = reversed(reasons[:2])
    reason = next(filter(None, reasons), "")
    traced = _fewest_traced(copied, chances[1], sides[0]) * len(train) / len(near)
    fewest = min(int(np.ceil(traced)), fewest_copies(repeats[1], sides), sides[0])
    words = reason or _calm(nearer, traceable, fewest, sides[0])
    estimates = nearer, traceable, copied
    return Memorisation(*estimates, repeats[0], sides[0], fewest, bool(reason), words)


def _compared(
    generated: NDArray[np.floating], train: NDArray[np.floating], holdout: NDArray[np.floating]
) -> tuple[Array, NDArray[np.intp]]:
    """Return what N, D_3 and D_10 average, shape (3, rows), and each row's nearest known row.

    Unequal sets: from each value its mean over all labellings of the known rows is subtracted, and
    the rest scaled so that a copy counts 1: its own mean is (n - h) / (n + h).
    """
    known = np.concatenate([train, holdout], dtype=float)
    centre, scale = known[0].copy(), spread_of(known)
    known = (known - centre) / scale
    parts = []
    for block in row_blocks(len(generated), len(known)):
        away = distances((generated[block] - centre) / scale, known)
        parts.append(_block_values(away, len(train)))
    values, owner = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    return values * len(known) / (2 * len(holdout)), owner


def _block_values(away: Array, learned: int) -> tuple[Array, NDArray[np.intp]]:
    to_train, to_holdout = away[:, :learned].min(axis=1), away[:, learned:].min(axis=1)
    values = _contrasts(to_train, to_holdout) - _contrasts(to_holdout, to_train)
    weights = _first_of_other(learned, away.shape[1])
    if weights.any():
        ranked = np.sort(np.partition(away, len(weights), axis=1)[:, : len(weights) + 1], axis=1)
        values -= _contrasts(ranked[:, :1], ranked[:, 1:]) @ weights
    return values, away.argmin(axis=1)


def _contrasts(a: Array, b: Array) -> Array:
    """Return the positive parts of (b - a) / (b + a), 1{b > 3 a}, 1{b > 10 a}."""
    total = a + b
    nearer = np.where(b > a, b - a, 0.0) / np.where(total > 0, total, 1.0)
    return np.stack([nearer, *(np.where(b > r * a, 1.0, 0.0) for r in RATIOS)])


def _first_of_other(learned: int, known: int) -> Array:
    """Return P(the k nearest are training rows, the next is not) minus the opposite, k = 1, ...

    Over all labellings (hypergeometric); all 0 where both sets are of one size.
    """
    sizes = np.array([[learned], [known - learned]], dtype=float)
    if learned == known - learned:
        return np.zeros(0)
    drawn = np.arange(known - 1)
    alike = np.cumprod((sizes - drawn).clip(0) / (known - drawn), axis=1)
    weights = alike * sizes[::-1] / (known - 1 - drawn)
    depth = 1 + np.count_nonzero(alike.max(axis=0) > REST)
    return np.asarray((weights[0] - weights[1])[:depth])


def _estimate(values: Array, owner: NDArray[np.intp]) -> Estimate:
    """Return the mean and its interval; rows that are nearest to one known row count as one.

    The sums of these rows' values are squared as they are, not about the mean: a generator of few
    distinct rows has no interval of width 0. Of independent samples' N, where 90% are meant, it
    covers 87 to 98% in up to 10 columns and 75 to 90% in 100, where it is a tenth of `NEARER`.
    """
    mean = values.mean()
    error = Z * np.linalg.norm(np.bincount(owner, values)) / len(values)
    return Estimate(float(mean), float(max(mean - error, -1)), float(min(mean + error, 1)))


def _by_chance(values: Array, owner: NDArray[np.intp], ratio: float) -> float:
    """Return what D_r reaches without copies, judged by the rows that are nearer to unseen rows.

    Copies leave their share R as it is. Without any, the opposite share is R on average, and in few
    columns up to 2 R for fits that are nearer to training rows than `NEARER` allows: D_r is up to
    R, and `DOUBT` standard errors. Of few events those are too short: one more is added.

    Args:
        values: what D_r averages; owner: the nearest known row of each.
        ratio: training rows for each hold-out row, the weight of a row nearer to the latter.
    """
    unlike = np.bincount(owner, np.minimum(values, 0))
    one = max(ratio, 1, np.bincount(owner, np.maximum(values, 0)).max())
    noise = np.sqrt((1 + 1 / ratio) * (np.sum(unlike**2) + one**2))
    return float((DOUBT * noise - unlike.sum()) / len(values))


def _traced(shares: list[Estimate], chances: list[float]) -> str:
    """Say what D_r shows where it alarms, else return nothing."""
    for ratio, share, chance in zip(RATIOS, shares, chances, strict=True):
        if min(share.low, share.value - chance) > TRACEABLE:
            return (
                f"about {share.value:.1%} of the generated rows are at least {ratio} times nearer "
                "to a training row than to any unseen one: likely copies"
            )
    return ""


def _hugging(nearer: Estimate) -> str:
    """Say what N shows where it alarms, else return nothing."""
    if nearer.low <= NEARER:
        return ""
    return (
        f"generated rows hug training rows (nearer than to unseen ones by {_range(nearer)}, "
        "0: alike, 1: copies): noisy copies, interpolation, or too few training rows a class"
    )


def _copies(repeats: list[int], sides: tuple[int, int]) -> str:
    """Say how many training rows are repeated, where that alarms; else return nothing."""
    if repeats[0] < fewest_copies(repeats[1], sides):
        return ""
    return (
        f"generated rows repeat {repeats[0]} training rows ({sides[0]} rows looked at), "
        f"unseen rows {repeats[1]} ({sides[1]} rows looked at): copies"
    )


def _calm(nearer: Estimate, share: Estimate, fewest: int, rows: int) -> str:
    return (
        f"nearer to training than to unseen rows by {_range(nearer)}, 0: alike, 1: copies; "
        f"{max(share.value, 0):.1%} (up to {max(share.high, 0):.1%}) traceable to a training row; "
        f"fewer than {fewest} copies among {rows} rows would go unseen; no guarantee of privacy"
    )


def _range(estimate: Estimate) -> str:
    value, low, high = (round(each, 2) + 0.0 for each in estimate)  # no negative zero
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _fewest_traced(copied: Estimate, chance: float, rows: int) -> int:
    """Return the fewest copies that D_10 shows: each adds 1 to its sum and to its variance."""
    noise = rows * (copied.value - copied.low)
    copies = np.arange(rows + 1)
    error = np.maximum(np.hypot(Z * np.sqrt(copies), noise), rows * chance)
    return int(np.argmax(copies - error > TRACEABLE * rows) or rows)
