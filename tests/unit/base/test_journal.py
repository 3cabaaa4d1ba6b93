"""The journal of stages: the last run of each, whole lines, nothing outside a DVC repository."""

import json
from pathlib import Path

import pytest

from aae.base.journal import JOURNAL, last_runs, timed


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".dvc").mkdir()


def test_a_run_is_noted_once_it_has_ended_well() -> None:
    with timed("train", ["normal", "default", "0"]):
        assert last_runs() == {}
    with pytest.raises(ValueError), timed("train", ["normal", "default", "1"]):
        raise ValueError
    (run,) = last_runs()
    assert run == "train/normal/default/0"
    assert last_runs()[run]["seconds"] >= 0


def test_the_last_run_counts_and_a_torn_line_does_not() -> None:
    JOURNAL.parent.mkdir()
    entries = [{"run": "report", "seconds": each, "ended": "now"} for each in (1, 2)]
    first, last = map(json.dumps, entries)
    JOURNAL.write_text(f'{first}\n{{"run": "rep\n{last}\n')
    assert last_runs() == {"report": {"seconds": 2, "ended": "now"}}


def test_outside_a_repository_nothing_is_written() -> None:
    Path(".dvc").rmdir()
    with timed("report", []):
        pass
    assert not JOURNAL.exists() and last_runs() == {}
