"""Other packages' generators: their environment may be absent, broken, or (a stand-in) there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.project import PROJECT

from aae.dataset.splits import Split
from aae.studies import peer_rows, peers
from aae.studies.closeness import lines
from aae.studies.peer_rows import PEERS
from aae.studies.peers import Peers, at_values, generated
from aae.studies.trained import Trained
from aae.verdict.hard_checks import KnownLaw

# Learned rows once more, off their grid and out of their range.
STAND_IN = """
import sys
import numpy as np
_, flag, module, name, learned, made, number, seed = sys.argv
assert module == "aae.studies.peer_rows"
with np.load(learned, allow_pickle=False) as arrays:
    rows, labels = arrays["rows"], arrays["labels"]
chosen = np.random.default_rng(int(seed)).integers(len(rows), size=int(number))
np.save(made, rows[chosen].astype(float) + {shift})
"""


def table(rows: int, seed: int) -> Split:
    """A column of numbers, and one of whole numbers that follows it, in two classes."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(rows, 1))
    second = np.round(3 * first + rng.normal(size=(rows, 1)))
    return Split(np.hstack([first, second]).astype("f4"), rng.integers(2, size=rows))


def trained() -> Trained:
    return Trained(None, table(200, 0), table(200, 1), KnownLaw(), {}, 0)


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the peers' python is looked up; nothing is there."""
    path = tmp_path / ".venv-peers/bin/python"
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(peers, "PYTHON", path)
    return path


def stand_in(python: Path, script: str) -> None:
    """A python that runs another script, whatever it is asked to run."""
    (python.parent / "script.py").write_text(script)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{python.parent}/script.py" "$@"\n')
    python.chmod(0o755)


def test_without_their_environment_nothing_is_measured(python: Path) -> None:
    with pytest.raises(ValueError, match=r"expected peers in .*/\.venv-peers \(`make peers`\)"):
        Peers(2, 199).of(trained())


def test_it_is_looked_up_beside_the_projects_own() -> None:
    assert peers.PYTHON.parents[2] == Path(sys.prefix).parent


def test_rows_of_all_peers_are_measured(python: Path) -> None:
    stand_in(python, STAND_IN.format(shift=0.0))
    close = Peers(2, 199).of(trained())
    assert list(close) == list(PEERS)
    assert all(each["nearer"] > 0.9 for each in close.values())


def test_rows_take_grid_and_range_of_the_training_rows(python: Path) -> None:
    stand_in(python, STAND_IN.format(shift=0.3))
    train = table(200, 0)
    rows = generated("CTGAN", train, 300, 0)
    assert rows.shape == (300, 2) and rows.dtype == train.rows.dtype
    assert np.isin(rows[:, 1], train.rows[:, 1]).all()
    assert (rows.max(axis=0) == train.rows.max(axis=0)).all()


def test_repeated_values_without_a_grid_are_kept() -> None:
    known = np.array([[-0.0446], [0.0507], [0.0617]])
    made = np.array([[-1.0], [0.004], [0.0561], [0.0563], [1.0]])
    wanted = [-0.0446, 0.0507, 0.0507, 0.0617, 0.0617]
    assert at_values(made.copy(), np.repeat(known, 2, axis=0))[:, 0].tolist() == wanted
    assert (at_values(made.copy(), known) == made).all()


@pytest.mark.parametrize("shift", ["np.nan", "np.zeros((3, 300, 2))"])
def test_rows_that_are_none_are_refused(python: Path, shift: str) -> None:
    stand_in(python, STAND_IN.format(shift=shift))
    with pytest.raises(ValueError, match=r"expected \(300, 2\) finite numbers of TVAE, got"):
        generated("TVAE", table(200, 0), 300, 0)


@pytest.mark.parametrize(
    ("script", "said"), [("import missing", "No module named"), ("exit(3)", "exit code 3")]
)
def test_an_error_says_what_mends_it(script: str, said: str, python: Path) -> None:
    stand_in(python, script)
    with pytest.raises(ValueError, match=f"rows of CTGAN .`make peers`.*{said}"):
        generated("CTGAN", table(20, 0), 30, 0)


@pytest.mark.parametrize("labels", [None, np.array([0, 1, 1])])
def test_the_script_gives_a_peer_what_was_learned(
    labels: np.ndarray | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peer(rows, labels_of_rows, number, seed):
        np.testing.assert_array_equal(labels_of_rows, labels)
        return np.resize(rows, (number, 2)) + np.random.random() + seed  # noqa: NPY002

    monkeypatch.setattr(peer_rows, "PEERS", {"peer": peer})
    learned = tmp_path / "learned.npz"
    arrays = {"rows": np.zeros((3, 2))} | ({} if labels is None else {"labels": labels})
    np.savez(learned, allow_pickle=False, **arrays)
    made = []
    for seed in ("7", "7", "8"):
        words = ["peer_rows", "peer", str(learned), str(tmp_path / "made.npy"), "5", seed]
        monkeypatch.setattr(sys, "argv", words)
        peer_rows.main()
        made.append(np.load(tmp_path / "made.npy"))
    assert made[0].shape == (5, 2)
    assert (made[0] == made[1]).all() and (made[0] != made[2]).all()


def test_the_table_has_them_below_the_baselines() -> None:
    close = {"trees": 0.5, "logistic": 0.5, "ks": 0.1, "correlation": 0.1, "nearer": 0.0,
             "verdict": "different", "rejecting": ["pairs"]}  # fmt: skip
    trials: list[dict[str, Any]] = [{"real rows": close}, close, {"TVAE": close}, {"TVAE": close}]
    rows = [line[1:] for line in lines("wine", {("wine", "default"): trials})]
    assert [row[0] for row in rows] == ["real rows", "TVAE", "**default**"]
    assert [row[6] for row in rows] == ["0 of 1", "0 of 2", "0 of 1"]


@pytest.mark.parametrize("state", ["absent", "outdated", "ready"])
def test_make_tables_has_them_where_they_are_installed(state: str, tmp_path: Path) -> None:
    for file in ("Makefile", "requirements-peers.txt"):
        shutil.copy(PROJECT / file, tmp_path)
    (tmp_path / ".venv-peers").mkdir()
    if state != "absent":
        (tmp_path / ".venv-peers/.ready").touch()
        installed = (tmp_path / "requirements-peers.txt").stat().st_mtime
        installed += 1 if state == "ready" else -1
        os.utime(tmp_path / ".venv-peers/.ready", (installed, installed))
    words = ["make", "--dry-run", "--old-file=.venv/.ready", "tables"]
    planned = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert (",peers study" in planned) == (state == "ready")
    assert ("make peers" in planned) == (state != "ready")
