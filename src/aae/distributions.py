"""The laws that data are drawn from: sampling, closed-form moments and marginal CDFs."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Drawn = tuple[NDArray[np.floating[Any]], NDArray[np.int64] | None]


@dataclass
class Sizes:
    """How much is drawn from a law, and with which seed.

    Raises:
        ValueError: a size below 1, a negative seed, or not an integer.
    """

    rows: int = 1000
    test_rows: int = 3000
    columns: int = 784
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse sizes that nothing can be drawn with."""
        _check_types(self)
        for name in ("rows", "test_rows", "columns"):
            _expect(getattr(self, name) >= 1, f"{name} >= 1, got {getattr(self, name)}")
        _expect(self.seed >= 0, f"seed >= 0, got {self.seed}")


class Sample(NamedTuple):
    """Rows drawn from a law.

    Attributes:
        rows: float32, shape (rows, columns).
        labels: index into the law's `classes`, int64, shape (rows,); None where it has no classes.
    """

    rows: NDArray[np.float32]
    labels: NDArray[np.int64] | None


class Moments(NamedTuple):
    """First four moments of each column, each float64 of shape (columns,).

    `mean` and `std` are in the data's units; `skewness` and `excess_kurtosis` have none and are
    those of the population (0 for a normal law).
    """

    mean: Array
    std: Array
    skewness: Array
    excess_kurtosis: Array


