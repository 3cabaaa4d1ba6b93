"""The model of a table whose columns differ: an autoencoder of normal scores in categories."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.model.autoencoder import AAE, Restored
from aae.model.categories import Categories, categories
from aae.model.configuration import Model, Train
from aae.model.exclusive import Exclusive
from aae.model.indicators import filled, indicators
from aae.model.joint import Joint
from aae.model.likelihood import CellLaw, Statistics
from aae.model.noise import Noise
from aae.model.objective import Data
from aae.model.passes import loop
from aae.model.plan import Plan
from aae.model.progress import Progress
from aae.model.recipes import Recipes, Repeated, repeated_together
from aae.model.scores import KNOTS, Scores
from aae.model.settling import settle
from aae.model.streaming import Source, Stream, Whole, streamed
from aae.model.trainer import Trainer

EPOCHS = 50  # that the steps are logged in
DRAWN = 2**22  # cells drawn from the model to tell the law of its scores, and
DRAWN_ROWS = 20_000  # so many rows at most,
CORRECTING_ROWS = 8000  # fewer where correlations are compared, to .01
# Of correction: the second leaves a few percent of what is lacking, but more of indicators, which
# a row has one of.
ROUNDS, INDICATOR_ROUNDS = 2, 4
MOST_COLUMNS = 256  # of a table that is corrected, which costs their number cubed a category
CONSTANT = 1e-6  # standard deviations of a column that does not vary in any category

Scored = NDArray[np.floating]
Integers = NDArray[np.int64]


class Table(AAE):
    """An autoencoder of normal scores, with categories label x cluster.

    An adversary of codes pulls their law to the prior. Where codes are drawn from the law that they
    have, it has nothing to mend, and mended nothing (docs/studies.md, `make tables`): there, `auto`
    is none.

    Args:
        known: categories of the training rows.
        repeated: their groups of columns whose values repeat together.
        units: scores of the training rows; exclusive: their indicators.
        settings: sizes, adversary, and how codes are sampled.
        seen: the training rows that closed forms look at, with a value in every gap.

    Attributes:
        labelled: whether categories are of labels.
    """

    def __init__(
        self,
        known: Categories,
        repeated: Sequence[Repeated],
        units: Scores,
        exclusive: Exclusive,
        settings: Model,
        seen: Rows,
    ):
        """Build all networks."""
        sizes = replace(settings, latent=settings.codes, labels="given", likelihood="joint")
        if settings.adversary == "auto" and settings.sampling == "joint":
            sizes = replace(sizes, adversary="none")
        classes, alone = len(known.label), np.arange(units.columns)
        likelihood = Joint(alone, classes, latent=sizes.latent, name="likelihood")
        likelihood.shrinkage, likelihood.prior = known.shrinkage, settings.sampling == "prior"
        super().__init__(alone, classes, sizes, units, likelihood)
        self.known, self.exclusive, self.seen = known, exclusive, seen
        self.labelled = settings.labels != "ignored"
        self.recipes = [
            Recipes(each, units.numbers, name=f"recipes_{place}")
            for place, each in enumerate(repeated)
        ]

    def source(self, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Codes and one-hot categories of generated rows."""
        _, classes = self.prior(noise)
        return self.likelihood.codes(noise.prior, classes), classes

    def drawn(self, law: CellLaw, codes: tf.Tensor, classes: tf.Tensor, noise: Any) -> tf.Tensor:
        """Scores of rows from standard normal noise (rows, columns)."""
        return self.likelihood.sample(law, classes, noise, codes)

    @property
    def restored(self) -> Restored:
        """From scores and their one-hot categories to rows in the data's units."""

        def rows_of(scores: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
            rows = self.rows(scores, self.labels(classes))
            for recipes in self.recipes:
                rows = recipes(rows, scores)
            return self.exclusive.hide(rows)

        return rows_of

    def rows(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Rows in the data's units of scores and labels, a value behind every gap."""
        return self.exclusive(self.units.inverse(scores, labels), scores, labels)

    def restored_mean(self, rows: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """A mean of rows in the data's units, on no grid."""
        return self.units.linear(rows, self.labels(classes))

    def labels(self, classes: tf.Tensor) -> tf.Tensor:
        """The label of each one-hot category, int32 of shape (rows,)."""
        label = tf.constant(self.known.label, tf.int32)
        return tf.gather(label, tf.argmax(classes, axis=1))

    @property
    def properties(self) -> dict[str, str]:
        """What the graphs say about themselves.

        `cells`: numbers that a row takes, its law in the decoder, its knots in the encoder;
        `labels`: of each category.
        """
        cells = self.columns * max(self.columns + self.latent, KNOTS)
        return {"cells": str(cells), "labels": " ".join(map(str, self.known.label))}


def build_table(data: Split, settings: Model, seed: int) -> Table:
    """Build the model of some training rows: find their scores and categories."""
    labels = None if settings.labels == "ignored" else data.labels
    count = 1 if labels is None else int(labels.max()) + 1
    units = Scores(data.rows.shape[1], count, data.rows.dtype.name, name="units")
    found = indicators(data.rows)
    exclusive = Exclusive(found, units.columns, count, units.numbers, name="exclusive")
    rows = visible(exclusive, units, data.rows)
    flags = found.hidden + 1
    known = categories(Split(rows, labels), units.scores(rows), flags, settings.codes, seed)
    repeated = repeated_together(np.where(exclusive.grouped, 0, rows))
    return Table(known, repeated, units, exclusive, settings, rows)


def visible(exclusive: Exclusive, units: Scores, rows: Rows) -> Rows:
    """Learn the scores of rows and what their indicators say; rows with a value in every gap."""
    units.adapt(rows)
    scores = units.scores(rows)
    exclusive.adapt(rows, scores)
    if len(exclusive.known.hidden):
        rows = filled(rows, scores, exclusive.known.hidden)
        units.adapt(rows)
    return rows


def fit_table(
    model: Table,
    data: Split,
    split: tuple[Integers, Integers],
    training: Train,
    seed: int,
    progress: Progress,
) -> None:
    """Train a model in place, then take the law of codes and residuals and the way back.

    Args:
        model: as built.
        data: rows in their own units, shape (rows, columns), and labels.
        split: indices of the rows that are trained on, and of those held back.
        training: the policy.
        seed: of the order of rows and the noise.
        progress: takes what every epoch logs, of which there are `EPOCHS`.
    """
    whole = tensors(model, model.seen, model.known.row)
    source: Source = Whole(whole)
    if streamed(data.rows):
        source = Stream(data, partial(scored, model))
    steps = min(training.steps, training.max_steps)
    epochs = min(EPOCHS, steps)
    plan = Plan(epochs, -(-steps // epochs), min(training.batch_size, len(split[0])))
    trainer = Trainer(model, training, plan.total, seed)
    loop(trainer, source, split, progress, plan)
    settle(model, whole)
    attune(model, model.seen)


def attune(model: Table, rows: Rows) -> None:
    """Take the way back, and correct residuals until dependences come out as they went in.

    Ties and shrinkage attenuate them: scores of equal values share a rank, hence correlate less
    than what lies behind them does, and rows drawn with that correlation, once at equal values
    again, still less. So what rows of the model lack in correlation within categories, their scores
    taken as those of the training rows were, is added to the residuals' covariance.
    """
    row, label = model.known.row, model.known.label
    own = model.units.scores(rows)
    wanted = correlations(own, row, model.classes)
    rounds = INDICATOR_ROUNDS if model.exclusive.known else ROUNDS
    rounds = rounds if model.columns <= MOST_COLUMNS else 0
    for turn in range(rounds + 1):
        scores, classes = drawn_scores(model, DRAWN_ROWS if turn == rounds else CORRECTING_ROWS)
        model.units.settle(rows, label[row], scores, label[classes])
        model.exclusive.settle(rows, label[row], scores, label[classes])
        if turn < rounds:
            back = model.rows(tf.constant(scores), tf.constant(label[classes], tf.int32))
            lacking = wanted - correlations(
                model.units.scores(back.numpy()), classes, model.classes
            )
            spread = deviations(scores, classes, model.classes)
            model.likelihood.correct(lacking * spread[:, :, None] * spread[:, None, :])
    for recipes in model.recipes:
        recipes.settle(rows, own, scores)


def correlations(scores: Scored, classes: Integers, count: int) -> NDArray[np.float64]:
    """Correlations of columns within categories, 0 on the diagonal and of constant columns."""
    away = scores - means(scores, classes, count)[classes]
    covariance = away.T @ away / len(away)
    scale = np.sqrt(np.diag(covariance))
    scale = np.where(scale > CONSTANT, scale, np.inf)
    return np.asarray(covariance / np.outer(scale, scale) * (1 - np.eye(len(scale))))


def deviations(scores: Scored, classes: Integers, count: int) -> NDArray[np.float64]:
    """Standard deviations in each category, (count, columns)."""
    mean = means(scores, classes, count)
    return np.sqrt(means(np.square(scores - mean[classes]), classes, count))


def means(values: Scored, classes: Integers, count: int) -> NDArray[np.float64]:
    """Mean in each category, (count, columns); 0 in one without rows."""
    member = (classes[:, None] == np.arange(count)).astype(np.float64)
    return np.asarray(member.T @ values / np.maximum(member.sum(axis=0), 1)[:, None])


def tensors(model: Table, rows: Rows, categories: Integers) -> Data:
    """Scores of rows, and their categories."""
    scores = tf.constant(model.units.scores(rows))
    row = tf.constant(categories, tf.int32)
    return Data(scores, Statistics(scores, tf.zeros_like(scores)), row, row)


def scored(model: Table, data: Split) -> Data:
    """The same of any rows; gaps get values that others of these rows have."""
    rows, hidden = data.rows, model.exclusive.known.hidden
    if len(hidden):
        rows = filled(rows, model.units.scores(rows), hidden)
    labels = data.labels if model.labelled else None
    return tensors(model, rows, model.known.of(rows, model.units.scores(rows), labels))


def drawn_scores(model: Table, rows: int) -> tuple[NDArray[np.float32], Integers]:
    """Scores that the model draws, (rows, columns), and their categories."""
    parts = zip(*own_scores(model, rows), strict=True)
    scores, classes = (np.concatenate(each) for each in parts)
    return scores, classes


def own_scores(model: Table, rows: int) -> Iterator[tuple[NDArray[np.float32], Integers]]:
    """The same in parts."""
    rows = min(rows, DRAWN // model.columns)
    layout = model.generator_noise
    step = max(1, 2**22 // (model.columns * (model.columns + model.latent)))
    noise = np.random.default_rng(5).standard_normal((rows, layout.width), dtype=np.float32)
    for start in range(0, rows, step):
        parts = layout.split(tf.constant(noise[start : start + step]))
        codes, classes = model.source(parts)
        scores = model.drawn(model.decode(codes, classes), codes, classes, parts.cells)
        yield scores.numpy(), np.argmax(classes.numpy(), axis=1)
