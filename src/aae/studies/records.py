"""What a study has measured: one JSON file a training, and all of them together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path("reports/measured")
Records = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]  # name, variant -> of each training


def place(measure: str, name: str, variant: str, seed: int) -> Path:
    """File of one measurement, relative to the project."""
    return FOLDER / measure / name / variant / f"{seed}.json"
