"""All laws by kind, and what law.json holds of one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from aae.laws.contract import Law, build
from aae.laws.families import FAMILIES
from aae.laws.moments import cell_moments
from aae.laws.pooled import Pooled

CDF_POINTS, CDF_REACH = 513, 8.0
CDF_CELLS = 2**22  # computed at a time

LAWS: dict[str, type[Law]] = {**FAMILIES, Pooled.kind: Pooled}


def law_from(parameters: Mapping[str, Any]) -> Law:
    """Build a law from its `kind` and those parameters that differ from its defaults.

    Raises:
        ValueError: an unknown kind or parameter, a wrong type, or a value out of its range.
    """
    return build(parameters, LAWS)


def describe(law: Law, columns: int) -> dict[str, Any]:
    """Return what `law.json` holds, in types that JSON has.

    Returns:
        kind, classes, columns, support ([low, high], null where unbounded), atoms (null unless
        discrete), moments (name -> one number per column), cells (name -> number, cells pooled),
        cdf (of cells pooled: values and the shares P(cell <= value), see `pooled_cdf`).
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
        "cdf": pooled_cdf(law, columns),
    }


def pooled_cdf(law: Law, columns: int) -> dict[str, list[float]]:
    """Tabulate the CDF of all cells pooled: at the atoms, or at `CDF_POINTS` spaced values.

    These span `CDF_REACH` standard deviations to both sides of the mean, within the support.
    """
    values = law.atoms()
    if values is None:
        mean, std, *_ = cell_moments(law.moments(columns))
        ends = mean - CDF_REACH * std, mean + CDF_REACH * std
        low, high = (
            own if own is not None else end for own, end in zip(law.support(), ends, strict=True)
        )
        values = np.linspace(max(low, ends[0]), min(high, ends[1]), CDF_POINTS)
    parts = np.array_split(values, max(1, len(values) * columns // CDF_CELLS))
    shares = np.concatenate([law.cdf(each, columns).mean(axis=1) for each in parts])
    return {"values": values.tolist(), "shares": shares.tolist()}
