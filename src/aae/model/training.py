"""Training of an adversarial autoencoder: the model of some rows, and the loop over epochs."""

from dataclasses import replace

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.model.autoencoder import AAE
from aae.model.clusters import clusters, one_unit, standardised
from aae.model.column_groups import column_groups, leaders, united
from aae.model.configuration import Model, Recipe, Train
from aae.model.exchangeable import exchangeable
from aae.model.indicators import indicators
from aae.model.labels import corrupted, only
from aae.model.likelihood import ClosedForm
from aae.model.objective import Data
from aae.model.passes import Log, Plan, loop, train_validation_split
from aae.model.residual import Residual
from aae.model.settling import settle
from aae.model.table import Table, build_table, fit_table
from aae.model.trainer import Trainer
from aae.model.units import Units

# Nats a row by which categories must raise the evidence. Any can raise it a little, for each has a
# mean and a variance of its own to fit rows with: with less, such ones stay. With more, clusters
# that overlap are lost: saying which of two a row is of costs up to log 2 = 0.69 nats.
WORTH = 0.5


def build(data: Split, settings: Model, seed: int = 0, wrong: float = 0.0) -> AAE:
    """Build the model of some training rows: columns share parameters where they may.

    `auto` chooses: `residual` where columns are exchangeable within rows, else `joint`.

    Args:
        data: rows in their own units, and labels.
        settings: of the model.
        seed: of the search for a table's categories, and of wrong labels.
        wrong: share of the labels that `fit` replaces.
    """
    labels = 0 if data.labels is None else int(data.labels.max()) + 1
    kind = settings.likelihood
    groups = np.arange(data.rows.shape[1])
    if kind in ("auto", "residual"):
        groups = column_groups(data.rows)
    if kind == "auto":
        kind = "residual" if tied(data.rows, groups, settings) else "joint"
    known = Split(data.rows, corrupted(data.labels, wrong, seed))
    if kind == "joint":
        return build_table(known, settings, seed)
    settings = replace(settings, likelihood=kind)
    if kind != "residual" or known.labels is None or not settings.all_labels_given:
        return AAE(groups, labels, settings)
    led = leaders(data.rows, known.labels, groups)
    units = Units(united(led, groups), name="units")
    return AAE(groups, labels, settings, units, Residual(groups, labels, led, name="likelihood"))


def tied(rows: Rows, groups: NDArray[np.int64], settings: Model) -> bool:
    """Whether columns share parameters: exchangeable ones, and modes that `joint` does not have.

    Columns that say what others are, a category or a gap, are not like others, even if all are.
    """
    return settings.beyond_joint or (exchangeable(rows, groups) and not indicators(rows))


def fit(model: AAE, data: Split, training: Train, seed: int, log: Log) -> int:
    """Train a model in place, and settle it on all rows.

    Validation rows are a seeded share of the rows. Where categories are to be found, the model is
    trained without and with them, from the same weights, and they stay where they raise the
    evidence lower bound by more than `WORTH`. They start from clusters of the rows.

    Args:
        model: as built.
        data: rows in their own units, and labels.
        training: the policy.
        seed: of the validation split, the order of rows and the noise.
        log: called after every epoch with its number and all scalars: `categories` allowed, and
            those of the validation rows with the prefix `val_`.

    Returns:
        How many categories are allowed in the model that is kept.

    Raises:
        ValueError: fewer than 2 rows, or a loss that is no longer finite.
    """
    if isinstance(model, Table):
        fit_table(model, data.rows, training, seed, log)
        return model.categories
    rng = np.random.default_rng(seed)
    trained, held_back = train_validation_split(len(data.rows), training, rng)
    model.units.adapt(data.rows, model.likelihood.gridded)
    labels = corrupted(data.labels, training.label_noise, seed)
    if labels is not None and model.labelled_rows:
        labels = only(labels, trained[: model.labelled_rows])
    whole = tensors(model, Split(data.rows, labels))
    train, validation = whole.part(trained), whole.part(held_back)
    plan = Plan.of(training, len(trained))
    trainer = Trainer(model, training, plan.total, seed)
    bounds, states = [], []
    for categories in model.choices:
        trainer.restart()
        model.allow(categories)
        start = train
        if model.choices[0] < categories:
            start = clustered(model, train, np.array(data.rows)[trained], seed)
        loop(trainer, train, validation, log, plan, start)
        residuals = settle(model, whole)
        if isinstance(model.likelihood, ClosedForm) and categories < model.classes:
            model.likelihood.weigh(residuals)
        bounds.append(float(trainer.bound(whole)))
        states.append(model.get_weights())
    kept = int(bounds[-1] > bounds[0] + WORTH)
    model.set_weights(states[kept])
    return model.choices[kept]


def labelled_rows(rows: int, recipe: Recipe, seed: int) -> list[int] | None:
    """Indices of the training rows whose labels `fit` uses; None where it uses all or none."""
    if recipe.model.labels != "given" or not recipe.model.labelled:
        return None
    trained, _ = train_validation_split(rows, recipe.train, np.random.default_rng(seed))
    return [int(row) for row in trained[: recipe.model.labelled]]


def tensors(model: AAE, data: Split) -> Data:
    """Standardised rows, their statistics, labels and given categories; -1 for none."""
    unknown = np.full(len(data.rows), -1)
    labels = unknown if data.labels is None else data.labels
    categories = unknown if model.role == "ignored" else labels
    rows = model.units(tf.constant(np.array(data.rows, dtype=np.float32)))
    classes = (tf.constant(each, tf.int32) for each in (labels, categories))
    return Data(rows, model.likelihood.statistics(rows), *classes)


def clustered(model: AAE, data: Data, rows: Rows, seed: int) -> Data:
    """The same data with clusters for categories.

    Args:
        model: which says what of a row matters.
        data: standardised rows; rows: the same in their own units, shape (rows, columns).
        seed: of the clusters.
    """
    features = standardised(model.likelihood.features(data.statistics).numpy())
    if not model.likelihood.tied and one_unit(rows):
        features = np.asarray(rows)
    categories = clusters(features, min(model.classes, len(features)), seed)
    return data._replace(categories=tf.constant(categories, tf.int32))
