"""Which statistics a calibration was measured with, and whether it is stale."""

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aae.verdict import judge

# No rejection depends on what these say: what could have been seen, and what a difference is.
APART = (
    *("power", "own_power", "planting", "tilting", "moving", "trials"),
    *("differences", "column_differences", "pair_differences"),
    *("tolerance", "intervals", "pair_intervals", "cross_fitting"),
)


def statistics_version(folder: Path = Path(judge.__file__).parent) -> str:
    """Hash the code, without comments, of all modules that a rejection depends on."""
    modules = sorted(path for path in folder.glob("*.py") if path.stem not in APART)
    code = {path.stem: _without_docstrings(ast.parse(path.read_text())) for path in modules}
    return hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body[0] = ast.Pass()
    return ast.unparse(tree)


def stale(calibration: Mapping[str, Any]) -> str | None:
    """Say that a calibration was measured with other statistics than these, or return None.

    Args:
        calibration: what was measured, or the package's `known_power()`: both name their version.
    """
    then, now = calibration.get("statistics"), statistics_version()
    if then == now:
        return None
    return f"stale calibration: measured with statistics {then}, not {now}; run `make calibrate`"
