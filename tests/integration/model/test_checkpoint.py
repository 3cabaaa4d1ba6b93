"""A training that was killed and started again gives what it gives undisturbed, bit for bit."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from support import small_models as small
from support.project import PROJECT, environment

from aae.dataset.splits import Split
from aae.model import checkpoint as module
from aae.model.checkpoint import Checkpoint
from aae.model.configuration import Model, Recipe, Train
from aae.model.progress import Progress
from aae.model.runtime import reproducible
from aae.model.training import build, fit

pytestmark = pytest.mark.usefixtures("tensorflow")

BETWEEN = 3  # epochs between two checkpoints, here
TRAINING = Train(epochs=10, batch_size=16, steps=400)
PLATEAU = replace(
    TRAINING, schedule="plateau", learning_rate=0.05, epochs=25, patience=6, plateau_patience=2
)
CASES: dict[str, tuple[dict[str, Any], Train]] = {
    "a table": ({"likelihood": "joint"}, TRAINING),
    "with and without categories": ({"labels": "ignored"}, TRAINING),
    "early stopping": ({"adversary": "both"}, PLATEAU),
}


def rows() -> Split:
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=150)
    return Split((4.0 * label[:, None] + rng.normal(size=(150, 5))).astype("f4"), label)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Checkpoints of these tests alone, every few epochs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    numbers = count(1)
    monkeypatch.setattr(Checkpoint, "due", lambda self: next(numbers) % BETWEEN == 0)
    return tmp_path / "cache" / "aae" / "checkpoints"


class Killed(BaseException):
    """What a training does not expect."""


def trained(settings: Model, training: Train, stop: int | None = None) -> Iterator[Any]:
    """All weights, all that was logged; a training is stopped after some epochs, then goes on."""
    keras.utils.clear_session()
    reproducible(0)
    data, log = rows(), list[Any]()

    def logged(*each: Any) -> None:
        log.append(each)
        if len(log) == stop:
            raise Killed

    kept = Checkpoint("a training", data, Recipe(settings, training), 0)
    model = build(data, settings, 0)
    fit(model, data, training, 0, Progress(logged, kept if stop else None))
    yield from (model.get_weights(), log)


@pytest.mark.parametrize("name", CASES)
def test_a_training_goes_on_as_if_it_had_never_stopped(
    name: str, alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, training = CASES[name]
    settings = small.settings(**changes)
    weights, log = trained(settings, training)
    moments = np.random.default_rng(len(name)).integers(BETWEEN + 1, len(log), size=2)
    for moment in np.sort(moments):
        with pytest.raises(Killed):
            list(trained(settings, training, int(moment)))
        assert len(list(alone.iterdir())) == 1
    others, other_log = trained(settings, training, len(log) + 1)
    assert "a training: goes on after epoch" in capsys.readouterr().err
    assert repr(log) == repr(other_log)
    assert all(np.array_equal(*pair) for pair in zip(weights, others, strict=True))


SCRIPT = """
import aae.base.one_thread
import os, signal, sys
from pathlib import Path
import numpy as np
from aae.dataset.splits import Split
from aae.model import checkpoint
from aae.model.configuration import Model, Recipe, Train
from aae.model.history import History
from aae.model.run import run

folder, moment = Path(sys.argv[1]), int(sys.argv[2])
checkpoint.EVERY = 0.0
log, calls = History.log, []
def killing(self, *each):
    log(self, *each)
    calls.append(each)
    if len(calls) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
History.log = killing
rows = np.random.default_rng(0).normal(size=(150, 4)).astype("f4")
settings = Model(likelihood="residual", encoder=[8], decoder=[8], discriminator=[8])
print(run(folder, Split(rows, None), Recipe(settings, Train(epochs=8)), 0, "a training"))
"""


def test_after_sigkill_all_files_are_those_of_an_undisturbed_training(
    tmp_path: Path, alone: Path
) -> None:
    searched = environment(tmp_path) | {"PYTHONPATH": str(PROJECT / "src")}

    def started(folder: str, moment: int = 0) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", SCRIPT, str(tmp_path / folder), str(moment)]
        return subprocess.run(words, capture_output=True, text=True, env=searched)

    moment = int(np.random.default_rng(5).integers(2, 16))  # of 8 epochs twice
    assert started("whole").returncode == 0
    assert not list(alone.iterdir())
    assert started("killed", moment).returncode == -signal.SIGKILL
    assert not (tmp_path / "killed").exists() and list(alone.iterdir())
    assert "goes on after epoch" in started("killed").stderr
    assert not list(alone.iterdir())
    whole, killed = (sums(tmp_path / each) for each in ("whole", "killed"))
    assert whole == killed and "weights.weights.h5" in whole


def sums(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {
        str(each.relative_to(folder)): hashlib.md5(each.read_bytes()).hexdigest() for each in files
    }


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda content: content[:-1], "damaged"),
        (lambda content: content[:40], "damaged"),
        (lambda content: b"", "damaged"),
        (lambda content: content[:99] + bytes([content[99] ^ 1]) + content[100:], "damaged"),
        (None, "of other code"),
    ],
)
def test_what_cannot_be_gone_on_from_is_ignored_with_a_line(
    spoil: Any,
    line: str,
    alone: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = small.settings()
    with pytest.raises(Killed):
        list(trained(settings, TRAINING, BETWEEN + 1))
    (file,) = alone.iterdir()
    if spoil is None:
        monkeypatch.setattr(module, "code", lambda: "of another day")
    else:
        file.write_bytes(spoil(file.read_bytes()))
    kept = Checkpoint("a training", rows(), Recipe(settings, TRAINING), 0)
    assert kept.load() is None
    assert f"a training: starts anew, its checkpoint is {line}" in capsys.readouterr().err


def test_other_rows_recipes_and_seeds_have_other_checkpoints() -> None:
    recipe, data = Recipe(small.settings(), TRAINING), rows()
    assert data.labels is not None
    others = [
        ("a training", data, recipe, 1),
        ("another", data, recipe, 0),
        ("a training", data._replace(rows=data.rows + 1), recipe, 0),
        ("a training", data._replace(labels=1 - data.labels), recipe, 0),
        ("a training", data, Recipe(small.settings(latent=3), TRAINING), 0),
    ]
    paths = {Checkpoint(*each).path for each in [("a training", data, recipe, 0), *others]}
    assert len(paths) == len(others) + 1


def test_a_short_training_writes_none(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = Checkpoint("a training", rows(), Recipe(small.settings(), TRAINING), 0)
    assert not kept.due()
    kept.last -= module.EVERY
    assert kept.due()
