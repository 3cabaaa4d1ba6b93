"""A folder in which the stages run by themselves, without DVC, on rows of any number and width."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from aae.base.files import write_json
from aae.verdict.power import known_power

SOURCE = Path(__file__).resolve().parents[2]
NAME, VARIANT, SEED = "drawn", "default", "0"
MODEL = Path("models", NAME, VARIANT, SEED)
SELECTED = f"name={NAME}", f"variant={VARIANT}", f"seed={SEED}"
TABLES = {"parquet": "table.parquet", "csv": "table.csv"}
SHARED = "model", "train", "evaluate"  # sections of params.yaml that are taken as they are


@contextmanager
def workspace(rows: int, columns: int, **train: Any) -> Iterator[Path]:
    """A temporary folder with params.yaml, for the time of a block.

    Args:
        rows: of the training rows, and of the test rows; columns: of both.
        train: settings of the training that differ from the project's params.yaml.
    """
    project = yaml.safe_load(Path("params.yaml").read_text())
    law = {"kind": "uniform", "low": -1.0, "high": 1.0}
    sizes = {"rows": rows, "test_rows": rows, "columns": columns, "seed": 1}
    table: dict[str, Any] = {"label": None, "group": None, "drop": [], "test_share": 0.5, "seed": 0}
    params = {key: project[key] for key in SHARED} | {
        "names": [NAME, *TABLES],
        "distributions": {NAME: sizes | law},
        "tables": {name: table | {"path": path} for name, path in TABLES.items()},
        "variants": {VARIANT: {}},
    }
    params["train"] |= train
    with TemporaryDirectory(prefix="aae-bench-") as name:
        folder = Path(name)
        (folder / "params.yaml").write_text(yaml.safe_dump(params))
        # `evaluate` only looks it up: measuring it on the rows at hand is the work of `reference`.
        write_json(folder / "reports/reference" / NAME / "power.json", known_power())
        yield folder


def environment() -> dict[str, str]:
    """Variables under which the stages of this very source run in any folder."""
    return os.environ | {"PYTHONPATH": str(SOURCE)}
