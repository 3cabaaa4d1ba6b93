"""Other implementations, each in an environment of its own, where there is one."""

import json
import os
import subprocess
from pathlib import Path

from aae.benchmark.epoch import BATCH, COLUMNS, ROWS
from aae.benchmark.workspace import SOURCE

PYTHON = Path(".venv-peers/bin/python")
EPOCHS = 20  # timed
ABSENT = "skipped: `make peers` installs pythae and PyTorch"


def pythae_epoch(python: Path = PYTHON) -> float | None:
    """Processor seconds of an epoch of pythae's model at the article's sizes; None without it.

    Raises:
        ValueError: it ended with an error.
    """
    if not python.exists():
        return None
    sizes = map(str, (ROWS, COLUMNS, BATCH, EPOCHS))
    words = [str(python), "-m", "aae.benchmark.pythae_loop", *sizes]
    variables = os.environ | {"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, env=variables, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise ValueError(f"expected an epoch of pythae, got {last!r}: `make peers` mends it")
    return float(json.loads(done.stdout.splitlines()[-1])["epoch"])
