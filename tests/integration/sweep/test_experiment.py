"""Names of experiments, and the claim that a job lays to its folder."""

import fcntl
import multiprocessing
import os
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.sweep.experiment import claimed, name_of, remove_dead_clones, run_dvc

WORDS = st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n")), unique=True)


@given(WORDS, st.randoms())
def test_a_name_does_not_depend_on_the_order(words, random):
    shuffled = random.sample(words, len(words))
    assert name_of("base", words) == name_of("base", shuffled)


@given(WORDS, WORDS)
def test_names_differ_where_overrides_or_commits_do(one, other):
    assert (name_of("base", one) == name_of("base", other)) == (sorted(one) == sorted(other))
    assert name_of("base", one) != name_of("other", one)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    return tmp_path / f"aae-sweep-{os.getuid()}"


def is_locked(path: Path) -> bool:
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_claim_holds_while_its_block_runs(folder: Path) -> None:
    with claimed("one") as (clone, _):
        clone.mkdir()
        assert is_locked(folder / "one.lock")
        remove_dead_clones()
        assert clone.exists()
    assert not clone.exists() and not is_locked(folder / "one.lock")


def claim_and_die(name: str) -> None:
    with claimed(name) as (clone, _):
        clone.mkdir()
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_jobs_clone_is_removed(folder: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=claim_and_die, args=("one",))
    process.start()
    process.join()
    assert (folder / "one").exists()
    remove_dead_clones()
    assert not (folder / "one").exists()


def test_a_link_in_place_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "else")
    with pytest.raises(ValueError, match="only you can read"), claimed("one"):
        pass


def test_a_stop_is_a_stop_even_if_dvc_has_just_ended(folder: Path, monkeypatch) -> None:
    wait, stops = subprocess.Popen.wait, [KeyboardInterrupt]

    def stopped(self, timeout=None):
        code = wait(self, timeout)
        if stops:
            raise stops.pop()
        return code

    monkeypatch.setattr(subprocess.Popen, "wait", stopped)
    with claimed("one") as (clone, lock):
        clone.mkdir()
        with pytest.raises(KeyboardInterrupt):
            run_dvc(clone, ["--version"], folder / "log", lock)
