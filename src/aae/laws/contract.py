"""What every distribution of rows offers: sampling, closed-form moments and marginal CDFs."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
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
            require(getattr(self, name) >= 1, f"{name} >= 1, got {getattr(self, name)}")
        require(self.seed >= 0, f"seed >= 0, got {self.seed}")


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
        require(self.kind == type(self).kind, f"kind {type(self).kind!r}, got {self.kind!r}")
        self._check()
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, std, _, _ = self._moments()
        resolved = bool(np.all(std > 1e-6 * np.abs(mean) + np.finfo(np.float32).tiny))
        got = f"got std {std.tolist()} about mean {mean.tolist()}"
        require(resolved, f"a spread that float32 resolves, {got}")

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
        require(columns >= 1, f"columns >= 1, got {columns}")
        whole = columns % self._period == 0
        require(whole, f"an even number of columns for {self.kind!r}, got {columns}")

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


def one_column(mean: float, std: float, skewness: float, excess_kurtosis: float) -> Moments:
    """Moments of a law whose columns are all alike."""
    return Moments(*(np.array([float(each)]) for each in (mean, std, skewness, excess_kurtosis)))


def mix(weights: Array, parts: Moments) -> Moments:
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


def normal_cdf(scores: Array) -> Array:
    """Standard normal CDF."""
    from scipy.special import ndtr

    return np.asarray(ndtr(scores))


def normalised(weights: Sequence[float]) -> Array:
    """Weights that sum to 1."""
    # Weights such as 0.333333 sum to 1 only nearly, which Generator.choice refuses.
    return np.array(weights, dtype=np.float64) / math.fsum(weights)


def draw_labels(shares: Array, rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw indices with the given probabilities, shape (rows,)."""
    return rng.choice(len(shares), size=rows, p=shares)


def require(condition: bool, what: str) -> None:
    """Raise `ValueError("expected ...")` unless the condition holds."""
    if not condition:
        raise ValueError(f"expected {what}")


def expect_weights(name: str, weights: Collection[float]) -> None:
    """Expect probabilities that sum to 1."""
    require(min(weights) >= 0, f"{name} >= 0, got {min(weights)}")
    total = math.fsum(weights)
    # Thirds to six digits, whose sum is off by 1e-6 and a rounding error, will do.
    require(abs(total - 1) < 1.01e-6, f"{name} that sum to 1, got {total:.9g}")


def _check_types(parameters: Any) -> None:
    """Check each field of a dataclass by its annotation; a law's kind has its own check."""
    for each in fields(parameters):
        if each.name != "kind":
            _TYPE_CHECKS[each.type](each.name, getattr(parameters, each.name))


def _check_integer(name: str, value: Any) -> None:
    # To Python, True is an int.
    right = isinstance(value, int) and not isinstance(value, bool)
    require(right, f"an integer for {name}, got {value!r}")


def _check_number(name: str, value: Any) -> None:
    right = isinstance(value, int | float) and not isinstance(value, bool)
    # float32, which rows are, ends at 3e38; false for NaN.
    require(right and abs(value) <= 1e30, f"a finite number for {name}, got {value!r}")


def _check_numbers(name: str, values: Any) -> None:
    right = isinstance(values, Sequence) and not isinstance(values, str) and len(values) > 0
    require(right, f"a list of numbers for {name}, got {values!r}")
    for index, value in enumerate(values):
        _check_number(f"{name}[{index}]", value)


def expect_mapping(name: str, values: Any) -> None:
    """Expect a mapping."""
    require(isinstance(values, Mapping), f"a mapping for {name}, got {values!r}")


def _check_shares(name: str, values: Any) -> None:
    expect_mapping(name, values)
    for key, value in values.items():
        _check_number(f"{name}[{key}]", value)


_TYPE_CHECKS: dict[Any, Callable[[str, Any], None]] = {
    int: _check_integer,
    float: _check_number,
    list[float]: _check_numbers,
    dict[str, float]: _check_shares,
    dict[str, Any]: expect_mapping,
}
