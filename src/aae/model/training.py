"""Training of an adversarial autoencoder: the model of some rows, and the loop over epochs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

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
from aae.model.passes import loop
from aae.model.plan import Plan, train_validation_split
from aae.model.progress import Progress
from aae.model.residual import Residual
from aae.model.settling import settle
from aae.model.streaming import Integers, Source, Stream, Whole, held, some, streamed
from aae.model.table import Table, build_table, fit_table
from aae.model.trainer import Trainer
from aae.model.units import Units

# Nats a row by which categories must raise the evidence. Any can raise it a little, for each has a
# mean and a variance of its own to fit rows with: with less, such ones stay. With more, clusters
# that overlap are lost: saying which of two a row is of costs up to log 2 = 0.69 nats.
WORTH = 0.5
STATISTICS = 2**26  # means of groups, and as many variances, that are held in memory at most


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
    known = Split(data.rows, corrupted(data.labels, wrong, seed))
    _, seen = held(known, seed)
    kind = settings.likelihood
    groups = np.arange(data.rows.shape[1])
    if kind in ("auto", "residual"):
        groups = column_groups(seen.rows)
    if kind == "auto":
        kind = "residual" if tied(seen.rows, groups, settings) else "joint"
    if kind == "joint":
        return build_table(seen, settings, seed)
    settings = replace(settings, likelihood=kind)
    if kind != "residual" or seen.labels is None or not settings.all_labels_given:
        return AAE(groups, labels, settings)
    led = leaders(seen.rows, seen.labels, groups)
    units = Units(united(led, groups), name="units")
    return AAE(groups, labels, settings, units, Residual(groups, labels, led, name="likelihood"))


def tied(rows: Rows, groups: NDArray[np.int64], settings: Model) -> bool:
    """Whether columns share parameters: exchangeable ones, and modes that `joint` does not have.

    Columns that say what others are, a category or a gap, are not like others, even if all are.
    """
    return settings.beyond_joint or (exchangeable(rows, groups) and not indicators(rows))


def fit(model: AAE, data: Split, training: Train, seed: int, progress: Progress) -> int:
    """Train a model in place, and settle it on all rows.

    Validation rows are a seeded share of the rows. Where categories are to be found, the model is
    trained without and with them, from the same weights, and they stay where they raise the
    evidence lower bound by more than `WORTH`. They start from clusters of the rows.

    Args:
        model: as built.
        data: rows in their own units, and labels.
        training: the policy.
        seed: of the validation split, the order of rows and the noise.
        progress: takes the number and all scalars of every epoch: `categories` allowed, and those
            of the validation rows with the prefix `val_`.

    Returns:
        How many categories are allowed in the model that is kept.

    Raises:
        ValueError: fewer than 2 rows, or a loss that is no longer finite.
    """
    labels = corrupted(data.labels, training.label_noise, seed)
    split = train_validation_split(len(data.rows), training, np.random.default_rng(seed))
    if isinstance(model, Table):
        fit_table(model, Split(data.rows, labels), split, training, seed, progress)
        return model.categories
    trained, _ = split
    if labels is not None and model.labelled_rows:
        labels = only(labels, trained[: model.labelled_rows])
    known = Split(data.rows, labels)
    chosen, seen = held(known, seed)
    model.units.adapt(seen.rows, model.likelihood.gridded)
    whole = tensors(model, seen)
    source: Source = Whole(whole)
    if streamed(data.rows):
        source = stream(model, known, partial(tensors, model))
    plan = Plan.of(training, len(trained))
    trainer = Trainer(model, training, plan.total, seed)
    bounds, states = progress.bounds, progress.finished
    for categories in model.choices[len(bounds) :]:
        trainer.restart()
        model.allow(categories)
        start = source
        if model.choices[0] < categories:
            fitted = trained[np.isin(trained, chosen)]
            start = clustered(model, known, fitted, seed)
        loop(trainer, source, split, progress, plan, start)
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
    rows = tf.constant(model.units.standardised(data.rows))
    classes = (tf.constant(each, tf.int32) for each in (labels, categories))
    return Data(rows, model.likelihood.statistics(rows), *classes)


def stream(model: AAE, known: Split, prepare: Callable[[Split], Data]) -> Source:
    """Rows of a file as the model is trained on them.

    Where columns share, training sees statistics of rows alone: these are held in memory.
    """
    source = Stream(known, prepare)
    few = len(known.rows) * len(model.likelihood.sizes) <= STATISTICS
    alone = model.likelihood.tied and "data" not in model.discriminators
    return source.condensed() if few and alone else source


def clustered(model: AAE, known: Split, fitted: Integers, seed: int) -> Source:
    """The same rows with clusters for categories.

    Args:
        model: which says what of a row matters.
        known: rows in their own units, and labels.
        fitted: indices of those that clusters are found in.
        seed: of the clusters.
    """
    example = some(known, fitted)
    alike = not model.likelihood.tied and one_unit(example.rows)

    def features(split: Split, data: Data) -> Rows:
        return split.rows if alike else model.likelihood.features(data.statistics).numpy()

    own = features(example, tensors(model, example))
    scaled = (lambda each: each) if alike else partial(standardised, fitted=own)
    found = clusters(scaled(own), min(model.classes, len(own)), seed)

    def given(split: Split) -> Data:
        data = tensors(model, split)
        categories = found.predict(scaled(features(split, data)))
        return data._replace(categories=tf.constant(categories, tf.int32))

    return stream(model, known, given) if streamed(known.rows) else Whole(given(known))
