"""A law pooled from others: what the article trains on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aae.base.checks import MAPPING, expect, mapping_of
from aae.base.settings import setting
from aae.laws.contract import Drawn, Law, build
from aae.laws.families import FAMILIES
from aae.laws.moments import Array, PopulationMoments, mix
from aae.laws.shares import SHARE, draw_labels, expect_whole, normalised


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
    components: dict[str, Any] = setting({}, MAPPING)
    shares: dict[str, float] = setting({}, mapping_of(SHARE))
    held_out: dict[str, Any] = setting({}, MAPPING)

    def _check(self) -> None:
        _laws_from("component", self.components)
        _laws_from("held-out law", self.held_out)
        expect(len(self.components) > 0, "at least one component", self.components)
        same = set(self.shares) == set(self.components)
        expect(same, f"a share for each of {list(self.components)}", list(self.shares))
        expect_whole("shares", self.shares.values())

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
        return normalised([self.shares[name] for name in self.components])

    def _draw(self, rows: int, columns: int, rng: np.random.Generator) -> Drawn:
        labels = draw_labels(self._weights(), rows, rng)
        values = np.empty((rows, columns), dtype=np.float32)
        for label, law in enumerate(self.component_laws.values()):
            chosen = labels == label
            values[chosen] = law.sample(int(chosen.sum()), columns, rng).rows
        return values, labels

    def _moments(self) -> PopulationMoments:
        parts = [law.moments(self._period) for law in self.component_laws.values()]
        stacked = PopulationMoments(*(np.stack(each) for each in zip(*parts, strict=True)))
        return mix(self._weights()[:, None], stacked)

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


def _laws_from(role: str, group: Mapping[str, Any]) -> dict[str, Law]:
    laws = {}
    for name, parameters in group.items():
        try:
            laws[name] = build(parameters, FAMILIES)
        except ValueError as error:
            raise ValueError(f"{role} {name!r}: {error}") from None
    return laws
