"""A table whose columns differ, end to end: built, trained, exported, sampled, reloaded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from aae.dataset.splits import Split
from aae.generator.graphs import TrainedModel
from aae.model import table
from aae.model.autoencoder import AAE
from aae.model.configuration import Model, Train
from aae.model.export import export
from aae.model.progress import Progress
from aae.model.runtime import reproducible
from aae.model.table import Table, correlations
from aae.model.training import build, fit
from aae.verdict.hard_checks import unlike_known

pytestmark = pytest.mark.usefixtures("tensorflow")

SETTINGS = Model(encoder=[16], decoder=[16], discriminator=[8], codes=3)
TRAINING = Train(steps=60)
RESOLUTION = 1e-4


def mixed(rows: int = 240, labelled: bool = True, seed: int = 0) -> Split:
    """Whole numbers, decimals, zero inflation, atoms, a constant; two factors behind all."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(rows, 2))
    label = (factor[:, 0] + rng.normal(size=rows) > 0).astype(np.int64)
    first, second = factor.T
    columns = [
        np.round(20 + 5 * first + rng.normal(size=rows)),
        np.round(np.exp(second), 2),
        np.where(second < 0, 0, second + rng.gamma(1.0, size=rows)),
        rng.choice([28.0, 56.0, 90.0], rows),
        first * second + 0.1 * rng.normal(size=rows),
        np.minimum(first, 0.8),
        np.full(rows, 4.0),
        label * 2.0 + rng.normal(size=rows),
    ]
    return Split(np.column_stack(columns).astype("f4"), label if labelled else None)


def trained(data: Split, settings: Model = SETTINGS, seed: int = 0) -> AAE:
    reproducible(seed)
    made = build(data, settings, seed)
    fit(made, data, TRAINING, seed, Progress(lambda *_: None))
    return made


def exported(made: AAE, folder: Path) -> TrainedModel:
    export(made, folder)
    return TrainedModel(folder)


def same(one: AAE, other: AAE) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(first, second) for first, second in pairs)


VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "no adversary": {"adversary": "none"},
    "adversary on rows": {"adversary": "both"},
    "prior": {"sampling": "prior"},
    "no information": {"information": 0.0},
    "labels ignored": {"labels": "ignored"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_rows_pass_the_hard_checks(name: str, tmp_path: Path) -> None:
    data = mixed()
    made = trained(data, replace(SETTINGS, **VARIANTS[name]))
    assert isinstance(made, Table)
    model = exported(made, tmp_path)
    drawn = model.generate(240, np.random.default_rng(1))
    assert drawn.rows.dtype == np.float32
    assert np.isfinite(drawn.rows).all()
    assert unlike_known(data.rows, drawn.rows, RESOLUTION) == []
    assert drawn.codes.shape[1] == made.latent + made.conditions
    assert model.reconstruct(data.rows).shape == data.rows.shape
    assert np.isfinite(model.encode(data.rows, np.random.default_rng(0)).codes).all()


def test_correlations_are_those_within_categories() -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(3, size=900)
    rows = rng.normal(size=(900, 4)) @ rng.normal(size=(4, 4))
    rows[:, 3] = 7.0 * classes
    own = correlations(rows + 10 * classes[:, None], classes, 3)
    centred = np.concatenate(
        [rows[classes == k, :3] - rows[classes == k, :3].mean(axis=0) for k in range(3)]
    )
    wanted = np.atleast_2d(np.corrcoef(centred, rowvar=False)) - np.eye(3)
    np.testing.assert_allclose(own[:3, :3], wanted, atol=1e-12)
    assert not own[3].any()


def test_dependences_of_ties_are_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of few values, whose scores correlate less than what lies behind them."""
    rng = np.random.default_rng(0)
    behind = rng.normal(size=(400, 1)) + rng.normal(size=(400, 6))
    rows = np.column_stack([np.clip(np.round(behind), 0, 2), rng.normal(size=400)]).astype("f4")
    gaps = []
    for rounds in (0, 2):
        monkeypatch.setattr(table, "ROUNDS", rounds)
        made = trained(Split(rows, None))
        assert isinstance(made, Table)
        wanted = correlations(made.units.scores(rows), made.known.row, made.classes)
        scores, classes = table.drawn_scores(made, 8000)
        back = made.restored(tf.constant(scores), tf.one_hot(classes, made.classes))
        own = correlations(made.units.scores(np.asarray(back)), classes, made.classes)
        gaps.append(float(np.abs(wanted - own).mean()))
    assert gaps[1] < 0.5 * gaps[0]


def test_graphs_say_which_label_a_category_is_of(tmp_path: Path) -> None:
    data = mixed()
    made = trained(data)
    model = exported(made, tmp_path)
    assert model.labels.tolist() == made.known.label.tolist()
    assert set(model.labels) == {0, 1}
    assert data.labels is not None
    drawn = model.generate(4000, np.random.default_rng(0))
    labels = model.labels[drawn.codes[:, model.latent :].argmax(axis=1)]
    assert labels.mean() == pytest.approx(data.labels.mean(), abs=0.04)
    means = [
        rows[:, 7][own == 1].mean()
        for rows, own in ((data.rows, data.labels), (drawn.rows, labels))
    ]
    assert means[0] == pytest.approx(means[1], abs=0.3)


def test_recipes_come_back_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    recipe = np.round(rng.gamma(3.0, size=(40, 3)), 2)[rng.integers(40, size=240)]
    rows = np.column_stack([recipe, recipe.sum(axis=1) + rng.normal(size=240)]).astype("f4")
    drawn = exported(trained(Split(rows, None)), tmp_path).generate(500, np.random.default_rng(1))
    known = {tuple(row) for row in rows[:, :3]}
    assert np.mean([tuple(row) in known for row in drawn.rows[:, :3]]) > 0.95
    assert unlike_known(rows, drawn.rows, RESOLUTION) == []


def test_without_labels_rows_pass_too(tmp_path: Path) -> None:
    data = mixed(labelled=False)
    rows = exported(trained(data), tmp_path).generate(240, np.random.default_rng(1)).rows
    assert unlike_known(data.rows, rows, RESOLUTION) == []


def test_dependences_are_kept(tmp_path: Path) -> None:
    data = mixed(600)
    rows = exported(trained(data), tmp_path).generate(2000, np.random.default_rng(1)).rows
    real, made = (
        np.corrcoef(np.argsort(np.argsort(each, axis=0), axis=0)[:, [0, 1, 2, 5, 7]], rowvar=False)
        for each in (data.rows, rows)
    )
    assert np.abs(real - made).max() < 0.15


def test_the_same_rows_and_seed_train_the_same_model() -> None:
    data = mixed()
    first, second, other = (trained(data, seed=seed) for seed in (0, 0, 1))
    assert same(first, second)
    assert not same(first, other)


def test_saved_weights_sample_the_same_rows(tmp_path: Path) -> None:
    data = mixed()
    made = trained(data)
    made.save_weights(tmp_path / "weights.weights.h5")
    again = build(data, SETTINGS, 0)
    again.load_weights(tmp_path / "weights.weights.h5")
    assert same(made, again)
    noise = np.random.default_rng(0).normal(size=(50, made.generator_noise.width)).astype("f4")
    rows = []
    for model in (made, again):
        parts = model.generator_noise.split(tf.constant(noise))
        codes, classes = model.source(parts)
        drawn = model.drawn(model.decode(codes, classes), codes, classes, parts.cells)
        rows.append(np.asarray(model.restored(drawn, classes)))
    np.testing.assert_array_equal(*rows)


@pytest.mark.parametrize(
    ("settings", "joint"),
    [
        ({}, True),
        ({"likelihood": "residual"}, False),
        ({"likelihood": "gaussian"}, False),
        ({"labelled": 20}, False),
        ({"labels": "adversary"}, False),
        ({"prior": "uniform", "information": 0.0}, False),
    ],
)
def test_what_is_asked_for_decides_and_else_the_rows_do(
    settings: dict[str, Any], joint: bool
) -> None:
    assert isinstance(build(mixed(), replace(SETTINGS, **settings)), Table) is joint


def test_exchangeable_columns_are_no_table() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 30)).astype("f4")
    assert not isinstance(build(Split(rows, None), SETTINGS), Table)
    assert isinstance(build(Split(rows, None), replace(SETTINGS, likelihood="joint")), Table)


def test_small_and_odd_tables_train() -> None:
    """Fewer rows than a batch, one column, constant columns, a class of two rows."""
    rng = np.random.default_rng(0)
    two = np.where(np.arange(30) < 2, 1, 0)
    for rows, labels in [
        (rng.normal(size=(8, 3)), None),
        (rng.normal(size=(40, 1)), None),
        (np.ones((20, 2)), None),
        (np.column_stack([rng.normal(size=30), np.ones(30)]), two),
    ]:
        made = trained(Split(rows.astype("f4"), labels))
        assert np.isfinite(np.concatenate([each.ravel() for each in made.get_weights()])).all()
