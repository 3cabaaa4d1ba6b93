"""Rows read from their file train the same model, bit for bit, as rows in memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import small_models as small

from aae.dataset.splits import Split, read_split, write_split
from aae.model import passes, sample, table, training
from aae.model.configuration import Model, Train
from aae.model.progress import Progress
from aae.model.runtime import reproducible
from aae.model.streaming import read
from aae.model.training import build, fit

pytestmark = pytest.mark.usefixtures("tensorflow")

TRAINING = Train(epochs=6, batch_size=16, steps=40, label_noise=0.1)
CASES: dict[str, dict[str, Any]] = {
    "columns of one law": {"settings": {"likelihood": "residual"}, "alike": True},
    "columns of their own": {"settings": {"likelihood": "residual"}},
    "categories to be found": {
        "settings": {"likelihood": "residual", "labels": "ignored"},
        "blocks": 300,
    },
    "few labels": {"settings": {"likelihood": "residual", "labelled": 50}},
    "gaussian": {"settings": {"likelihood": "gaussian"}},
    "a table": {"settings": {"likelihood": "joint", "codes": 3}, "blocks": 300},
    "a table without its labels": {"settings": {"likelihood": "joint", "labels": "ignored"}},
}


def written(folder: Path, alike: bool = False) -> Split:
    """Rows of two levels in a file, zeros in one column, their level as the label."""
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=300)
    rows = 6.0 * label[:, None] + rng.normal(size=(300, 7))
    if not alike:
        rows = rows * np.arange(1, 8)
        rows[::3, 2] = 0.0
    write_split(folder, [Split(rows.astype("f4"), label)], rows.shape)
    return read_split(folder)


def trained(data: Split, settings: Model) -> tuple[list[Any], list[Any]]:
    reproducible(0)
    model, log = build(data, settings, 0, TRAINING.label_noise), list[Any]()
    fit(model, data, TRAINING, 0, Progress(lambda *each: log.append(each)))
    return model.get_weights(), log


@pytest.mark.parametrize("name", CASES)
def test_streamed_or_not_the_bytes_are_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    data = written(tmp_path / "train", case.get("alike", False))
    settings = small.settings(**case["settings"])
    if "blocks" in case:
        monkeypatch.setattr(passes, "BLOCK", case["blocks"])
    weights, log = trained(data, settings)
    for module in (table, training):
        monkeypatch.setattr(module, "streamed", lambda rows: True)
    others, other_log = trained(data, settings)
    assert all(np.array_equal(*pair) for pair in zip(weights, others, strict=True))
    assert repr(log) == repr(other_log)


@pytest.mark.parametrize("name", ["categories to be found", "a table"])
def test_more_rows_than_fit_train_on_a_sample_and_the_stream(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    data = written(tmp_path / "train", case.get("alike", False))
    monkeypatch.setattr(sample, "ROWS", 100)
    weights, log = trained(data, small.settings(**case["settings"]))
    assert all(np.isfinite(each).all() for each in weights)
    first, last = (each["val_reconstruction"] for _, each in (log[0], log[-1]))
    assert last < first


def test_rows_are_read_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    data = written(tmp_path / "train")
    index = np.random.default_rng(1).integers(300, size=1000)
    np.testing.assert_array_equal(read(data.rows, index), np.array(data.rows)[index])
    np.testing.assert_array_equal(read(np.array(data.rows), index), np.array(data.rows)[index])
