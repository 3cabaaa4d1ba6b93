"""`make live`: what is read of trainings that run, and what is left when it ends."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.base.files import replacing
from aae.pipeline.live import BARS, LOSSES, WIDTH, bars, looks, running

MODEL = Path("models/uniform/default/0")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    LOSSES.parent.mkdir(parents=True)


def log(folder: Path, key: str, text: str) -> None:
    path = folder / f"live/plots/metrics/{key}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_training_is_read_while_it_is_written_and_not_after() -> None:
    with replacing(MODEL) as folder:
        assert running() == {}
        log(folder, "total", "step\ttotal\n0\t3.5\n10\t2.5\n20\t1.")  # half a line
        assert running() == {("uniform", "default", "0"): []}
        log(folder, "val_total", "step\tval_total\n0\t4.0\n10\tnan\n")
        assert running() == {("uniform", "default", "0"): [(1, 3.5, 4.0)]}
    assert MODEL.is_dir() and running() == {}


def test_what_a_killed_training_left_does_not_run() -> None:
    folder = MODEL.with_name(f".{2**22 + 1}-{os.uname().nodename}-0")  # no process has this number
    log(folder, "total", "step\ttotal\n0\t3.5\n")
    assert running() == {}


def test_dvc_finds_a_file_meanwhile_and_none_after() -> None:
    with replacing(MODEL) as folder:
        log(folder, "total", "step\ttotal\n0\t3.5\n")
        log(folder, "val_total", "step\tval_total\n0\t4.0\n")
        looking = looks()
        table = next(looking)
        assert table.row_count == 1
        lines = ["name,variant,seed,epoch,train,validation", "uniform,default,0,1,3.5,4.0"]
        assert LOSSES.read_text().splitlines() == lines
        looking.close()
    assert list(LOSSES.parent.iterdir()) == []


@given(st.lists(st.floats(-1e6, 1e6)))
def test_bars_are_few_and_ordered_as_their_values(values: list[float]) -> None:
    drawn = bars(values)
    assert len(drawn) <= WIDTH and bool(drawn) == bool(values)
    few = values[:: -(-len(values) // WIDTH) or 1]
    heights = [BARS.index(each) for each in drawn]
    pairs = sorted(zip(few, heights, strict=True))
    assert [height for _, height in pairs] == sorted(heights)
