"""All laws by kind, and what law.json holds of one."""

from collections.abc import Mapping
from typing import Any

from aae.laws.contract import Law, build
from aae.laws.families import FAMILIES
from aae.laws.moments import cell_moments
from aae.laws.pooled import Pooled

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