@dataclass(kw_only=True)
class Law(ABC):
    """A distribution of rows; the fields of each subclass are exactly its parameters.

    Subclasses fill in the methods with an underscore. Marginals repeat along a row with `_period`.

    Raises:
        ValueError: a parameter of the wrong type or out of its range.
    """

    kind: str = ""

    def __post_init__(self) -> None:
        """Refuse parameters that describe no distribution, or none that float32 can hold."""
        _check_types(self)
        _expect(self.kind == type(self).kind, f"kind {type(self).kind!r}, got {self.kind!r}")
        self._check()
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, std, _, _ = self._moments()
        resolved = bool(np.all(std > 1e-6 * np.abs(mean) + np.finfo(np.float32).tiny))
        got = f"got std {std.tolist()} about mean {mean.tolist()}"
        _expect(resolved, f"a spread that float32 resolves, {got}")

    def sample(self, rows: int, columns: int, rng: np.random.Generator) -> Sample:
        """Draw independent rows; further calls with the same `rng` continue the sample."""
        self.check_columns(columns)
        values, labels = self._draw(rows, columns, rng)
        return Sample(values.astype(np.float32, copy=False), labels)

    def moments(self, columns: int) -> Moments:
        """Closed-form moments of each column."""
        self.check_columns(columns)
        return Moments(*(np.tile(moment, columns // self._period) for moment in self._moments()))

    def cdf(self, values: ArrayLike, columns: int) -> Array:
        """Marginal CDF P(X_j <= v) at values of shape (n,); returns shape (n, columns)."""
        self.check_columns(columns)
        marginals = self._cdf(np.asarray(values, dtype=np.float64))
        return np.tile(np.clip(marginals, 0.0, 1.0), columns // self._period)

    def support(self) -> tuple[float | None, float | None]:
        """Smallest and largest value that any column takes; None where unbounded."""
        return None, None

    def atoms(self) -> Array | None:
        """Sorted distinct values of the columns, or None unless the law is discrete."""
        return None

    @property
    def classes(self) -> list[str]:
        """Names of the labels, by index; empty where rows have none."""
        return []

    def check_columns(self, columns: int) -> None:
        """Raise ValueError where a row of this law cannot have so many columns."""
        _expect(columns >= 1, f"columns >= 1, got {columns}")
        whole = columns % self._period == 0
        _expect(whole, f"an even number of columns for {self.kind!r}, got {columns}")

    @property
    def _period(self) -> int:
        return 1

    @abstractmethod
    def _check(self) -> None:
        """Check the ranges of the parameters, whose types are right."""

    @abstractmethod
    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        """Values of shape (rows, columns), and labels."""

    @abstractmethod
    def _moments(self) -> Moments:
        """Moments of one period, each of shape (period,)."""

    @abstractmethod
    def _cdf(self, values: Array) -> Array:
        """Marginal CDFs of one period, shape (n, period)."""


@dataclass(kw_only=True)
class Uniform(Law):
    """Independent columns, each U(low, high); no value leaves [low, high] as float32."""

    kind: str = "uniform"
    low: float = -1.0
    high: float = 1.0

    def _check(self) -> None:
        _expect(self.low < self.high, f"low < high, got {self.low} and {self.high}")

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

    def _moments(self) -> Moments:
        return _column((self.low + self.high) / 2, (self.high - self.low) / math.sqrt(12), 0, -1.2)

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
    mean: float = 0.0
    rho: float = 1.0

    def _check(self) -> None:
        _expect(0 <= self.rho <= 1, f"rho in [0, 1], got {self.rho}")

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        common = rng.standard_normal((rows, 1))
        own = rng.standard_normal((rows, columns))
        return self.mean + math.sqrt(self.rho) * common + math.sqrt(1 - self.rho) * own, None

    def _moments(self) -> Moments:
        return _column(self.mean, 1, 0, 0)

    def _cdf(self, values: Array) -> Array:
        return _normal_cdf(values[:, None] - self.mean)


@dataclass(kw_only=True)
class Density(Law):
    """Points of a square grid, in proportion to the density of N(center, variance I) there.

    A row is columns / 2 independent points, flattened (x1, y1, x2, y2, ...). The density is a
    product, so all columns are independent, with one discrete law for x and one for y.
    """

    kind: str = "density"
    center: list[float] = field(default_factory=lambda: [-1.0, 1.0])
    variance: float = 0.5
    low: float = -2.0
    high: float = 2.0
    points: int = 50

    def _check(self) -> None:
        _expect(len(self.center) == 2, f"2 numbers in center, got {len(self.center)}")
        _expect(self.variance > 0, f"variance > 0, got {self.variance}")
        _expect(self.low < self.high, f"low < high, got {self.low} and {self.high}")
        _expect(self.points >= 2, f"points >= 2, got {self.points}")

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

    def _moments(self) -> Moments:
        # Each atom is a law without spread.
        atoms = np.broadcast_to(self._grid()[:, None], (self.points, 2))
        zeros = np.zeros_like(atoms)
        return _mix(self._masses().T, Moments(atoms, zeros, zeros, zeros))

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
    scale: float = 1.0

    def _check(self) -> None:
        _expect(self.scale > 0, f"scale > 0, got {self.scale}")

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        return -self.scale * rng.standard_exponential((rows, columns)), None

    def _moments(self) -> Moments:
        return _column(-self.scale, self.scale, -2, 6)

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
    loc: float = 0.0
    sigma: float = 1.0
    scale: float = 1.0

    def _check(self) -> None:
        _expect(self.sigma > 0, f"sigma > 0, got {self.sigma}")
        _expect(self.scale > 0, f"scale > 0, got {self.scale}")

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        values = self.loc + self.sigma * rng.standard_normal((rows, columns))
        return values + self.scale * rng.standard_exponential((rows, columns)), None

    def _moments(self) -> Moments:
        # Cumulants add up, and the normal part has none beyond the second.
        std = math.hypot(self.sigma, self.scale)
        share = self.scale / std
        return _column(self.loc + self.scale, std, 2 * share**3, 6 * share**4)

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
    means: list[float] = field(default_factory=lambda: [-1.0, 1.0])
    sigmas: list[float] = field(default_factory=lambda: [0.5, 1.0])
    weights: list[float] = field(default_factory=lambda: [0.5, 0.5])

    def _check(self) -> None:
        counts = [len(each) for each in (self.means, self.sigmas, self.weights)]
        _expect(len(set(counts)) == 1, f"as many means as sigmas and weights, got {counts}")
        _expect(min(self.sigmas) > 0, f"sigmas > 0, got {min(self.sigmas)}")
        _check_weights("weights", self.weights)

    @property
    def classes(self) -> list[str]:
        """One name for each component."""
        return [f"component {index}" for index in range(len(self.means))]

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        labels = _draw_labels(_shares(self.weights), rows, rng)
        means, sigmas = (np.array(each)[labels, None] for each in (self.means, self.sigmas))
        return means + sigmas * rng.standard_normal((rows, columns)), labels

    def _moments(self) -> Moments:
        means, sigmas = (np.array([each], dtype=float).T for each in (self.means, self.sigmas))
        zeros = np.zeros_like(means)
        return _mix(_shares(self.weights)[:, None], Moments(means, sigmas, zeros, zeros))

    def _cdf(self, values: Array) -> Array:
        scores = (values[:, None] - np.array(self.means)) / np.array(self.sigmas)
        return np.asarray(_normal_cdf(scores) @ _shares(self.weights))[:, None]


@dataclass(kw_only=True)
class Pooled(Law):
    """A row draws its source component by share, then a row of that component's law.

    Attributes:
        components: name -> the parameters of its law, `kind` included; a row's label is the
            position of its component here.
        shares: name -> probability, for the same names.
        held_out: name -> the parameters of a law that no row is drawn from: out of distribution.
    """

    kind: str = "pooled"
    components: dict[str, Any] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    held_out: dict[str, Any] = field(default_factory=dict)

    def _check(self) -> None:
        _laws_from("component", self.components)
        _laws_from("held-out law", self.held_out)
        _expect(len(self.components) > 0, "at least one component, got none")
        same = set(self.shares) == set(self.components)
        _expect(same, f"a share for each of {list(self.components)}, got {list(self.shares)}")
        _check_weights("shares", self.shares.values())

    @property
    def component_laws(self) -> dict[str, Law]:
        """The laws that rows are drawn from, by name."""
        return _laws_from("component", self.components)

    @property
    def held_out_laws(self) -> dict[str, Law]:
        """The laws that no row is drawn from, by name."""
        return _laws_from("held-out law", self.held_out)

    @property
    def classes(self) -> list[str]:
        """Names of the components."""
        return list(self.components)

    @property
    def _period(self) -> int:
        return math.lcm(*(law._period for law in self.component_laws.values()))

    def _weights(self) -> Array:
        return _shares([self.shares[name] for name in self.components])

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        labels = _draw_labels(self._weights(), rows, rng)
        values = np.empty((rows, columns), dtype=np.float32)
        for label, law in enumerate(self.component_laws.values()):
            chosen = labels == label
            values[chosen] = law.sample(int(chosen.sum()), columns, rng).rows
        return values, labels

    def _moments(self) -> Moments:
        parts = [law.moments(self._period) for law in self.component_laws.values()]
        stacked = Moments(*(np.stack(each) for each in zip(*parts, strict=True)))
        return _mix(self._weights()[:, None], stacked)

    def _cdf(self, values: Array) -> Array:
        parts = [law.cdf(values, self._period) for law in self.component_laws.values()]
        return np.asarray(np.tensordot(self._weights(), np.stack(parts), axes=1))

    def _drawn_laws(self) -> list[Law]:
        return [law for name, law in self.component_laws.items() if self.shares[name] > 0]

    def support(self) -> tuple[float | None, float | None]:
        """Smallest and largest value of any component with a share; None where unbounded."""
        bounds = [law.support() for law in self._drawn_laws()]
        low = min(-math.inf if low is None else low for low, _ in bounds)
        high = max(math.inf if high is None else high for _, high in bounds)
        return None if low == -math.inf else low, None if high == math.inf else high

    def atoms(self) -> Array | None:
        """Sorted distinct values of all components with a share, or None unless all have some."""
        parts = [law.atoms() for law in self._drawn_laws()]
        discrete = [atoms for atoms in parts if atoms is not None]
        return np.unique(np.concatenate(discrete)) if len(discrete) == len(parts) else None

    def check_columns(self, columns: int) -> None:
        """Raise ValueError where a component or held-out law cannot have so many columns."""
        for law in [*self.component_laws.values(), *self.held_out_laws.values()]:
            law.check_columns(columns)


LAWS: dict[str, type[Law]] = {
    law.kind: law
    for law in (Uniform, Normal, Density, ExponNeg, NormalExpon, NormalMixture, Pooled)
}


def law_from(parameters: Mapping[str, Any]) -> Law:
    """Build a law from its `kind` and those parameters that differ from its defaults.

    Raises:
        ValueError: an unknown kind or parameter, a wrong type, or a value out of its range.
    """
    _check_mapping("a law", parameters)
    kinds = ", ".join(LAWS)
    _expect("kind" in parameters, f"a kind, one of {kinds}, got only {list(parameters)}")
    kind = parameters["kind"]
    if not isinstance(kind, str) or kind not in LAWS:
        raise ValueError(f"unknown distribution kind {kind!r}: expected one of {kinds}")
    names = [each.name for each in fields(LAWS[kind])]
    for name in parameters:
        if name not in names:
            known = ", ".join(names[1:])
            raise ValueError(f"unknown parameter {name!r} of {kind!r}: expected one of {known}")
    return LAWS[kind](**parameters)


def cell_moments(moments: Moments) -> Moments:
    """Moments of all cells pooled, i.e. of a uniformly chosen column; each of shape ()."""
    columns = len(moments.mean)
    return _mix(np.full(columns, 1 / columns), moments)


def describe(law: Law, columns: int) -> dict[str, Any]:
    """Return what `law.json` holds, in types that JSON has.

    Returns:
        kind, classes, columns, support ([low, high], null where unbounded), atoms (null unless
        discrete), moments (name -> one number per column), cells (name -> number, cells pooled).
    """
    moments, atoms = law.moments(columns), law.atoms()
    return {
        "kind": law.kind,
        "classes": law.classes,
        "columns": columns,
        "support": list(law.support()),
        "atoms": None if atoms is None else atoms.tolist(),
        "moments": {name: values.tolist() for name, values in moments._asdict().items()},
        "cells": {name: float(value) for name, value in cell_moments(moments)._asdict().items()},
    }


def _laws_from(role: str, group: Mapping[str, Any]) -> dict[str, Law]:
    laws = {}
    for name, parameters in group.items():
        try:
            _check_mapping("a law", parameters)
            nested = parameters.get("kind") == Pooled.kind
            _expect(not nested, "a kind other than 'pooled', got 'pooled'")
            laws[name] = law_from(parameters)
        except ValueError as error:
            raise ValueError(f"{role} {name!r}: {error}") from None
    return laws


def _column(mean: float, std: float, skewness: float, excess_kurtosis: float) -> Moments:
    return Moments(*(np.array([float(each)]) for each in (mean, std, skewness, excess_kurtosis)))


def _mix(weights: Array, parts: Moments) -> Moments:
    """Moments of the mixture over the first axis of `parts`, with which `weights` broadcast."""
    mean = (weights * parts.mean).sum(axis=0)
    # About the common mean: raw moments cancel where the mean is large against the spread.
    std = np.sqrt((weights * (parts.std**2 + (parts.mean - mean) ** 2)).sum(axis=0))
    shift, ratio = (parts.mean - mean) / std, parts.std / std
    third = parts.skewness * ratio**3
    fourth = (parts.excess_kurtosis + 3) * ratio**4
    skewness = (weights * (third + 3 * shift * ratio**2 + shift**3)).sum(axis=0)
    fourth = fourth + 4 * shift * third + 6 * (shift * ratio) ** 2 + shift**4
    return Moments(mean, std, skewness, (weights * fourth).sum(axis=0) - 3)


def _normal_cdf(scores: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(scores))


def _shares(weights: Sequence[float]) -> Array:
    # Weights such as 0.333333 sum to 1 only nearly, which Generator.choice refuses.
    return np.array(weights, dtype=np.float64) / math.fsum(weights)


def _draw_labels(shares: Array, rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.choice(len(shares), size=rows, p=shares)


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(f"expected {what}")


def _check_weights(name: str, weights: Collection[float]) -> None:
    _expect(min(weights) >= 0, f"{name} >= 0, got {min(weights)}")
    total = math.fsum(weights)
    # Thirds to six digits, whose sum is off by 1e-6 and a rounding error, will do.
    _expect(abs(total - 1) < 1.01e-6, f"{name} that sum to 1, got {total:.9g}")


def _check_types(parameters: Any) -> None:
    """Check each field of a dataclass by its annotation; a law's kind has its own check."""
    for each in fields(parameters):
        if each.name != "kind":
            _TYPE_CHECKS[each.type](each.name, getattr(parameters, each.name))


def _check_integer(name: str, value: Any) -> None:
    # To Python, True is an int.
    right = isinstance(value, int) and not isinstance(value, bool)
    _expect(right, f"an integer for {name}, got {value!r}")


def _check_number(name: str, value: Any) -> None:
    right = isinstance(value, int | float) and not isinstance(value, bool)
    # float32, which rows are, ends at 3e38; false for NaN.
    _expect(right and abs(value) <= 1e30, f"a finite number for {name}, got {value!r}")


def _check_numbers(name: str, values: Any) -> None:
    right = isinstance(values, Sequence) and not isinstance(values, str) and len(values) > 0
    _expect(right, f"a list of numbers for {name}, got {values!r}")
    for index, value in enumerate(values):
        _check_number(f"{name}[{index}]", value)


def _check_mapping(name: str, values: Any) -> None:
    _expect(isinstance(values, Mapping), f"a mapping for {name}, got {values!r}")


def _check_shares(name: str, values: Any) -> None:
    _check_mapping(name, values)
    for key, value in values.items():
        _check_number(f"{name}[{key}]", value)


_TYPE_CHECKS: dict[Any, Callable[[str, Any], None]] = {
    int: _check_integer,
    float: _check_number,
    list[float]: _check_numbers,
    dict[str, float]: _check_shares,
    dict[str, Any]: _check_mapping,
}
