"""The six synthetic laws."""

import math
from dataclasses import dataclass

import numpy as np

from aae.base.checks import at_least, expect, list_of, within
from aae.base.settings import setting
from aae.laws.contract import NUMBER, POSITIVE, Drawn, Law
from aae.laws.moments import Array, PopulationMoments, mix, one_column
from aae.laws.shares import SHARE, draw_labels, expect_whole, normalised


@dataclass(kw_only=True)
class Uniform(Law):
    """Independent columns, each U(low, high); no value leaves [low, high] as float32."""

    kind: str = "uniform"
    low: float = setting(-1.0, NUMBER)
    high: float = setting(1.0, NUMBER)

    def _check(self) -> None:
        expect(self.low < self.high, "low < high", (self.low, self.high))

    def _float32_limits(self) -> tuple[float, float]:
        # The nearest float32 may lie outside (float32(0.1) > 0.1), so these are rounded inwards.
        least, most = np.float32(self.low), np.float32(self.high)
        if float(least) < self.low:
            least = np.nextafter(least, np.float32(np.inf))
        if float(most) > self.high:
            most = np.nextafter(most, np.float32(-np.inf))
        return float(least), float(most)

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        values = rng.uniform(self.low, self.high, size=(rows, columns))
        return np.clip(values, *self._float32_limits()), None

    def _moments(self) -> PopulationMoments:
        return one_column(
            (self.low + self.high) / 2, (self.high - self.low) / math.sqrt(12), 0, -1.2
        )

    def _cdf(self, values: Array) -> Array:
        return (values[:, None] - self.low) / (self.high - self.low)

    def support(self) -> tuple[float | None, float | None]:
        """Both limits."""
        return float(self.low), float(self.high)


@dataclass(kw_only=True)
class Normal(Law):
    """N(mean, S), with variance 1 and the correlation rho between any two columns.

    Drawn as mean + sqrt(rho) t 1 + sqrt(1 - rho) e, which needs no covariance matrix.
    """

    kind: str = "normal"
    mean: float = setting(0.0, NUMBER)
    rho: float = setting(1.0, within("[0, 1]"))

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        common = rng.standard_normal((rows, 1))
        own = rng.standard_normal((rows, columns))
        return self.mean + math.sqrt(self.rho) * common + math.sqrt(1 - self.rho) * own, None

    def _moments(self) -> PopulationMoments:
        return one_column(self.mean, 1, 0, 0)

    def _cdf(self, values: Array) -> Array:
        return _normal_cdf(values[:, None] - self.mean)


