"""Checkpoints: a training that was killed goes on from its last one, as if it had never stopped.

Everything that the rest of a training depends on is in one, or follows from the seed and the number
of epochs: noise and the order of rows do. Files are no outputs: they lie in DVC's own folder, or in
the user's cache, and are removed once the model is written.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.files import replacing
from aae.dataset.splits import Split
from aae.model.configuration import Recipe
from aae.model.runtime import versions
from aae.model.streaming import read

EVERY = 60.0  # seconds between two; a training that takes less writes none
CHUNK = 2**24  # bytes that are looked at together
DIGEST = hashlib.sha256().digest_size
ROOMS = "base", "dataset", "model"  # of code that training runs
Weights = list[NDArray[Any]]
Logged = list[tuple[int, dict[str, float]]]


class State(NamedTuple):
    """Where a training is.

    Attributes:
        logged: number and scalars of each epoch yet.
        bounds: of the trainings that are over, with fewer categories; finished: their weights.
        epochs: of the present one that are over.
        variables: its weights, moments, averages, rates.
        best: weights that early stopping goes back to, if any.
    """

    logged: Logged
    bounds: list[float]
    finished: list[Weights]
    epochs: int
    variables: Weights
    best: Weights


class Checkpoint:
    """The checkpoint of one training.

    Args:
        title: of the training; data: its rows; recipe, seed: alike.
    """

    def __init__(self, title: str, data: Split, recipe: Recipe, seed: int):
        """Start the clock."""
        self.title, self.data, self.recipe, self.seed = title, data, recipe, seed
        self.last = time.monotonic()

    @cached_property
    def path(self) -> Path:
        """The file: its name is a digest of what is trained on, and how."""
        # With `vars`, a setting that is only written down does not count as one that is read.
        sections = vars(self.recipe.model), vars(self.recipe.train)
        said = repr((self.title, self.data.rows.shape, *sections, self.seed))
        digest = hashlib.sha256(said.encode())
        for part in chunks(self.data):
            digest.update(np.ascontiguousarray(part).data)
        return checkpoints() / f"{digest.hexdigest()[:32]}.npz"

    def load(self) -> State | None:
        """The last state; None, with a line where there is a file, if there is none to go on from.

        A file is stale once code or libraries are others than those that wrote it.
        """
        if not any(checkpoints().glob("*.npz")) or not self.path.is_file():
            return None
        content = self.path.read_bytes()
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            self._ignored("damaged")
            return None
        with np.load(BytesIO(content[DIGEST:]), allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes())
            if facts["code"] != code():
                self._ignored("of other code")
                return None
            arrays = [[file[f"{name}-{i}"] for i in range(n)] for name, n in facts["arrays"]]
        variables, best, *finished = arrays
        logged = [(number, scalars) for number, scalars in facts["logged"]]
        print(f"{self.title}: goes on after epoch {len(logged)}", file=sys.stderr)
        return State(logged, facts["bounds"], finished, facts["epochs"], variables, best)

    def _ignored(self, why: str) -> None:
        print(f"{self.title}: starts anew, its checkpoint is {why}", file=sys.stderr)

    def due(self) -> bool:
        """Whether it is time for another."""
        return time.monotonic() - self.last >= EVERY

    def save(self, state: State) -> None:
        """Write a state, whole or not at all."""
        parts = {"variables": state.variables, "best": state.best}
        parts |= {f"finished{number}": each for number, each in enumerate(state.finished)}
        facts = {
            "code": code(),
            "arrays": [(name, len(part)) for name, part in parts.items()],
            "logged": state.logged,
            "bounds": state.bounds,
            "epochs": state.epochs,
        }
        arrays: dict[str, Any] = {
            f"{name}-{i}": each for name, part in parts.items() for i, each in enumerate(part)
        }
        buffer = BytesIO()
        np.savez(buffer, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
        content = buffer.getvalue()
        with replacing(self.path) as temporary:
            temporary.write_bytes(hashlib.sha256(content).digest() + content)
        self.last = time.monotonic()

    def remove(self) -> None:
        """Remove the file, if there is any."""
        if any(checkpoints().glob("*.npz")):
            self.path.unlink(missing_ok=True)


def checkpoints() -> Path:
    """The folder: DVC keeps .dvc/tmp out of git and of its cache; outside, that of caches."""
    if Path(".dvc").is_dir():
        return Path(".dvc/tmp/checkpoints")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aae/checkpoints"


def chunks(data: Split) -> Iterator[NDArray[Any]]:
    """Rows and labels, part by part."""
    rows = data.rows
    step = max(1, CHUNK // (rows.shape[1] * rows.itemsize))
    for start in range(0, len(rows), step):
        yield read(rows, np.arange(start, min(start + step, len(rows))))
    if data.labels is not None:
        yield data.labels


def code() -> str:
    """A digest of the code that trains, and versions of what it runs on."""
    digest = hashlib.sha256(repr(versions()).encode())
    package = Path(__file__).parents[1]
    for room in ROOMS:
        for path in sorted((package / room).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
