"""Distributions by kind, laws pooled from others, and what law.json holds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from aae.laws.contract import (
    Array,
    Drawn,
    Law,
    Moments,
    draw_labels,
    expect_mapping,
    expect_weights,
    mix,
    normalised,
    require,
)
from aae.laws.families import Density, ExponNeg, Normal, NormalExpon, NormalMixture, Uniform


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
        require(len(self.components) > 0, "at least one component, got none")
        same = set(self.shares) == set(self.components)
        require(same, f"a share for each of {list(self.components)}, got {list(self.shares)}")
        expect_weights("shares", self.shares.values())

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

    def _moments(self) -> Moments:
        parts = [law.moments(self._period) for law in self.component_laws.values()]
        stacked = Moments(*(np.stack(each) for each in zip(*parts, strict=True)))
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


LAWS: dict[str, type[Law]] = {
    law.kind: law
    for law in (Uniform, Normal, Density, ExponNeg, NormalExpon, NormalMixture, Pooled)
}


def law_from(parameters: Mapping[str, Any]) -> Law:
    """Build a law from its `kind` and those parameters that differ from its defaults.

    Raises:
        ValueError: an unknown kind or parameter, a wrong type, or a value out of its range.
    """
    expect_mapping("a law", parameters)
    kinds = ", ".join(LAWS)
    require("kind" in parameters, f"a kind, one of {kinds}, got only {list(parameters)}")
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
    return mix(np.full(columns, 1 / columns), moments)


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
            expect_mapping("a law", parameters)
            nested = parameters.get("kind") == Pooled.kind
            require(not nested, "a kind other than 'pooled', got 'pooled'")
            laws[name] = law_from(parameters)
        except ValueError as error:
            raise ValueError(f"{role} {name!r}: {error}") from None
    return laws