@dataclass(kw_only=True)
class Density(Law):
    """Points of a square grid, in proportion to the density of N(center, variance I) there.

    A row is columns / 2 independent points, flattened (x1, y1, x2, y2, ...). The density is a
    product, so all columns are independent, with one discrete law for x and one for y.
    """

    kind: str = "density"
    center: list[float] = setting([-1.0, 1.0], list_of(NUMBER, length=2))
    variance: float = setting(0.5, POSITIVE)
    low: float = setting(-2.0, NUMBER)
    high: float = setting(2.0, NUMBER)
    points: int = setting(50, at_least(2))

    def _check(self) -> None:
        expect(self.low < self.high, "low < high", (self.low, self.high))

    @property
    def _period(self) -> int:
        return 2

    def _grid(self) -> Array:
        # The numbers that rows really hold: at an unrounded point the CDF would miss its own atom.
        return np.linspace(self.low, self.high, self.points).astype(np.float32).astype(np.float64)

    def _masses(self) -> Array:
        """Probabilities of the grid points for x and for y, shape (2, points)."""
        squares = (self._grid() - np.array(self.center, dtype=np.float64)[:, None]) ** 2
        # Relative to the nearest point, or a center far outside of the grid would give 0 / 0.
        nearest = squares.min(axis=1, keepdims=True)
        masses = np.exp((nearest - squares) / (2 * self.variance))
        return np.asarray(masses / masses.sum(axis=1, keepdims=True))

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        values = np.empty((rows, columns))
        for axis, masses in enumerate(self._masses()):
            values[:, axis::2] = rng.choice(self._grid(), size=(rows, columns // 2), p=masses)
        return values, None

    def _moments(self) -> PopulationMoments:
        # Each atom is a law without spread.
        atoms = np.broadcast_to(self._grid()[:, None], (self.points, 2))
        zeros = np.zeros_like(atoms)
        return mix(self._masses().T, PopulationMoments(atoms, zeros, zeros, zeros))

    def _cdf(self, values: Array) -> Array:
        steps = np.pad(np.cumsum(self._masses(), axis=1), ((0, 0), (1, 0)))
        steps[:, -1] = 1.0
        return np.asarray(steps[:, np.searchsorted(self._grid(), values, side="right")].T)

    def support(self) -> tuple[float | None, float | None]:
        """First and last grid point."""
        grid = self._grid()
        return float(grid[0]), float(grid[-1])

    def atoms(self) -> Array | None:
        """Grid points of one axis, as rounded to float32."""
        return np.unique(self._grid())


@dataclass(kw_only=True)
class ExponNeg(Law):
    """Independent columns, each -Exp(scale), where scale is the mean of the exponential."""

    kind: str = "expon_neg"
    scale: float = setting(1.0, POSITIVE)

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        return -self.scale * rng.standard_exponential((rows, columns)), None

    def _moments(self) -> PopulationMoments:
        return one_column(-self.scale, self.scale, -2, 6)

    def _cdf(self, values: Array) -> Array:
        return np.asarray(np.exp(np.minimum(values[:, None], 0.0) / self.scale))

    def support(self) -> tuple[float | None, float | None]:
        """Everything up to 0."""
        return None, 0.0


@dataclass(kw_only=True)
class NormalExpon(Law):
    """Independent columns, each N(loc, sigma^2) + Exp(scale): the exponentially modified Gaussian.

    It is `scipy.stats.exponnorm(scale / sigma, loc, sigma)`.
    """

    kind: str = "normal_expon"
    loc: float = setting(0.0, NUMBER)
    sigma: float = setting(1.0, POSITIVE)
    scale: float = setting(1.0, POSITIVE)

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        values = self.loc + self.sigma * rng.standard_normal((rows, columns))
        return values + self.scale * rng.standard_exponential((rows, columns)), None

    def _moments(self) -> PopulationMoments:
        # Cumulants add up, and the normal part has none beyond the second.
        std = math.hypot(self.sigma, self.scale)
        share = self.scale / std
        return one_column(self.loc + self.scale, std, 2 * share**3, 6 * share**4)

    def _cdf(self, values: Array) -> Array:
        """Phi(u) - exp(k^2 / 2 - k u) Phi(u - k), u = (v - loc) / sigma and k = sigma / scale."""
        from scipy.special import erfcx

        u, k = (values[:, None] - self.loc) / self.sigma, self.sigma / self.scale
        # Left of k the exponential overflows where Phi vanishes: erfcx holds their product.
        below, above = np.minimum(u, k), np.maximum(u, k)
        left = 0.5 * np.exp(-(below**2) / 2) * erfcx((k - below) / math.sqrt(2))
        right = np.exp(k * (k / 2 - above)) * _normal_cdf(above - k)
        return np.asarray(_normal_cdf(u) - np.where(u < k, left, right))


@dataclass(kw_only=True)
class NormalMixture(Law):
    """A row draws its component c by weight, then N(means[c], sigmas[c]^2 I); c is its label."""

    kind: str = "normal_mixture"
    means: list[float] = setting([-1.0, 1.0], list_of(NUMBER))
    sigmas: list[float] = setting([0.5, 1.0], list_of(POSITIVE))
    weights: list[float] = setting([0.5, 0.5], list_of(SHARE))

    def _check(self) -> None:
        counts = [len(each) for each in (self.means, self.sigmas, self.weights)]
        expect(len(set(counts)) == 1, "as many means as sigmas and weights", counts)
        expect_whole("weights", self.weights)

    @property
    def classes(self) -> list[str]:
        """One name for each component."""
        return [f"component {index}" for index in range(len(self.means))]

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        labels = draw_labels(normalised(self.weights), rows, rng)
        means, sigmas = (np.array(each)[labels, None] for each in (self.means, self.sigmas))
        return means + sigmas * rng.standard_normal((rows, columns)), labels

    def _moments(self) -> PopulationMoments:
        means, sigmas = (np.array([each], dtype=float).T for each in (self.means, self.sigmas))
        zeros = np.zeros_like(means)
        return mix(
            normalised(self.weights)[:, None], PopulationMoments(means, sigmas, zeros, zeros)
        )

    def _cdf(self, values: Array) -> Array:
        scores = (values[:, None] - np.array(self.means)) / np.array(self.sigmas)
        return np.asarray(_normal_cdf(scores) @ normalised(self.weights))[:, None]


FAMILIES: dict[str, type[Law]] = {
    law.kind: law for law in (Uniform, Normal, Density, ExponNeg, NormalExpon, NormalMixture)
}


def _normal_cdf(scores: Array) -> Array:
    """Standard normal CDF."""
    from scipy.special import ndtr

    return np.asarray(ndtr(scores))
