"""Laws of the floor: a model's own rows, and what a refit to few of them shows."""

from pathlib import Path

import numpy as np

from aae.dataset.splits import Split
from aae.evaluation.floor import floor, own_rows, summary
from aae.generator.graphs import TrainedModel
from aae.model.configuration import Model, Recipe, Train
from aae.model.run import run
from aae.verdict.judge import Settings

RECIPE = Recipe(Model(), Train(steps=60))


def table(rows: int, seed: int) -> Split:
    """Three columns of two classes that differ, none exchangeable."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, rows)
    first = rng.normal(size=rows) + 3 * labels
    columns = [first, np.exp(first / 2) + rng.exponential(size=rows), rng.gamma(2, size=rows)]
    return Split(np.stack(columns, axis=1).astype(np.float32), labels.astype(np.int64))


def test_own_rows_have_the_shares_of_the_classes_and_the_floor_says_what_it_learned_from(
    tmp_path: Path,
) -> None:
    data = table(200, 0)
    run(tmp_path / "first", data, RECIPE, 0, "first")
    first = TrainedModel(tmp_path / "first")
    own, fresh = own_rows(first, 2000, True, 1), own_rows(first, 300, False, 2)
    assert own.labels is not None and fresh.labels is None and data.labels is not None
    assert abs(own.labels.mean() - data.labels.mean()) < 4 * 0.5 / np.sqrt(2000)
    by_class = [own.rows[own.labels == each, 0].mean() for each in (0, 1)]
    assert by_class[1] - by_class[0] > 2

    few = Split(own.rows[:200], own.labels[:200])
    run(tmp_path / "again", few, RECIPE, 0, "again")
    again = own_rows(TrainedModel(tmp_path / "again"), 300, False, 3)
    said = summary(floor(few, fresh.rows, again.rows, Settings(239)), 200)
    assert said["learned_from"] == 200 and said["rows"] == {
        "real": 300, "generated": 300, "train": 200,
    }  # fmt: skip
    assert 0.4 < said["tests"]["classifier"]["statistic"] < 0.8
