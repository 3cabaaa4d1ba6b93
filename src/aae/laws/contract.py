"""What every distribution of rows offers: sampling, closed-form moments and marginal CDFs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aae.base.checks import MAPPING, Rule, at_least, expect, within
from aae.base.settings import check_fields, setting
from aae.laws.moments import Array, PopulationMoments

Drawn = tuple[NDArray[np.floating[Any]], NDArray[np.int64] | None]
NUMBER = within("[-1e30, 1e30]")  # float32, which rows are, ends at 3e38
POSITIVE = within("(0, 1e30]")
MOST_COLUMNS = 2**20  # rows are drawn and described a bounded number of cells at a time
COLUMNS: Rule[int] = Rule(
    f"a whole number from 1 to {MOST_COLUMNS}",
    lambda value: at_least(1).holds(value) and value <= MOST_COLUMNS,
)


@dataclass
class Sizes:
    """How much is drawn from a law, and with which seed.

    Raises:
        ValueError: a size below 1, too many columns, a negative seed, or not an integer.
    """

    rows: int = setting(1000, at_least(1))
    test_rows: int = setting(3000, at_least(1))
    columns: int = setting(784, COLUMNS)
    seed: int = setting(0, at_least(0))

    def __post_init__(self) -> None:
        """Check each size."""
        check_fields(self)


class Sample(NamedTuple):
    """Rows drawn from a law.

    Attributes:
        rows: float32, shape (rows, columns).
        labels: index into the law's `classes`, int64, shape (rows,); None where it has no classes.
    """

    rows: NDArray[np.float32]
    labels: NDArray[np.int64] | None


@dataclass(kw_only=True)
class Law(ABC):
    """A distribution of rows; the fields of each subclass are exactly its parameters.

    A subclass provides `_draw`, `_moments` and `_cdf`, where it has them `support`, `atoms` and
    `classes`, and `_check` where parameters depend on one another. Marginals repeat along a row
    with `_period`.

    Raises:
        ValueError: a parameter of the wrong type or out of its range.
    """

    kind: str = ""

    def __post_init__(self) -> None:
        """Refuse parameters that describe no distribution, or none that float32 can hold."""
        expect(self.kind == type(self).kind, f"kind {type(self).kind!r}", self.kind)
        check_fields(self)
        self._check()
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, std, _, _ = self._moments()
        resolved = bool(np.all(std > 1e-6 * np.abs(mean) + np.finfo(np.float32).tiny))
        spread = {"std": std.tolist(), "mean": mean.tolist()}
        expect(resolved, "a spread that float32 resolves", spread)

    def sample(self, rows: int, columns: int, rng: np.random.Generator) -> Sample:
        """Draw independent rows; further calls with the same `rng` continue the sample."""
        self.check_columns(columns)
        values, labels = self._draw(rows, columns, rng)
        return Sample(values.astype(np.float32, copy=False), labels)

    def moments(self, columns: int) -> PopulationMoments:
        """Closed-form moments of each column."""
        self.check_columns(columns)
        return PopulationMoments(
            *(np.tile(moment, columns // self._period) for moment in self._moments())
        )

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
        COLUMNS.check("columns", columns)
        expect(columns % self._period == 0, f"an even number of columns for {self.kind!r}", columns)

    @property
    def _period(self) -> int:
        return 1

    def _check(self) -> None:  # noqa: B027 (most laws have no such rules)
        """Check rules that join several parameters, each of which is in its own range."""

    @abstractmethod
    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        """Values of shape (rows, columns), and labels."""

    @abstractmethod
    def _moments(self) -> PopulationMoments:
        """Moments of one period, each of shape (period,)."""

    @abstractmethod
    def _cdf(self, values: Array) -> Array:
        """Marginal CDFs of one period, shape (n, period)."""


def build(parameters: Any, laws: Mapping[str, type[Law]]) -> Law:
    """Build one of some laws from its `kind` and the parameters that differ from its defaults.

    Raises:
        ValueError: an unknown kind or parameter, a wrong type, or a value out of its range.
    """
    MAPPING.check("a law", parameters)
    kinds = ", ".join(laws)
    expect("kind" in parameters, f"a kind, one of {kinds}", [*parameters])
    kind = parameters["kind"]
    if not isinstance(kind, str) or kind not in laws:
        raise ValueError(f"unknown distribution kind {kind!r}: expected one of {kinds}")
    names = [each.name for each in fields(laws[kind])]
    for name in parameters:
        if name not in names:
            known = ", ".join(names[1:])
            raise ValueError(f"unknown parameter {name!r} of {kind!r}: expected one of {known}")
    return laws[kind](**parameters)
