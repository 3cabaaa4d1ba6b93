"""Generators of other packages, which run in an environment of their own: `make peers`."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import expect
from aae.dataset.splits import Split
from aae.studies.baselines import on_grids, repeats
from aae.studies.closeness import Distances
from aae.studies.peer_rows import PEERS
from aae.studies.trained import Trained

# Beside the project's own environment: a study runs in temporary clones, which have neither.
PYTHON = Path(sys.prefix).parent / ".venv-peers/bin/python"
SOURCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Peers(Distances):
    """The distances of the rows of other packages' generators."""

    def of(self, trained: Trained) -> dict[str, Any]:
        """Compare each peer's rows, as many as there are fresh ones, with these.

        Raises:
            ValueError: the peers' environment is absent, or a peer ended with an error. Were its
                rows left out instead, DVC would keep that as the result.
        """
        expect(PYTHON.exists(), f"peers in {PYTHON.parents[1]} (`make peers`)", "none")
        train, number = trained.train, len(trained.fresh.rows)
        learned = np.array(train.rows)
        return {
            name: self.close(generated(name, train, number, trained.seed), trained, learned)
            for name in PEERS
        }


def generated(name: str, train: Split, number: int, seed: int) -> NDArray[np.floating]:
    """Rows of a peer as training rows could be: in their range, on grids, at repeated values."""
    begin, rows = time.monotonic(), np.array(train.rows)
    made = drawn(name, train, number, seed)
    print(f"{name}: {time.monotonic() - begin:.0f} seconds", file=sys.stderr)
    within = made.clip(rows.min(axis=0), rows.max(axis=0)).astype(rows.dtype)
    return on_grids(at_values(within, rows), rows)


def at_values(made: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Set columns whose values repeat in the training rows to the nearest of these."""
    for column, values in enumerate(rows.T):
        if repeats(values):
            known = np.unique(values)
            made[:, column] = known[np.searchsorted((known[1:] + known[:-1]) / 2, made[:, column])]
    return made


def drawn(name: str, train: Split, number: int, seed: int) -> NDArray[Any]:
    """Rows as a peer's own process writes them.

    Raises:
        ValueError: it ended with an error, or wrote other than so many finite rows.
    """
    arrays: dict[str, Any] = {"rows": train.rows}
    if train.labels is not None:
        arrays["labels"] = train.labels
    with TemporaryDirectory(prefix="aae-peers-") as folder:
        learned, made = Path(folder, "learned.npz"), Path(folder, "made.npy")
        np.savez(learned, allow_pickle=False, **arrays)
        run(name, str(learned), str(made), str(number), str(seed))
        rows: NDArray[Any] = np.load(made, allow_pickle=False)
    shape = number, train.rows.shape[1]
    whole = rows.shape == shape and bool(np.isfinite(rows).all())
    expect(whole, f"{shape} finite numbers of {name}", rows.shape)
    return rows


def run(name: str, *words: str) -> None:
    """Run `peer_rows` on one thread of the peers' environment.

    Raises:
        ValueError: it ended with an error, whose last line the message has, or its exit code.
    """
    command = [str(PYTHON), "-m", "aae.studies.peer_rows", name, *words]
    variables = os.environ | {"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    expect(done.returncode == 0, f"rows of {name} (`make peers` mends its environment)", last)
