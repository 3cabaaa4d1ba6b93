"""What `make calibrate` measured in this checkout."""

from pathlib import Path
from typing import Any

from aae.base.files import read_json

CALIBRATION = Path(__file__).parents[3] / "reports" / "calibration.json"


def known_power() -> dict[str, Any] | None:
    """Return the calibration that `judge` takes; None where the package was installed alone."""
    return read_json(CALIBRATION) if CALIBRATION.exists() else None
