"""Confidence intervals of the largest effect among many columns: standard deviations and means.

An interval of max |e| over effects e. Its lower limit is the largest of the effects' lower limits,
each at a level divided by their number (Bonferroni). Its upper limit is the largest of their upper
limits, each at the undivided level: that of the effect which really is the largest suffices. The
half widths of two samples are added as squares (Zou & Donner 2008), each with the quantile of
Student's t for as many degrees of freedom as its variance is known with: few for heavy tails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array

Rows = NDArray[np.floating]
Limits = Callable[[float], tuple[Array, Array]]  # one-sided level -> signed limits of all effects


@dataclass(frozen=True)
class Effect:
    """One effect.

    Attributes:
        names: of the column, or of both columns of a pair; none where it is one of whole rows.
        size: estimate, with its sign.
    """

    names: tuple[str, ...]
    size: float


@dataclass(frozen=True)
class Interval:
    """Confidence interval of the largest effect.

    Attributes:
        low, high: limits of max |e|; `high` is infinite where an effect cannot be estimated.
        clearest: the effect with the largest lower limit; widest: with the largest upper limit.
    """

    low: float
    high: float
    clearest: Effect
    widest: Effect


@dataclass(frozen=True)
class Moments:
    """Standardised moments of each column of a sample, of shape (columns,); 0 of a constant one.

    Attributes:
        rows: of the sample.
        mean, sd: in the column's unit.
        powers: E z^k of the standardised column, for k = 3, 4, 6 and 8.
    """

    rows: int
    mean: Array
    sd: Array
    powers: dict[int, Array]

    def of(self, columns: NDArray[np.intp]) -> "Moments":
        """Return the moments of some columns."""
        powers = {k: power[columns] for k, power in self.powers.items()}
        return Moments(self.rows, self.mean[columns], self.sd[columns], powers)


def moments(rows: Rows) -> Moments:
    """Return the moments of the columns of a sample, shape (n, columns), n >= 2."""
    columns = np.array([_moments(np.array(column, dtype=float)) for column in rows.T]).T
    return Moments(
        len(rows), columns[0], columns[1], dict(zip((3, 4, 6, 8), columns[2:], strict=True))
    )


def _moments(column: Array) -> list[float]:
    mean = float(column[0] + np.mean(column - column[0]))  # exact where it is constant
    z = column - mean
    square = z**2
    n, variance = len(column), float(square.mean())
    if np.ptp(column) == 0 or variance == 0:
        return [mean, *5 * [0.0]]
    z /= np.sqrt(variance)
    square /= variance
    fourth = square**2
    sums = z @ square, square @ square, square @ fourth, fourth @ fourth
    return [mean, float(np.sqrt(variance * n / (n - 1))), *(float(each) / n for each in sums)]


def quantile(level: float, freedom: Array) -> Array:
    """Return the upper quantile of Student's t, for one degree of freedom at least."""
    from scipy.special import stdtrit

    return np.asarray(-stdtrit(np.maximum(freedom, 1.0), level))


def degrees(variance: Array, fourth: Array, rows: int) -> Array:
    """Return the degrees of freedom of the variance of a mean (Satterthwaite 1946).

    With V = E psi^2 estimated by a mean of squares: 2 V^2 / Var(mean of psi^2).

    Args:
        variance: E psi^2; fourth: E psi^4.
        rows: over which psi is averaged; freedom is at most one less.
    """
    spread = np.maximum(fourth - variance**2, 1e-300)
    return np.asarray(np.minimum(2 * rows * variance**2 / spread, rows - 1))


def std_interval(real: Moments, made: Moments, names: Sequence[str], alpha: float) -> Interval:
    """Interval of the largest relative error of a standard deviation, |sd' / sd - 1|.

    Of log(sd' / sd): log sd has the influence (z^2 - 1) / 2, hence the variance (E z^4 - 1) / 4n.
    Of a column that is constant on one side nothing is known: 0 to infinity.
    """
    known = (real.sd > 0) & (made.sd > 0)
    ratio = np.log(np.where(known, made.sd, 1.0)) - np.log(np.where(known, real.sd, 1.0))
    (error, freedom), (other_error, other_freedom) = map(_log_sd, (real, made))

    def limits(level: float) -> tuple[Array, Array]:
        t, other_t = quantile(level, freedom), quantile(level, other_freedom)
        width = np.minimum(np.hypot(error * t, other_error * other_t), 300.0)  # exp stays finite
        low, high = np.expm1(ratio - width), np.expm1(ratio + width)
        return np.where(known, low, -np.inf), np.where(known, high, np.inf)

    return largest(np.expm1(ratio), limits, [(name,) for name in names], alpha)


def _log_sd(side: Moments) -> tuple[Array, Array]:
    """Standard error of log sd, and its degrees of freedom."""
    fourth, sixth, eighth = (side.powers[k] for k in (4, 6, 8))
    variance = np.maximum(fourth - 1, 0.0) / 4
    freedom = degrees(variance, (eighth - 4 * sixth + 6 * fourth - 3) / 16, side.rows)
    return np.sqrt(variance / (side.rows - 1)), freedom


def mean_interval(real: Moments, made: Moments, names: Sequence[str], alpha: float) -> Interval:
    """Interval of the largest |mean' - mean| / sd, in standard deviations of the real column.

    With d the difference, a real row's influence is -z - d (z^2 - 1) / 2: sd is estimated, too.
    """
    known = real.sd > 0
    scale = np.where(known, real.sd, 1.0)
    d = (made.mean - real.mean) / scale
    variance = np.maximum(1 + d * real.powers[3] + d**2 * (real.powers[4] - 1) / 4, 0.0)
    error, other_error = np.sqrt(variance / real.rows), made.sd / scale / np.sqrt(made.rows)
    one = np.ones(len(d))
    freedom, other_freedom = (degrees(one, side.powers[4], side.rows) for side in (real, made))

    def limits(level: float) -> tuple[Array, Array]:
        t, other_t = quantile(level, freedom), quantile(level, other_freedom)
        width = np.hypot(error * t, other_error * other_t)
        return np.where(known, d - width, -np.inf), np.where(known, d + width, np.inf)

    return largest(d, limits, [(name,) for name in names], alpha)


def largest(
    sizes: Array,
    limits: Limits,
    names: Sequence[tuple[str, ...]],
    alpha: float,
    looked_at: int | None = None,
) -> Interval:
    """Interval of max |e|: half of alpha for its lower limit, half for its upper one.

    Args:
        sizes: estimates of the effects, with their signs, shape (effects,).
        limits: of each effect at a one-sided level.
        names: of the effects.
        alpha: chance that the interval misses the largest effect.
        looked_at: how many effects these were chosen from.
    """
    low, high = absolute(limits, looked_at or len(sizes), alpha)
    clearest, widest = int(np.argmax(low)), int(np.argmax(high))
    effects = (Effect(names[at], float(sizes[at])) for at in (clearest, widest))
    return Interval(float(low[clearest]), float(high[widest]), *effects)


def absolute(limits: Limits, effects: int, alpha: float) -> tuple[Array, Array]:
    """Return lower limits of |e|, for so many effects at once, and upper limits, each alone."""
    low, high = limits(alpha / 2 / (2 * effects))
    lower = np.maximum(np.maximum(low, -high), 0.0)
    low, high = limits(alpha / 2)
    return lower, np.maximum(np.abs(low), np.abs(high))
