"""What `make bench` measures, on small sizes: that it runs what it says, not how fast."""

import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest

from aae.benchmark import scale
from aae.benchmark.article_loop import EPOCHS, article_model, epochs
from aae.benchmark.growth import many
from aae.benchmark.phases import EXPORT, IMPORT, START, TRACING, TRAINING, phases
from aae.benchmark.pipeline import reproduced


def test_the_articles_loop_learns_as_often_as_asked(tensorflow: ModuleType) -> None:
    rows = np.random.default_rng(0).normal(size=(256, 8)).astype(np.float32)
    model = article_model(8)
    history = model.fit(rows, epochs=20, batch_size=32, verbose=0).history
    assert history["reconstruction_loss"][-1] < history["reconstruction_loss"][0]
    assert model.run_eagerly
    times = epochs(rows, EPOCHS)
    assert len(times) == EPOCHS and min(times) > 0


def test_the_articles_loss_is_that_of_its_formulas(tensorflow: ModuleType) -> None:
    rows = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    model = article_model(8)
    before = ((rows - model.decoder(model.encoder(rows)).numpy()) ** 2).sum(axis=1).mean() / 2
    logged = model.train_step(tensorflow.constant(rows))
    assert float(logged["reconstruction_loss"]) == pytest.approx(before, rel=1e-5)
    total = (float(logged["reconstruction_loss"]) + float(logged["encoder_loss"])) / 2
    assert float(logged["total_loss"]) == pytest.approx(total, rel=1e-5)


def test_every_phase_of_a_training_takes_time() -> None:
    found = phases(epochs=1)
    assert found.keys() == {START, IMPORT, TRACING, TRAINING, EXPORT}
    assert min(found.values()) > 0


def test_every_stage_is_measured_on_a_table() -> None:
    measured = [*scale.measure_table(1000, 20)]
    stages = [each.stage for each in measured]
    assert stages == [stage for stage in scale.commands(1000, 20) if not stage.startswith("(")]
    assert all(each.seconds > 0 and each.peak > 0 for each in measured)


def test_many_models_are_run_and_looked_at() -> None:
    found = many(distributions=2, seeds=2)
    assert (found.models, found.stages) == (4, 2 * (2 + 2 * 2) + 1)
    assert found.page > 1000 < found.elements
    assert sum(found.parts.values()) == pytest.approx(1)
    assert found.own < found.lanes * found.reproduce


def test_the_pipeline_is_run_in_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"distributions": ["uniform"], "tables": [], "variants": ["default"]}
    monkeypatch.setattr("aae.benchmark.pipeline.FEW", few)
    found = reproduced(whole=False)
    assert (found.names, found.stages, found.lanes) == (["uniform"], 5, 1)
    assert 0 < found.floor < found.cold


def test_too_few_rows_end_with_one_line() -> None:
    command = [sys.executable, "-m", "aae.benchmark.bench", "--largest", "10"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: expected ") and done.stderr.count("\n") == 1
