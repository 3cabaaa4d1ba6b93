"""Training of an adversarial autoencoder: the step, compiled epochs, the loop over epochs."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.base.checks import expect
from aae.dataset.splits import Split
from aae.model.adam import Adam
from aae.model.autoencoder import AAE
from aae.model.clusters import clusters
from aae.model.column_groups import column_groups
from aae.model.configuration import Model, Recipe, Train
from aae.model.labels import corrupted, only
from aae.model.objective import Batch, Data, Objective, Scalars, objective
from aae.model.settling import settle

Log = Callable[[int, dict[str, float]], None]
GRADIENT_EVERY = 10  # epochs between two measurements, which cost two more backward passes
MEMORY = 0.95  # of the running mean of the categories' shares, over steps
RESOLUTION = 0.1, 0.01  # of the code, first and last, in standard deviations of a group's mean
FALLING = 0.8  # share of the epochs over which it falls
AVERAGED = 0.995  # memory of the averaged weights, over steps
START = 0.2  # share of the epochs in which clusters are given as categories
WORTH = 0.5  # nats a row by which categories must raise the evidence


class Trainer:
    """Compiled passes over data for one model.

    Args:
        model: what is trained.
        recipe: batch size, learning rates and weights.
        steps: of all epochs, over which a cosine schedule falls.
        seed: of the noise.
    """

    def __init__(self, model: AAE, recipe: Train, steps: int, seed: int):
        """Create one Adam for the autoencoder and one for the discriminators."""
        self.model, self.recipe, self.seed = model, recipe, seed
        self.weights = [
            weight
            for part in (model.encoder, model.decoder, model.likelihood, model.classifier)
            if part is not None
            for weight in part.trainable_variables
        ]
        self.critics = [w for d in model.discriminators.values() for w in d.trainable_variables]
        averaged = {"use_ema": True, "ema_momentum": AVERAGED}
        cosine = recipe.schedule == "cosine"
        self.optimizer = Adam(
            rate(recipe.learning_rate, recipe, steps), **(averaged if cosine else {})
        )
        # Less memory for the gradients' mean, as is usual for two players (Radford et al., 2016).
        self.critic_optimizer = Adam(
            rate(recipe.discriminator_learning_rate, recipe, steps), beta_1=0.5 if cosine else 0.9
        )
        self.optimizer.build(self.weights)
        self.critic_optimizer.build(self.critics)
        everything = [*model.weights, *self.optimizer.variables, *self.critic_optimizer.variables]
        self.initial = [(each, each.numpy()) for each in everything]

    def restart(self) -> None:
        """Go back to the weights and moments of the beginning."""
        for variable, value in self.initial:
            variable.assign(value)

    def noise(self, rows: int | tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Standard normal noise of a batch; each (seed, step) has its own."""
        width = 2 * self.model.latent + 2
        if "data" in self.model.discriminators:
            width += self.model.columns
        return tf.random.stateless_normal([rows, width], tf.stack([self.seed, step]))

    def step(self, batch: Batch) -> Scalars:
        """Move autoencoder and discriminators once, along the gradients at the same point."""
        found = objective(self.model, batch, self.recipe)
        gradients = gradient(found.logged["total"], self.weights)
        critic_gradients = gradient(found.discriminators, self.critics)
        self.optimizer.apply(gradients, self.weights)
        if self.critics:
            self.critic_optimizer.apply(critic_gradients, self.critics)
        self.observe(found)
        return found.logged

    def observe(self, found: Objective) -> None:
        """Move what has a closed form: the variances of residuals and the categories' shares."""
        model, guess = self.model, found.guess
        model.likelihood.observe(guess.statistics, found.law, guess.classes, guess.weight)
        if model.inferred:
            shares = tf.reduce_sum(guess.classes * guess.weight[:, None], axis=0)
            shares /= tf.reduce_sum(guess.weight)
            model.shares.assign(MEMORY * model.shares + (1 - MEMORY) * shares)

    @tf.function(autograph=False)
    def epoch(self, data: Data, order: tf.Tensor, first: tf.Tensor) -> Scalars:
        """Make one pass over the rows in batches.

        Args:
            data: n rows.
            order: row indices, shape (steps, batch size).
            first: number of the pass's first step.

        Returns:
            The mean of each loss, and the `learning_rate` after the pass.
        """
        steps = tf.shape(order)[0]
        names: list[str] = []

        def body(i: tf.Tensor, means: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            noise = self.noise(tf.shape(order)[1], first + i)
            scalars = self.step(data.part(order[i]).with_noise(noise))
            names[:] = scalars
            return i + 1, means.write(i, tf.stack(list(scalars.values())))

        empty = tf.TensorArray(tf.float32, size=steps)
        _, filled = tf.while_loop(lambda i, _: i < steps, body, (0, empty), parallel_iterations=1)
        values = tf.reduce_mean(filled.stack(), axis=0)
        means = dict(zip(names, tf.unstack(values, len(names)), strict=True))
        return means | {"learning_rate": tf.convert_to_tensor(self.optimizer.learning_rate)}

    @tf.function(autograph=False)
    def validate(self, data: Data) -> Scalars:
        """Losses of held-back rows, with the same noise every time."""
        return objective(self.model, self.fixed(data), self.recipe).logged

    @tf.function(autograph=False)
    def gradient_norms(self, data: Data) -> Scalars:
        """Euclidean norms of the gradients of lambda L_R and (1 - lambda) L_C.

        L_R sums over all columns, L_C does not: the two tell which of them steers the weights.
        """
        weight = self.recipe.reconstruction_weight
        found = objective(self.model, self.fixed(data), self.recipe)
        parts = {
            "likelihood_gradient": weight * found.likelihood,
            "adversarial_gradient": (1 - weight) * found.adversarial,
        }
        gradients = {name: gradient(part, self.weights) for name, part in parts.items()}
        # A weight that a part does not reach has no gradient; without any, the norm is 0.
        return {
            name: tf.linalg.global_norm([tf.zeros(1), *(g for g in found if g is not None)])
            for name, found in gradients.items()
        }

    def bound(self, data: Data) -> tf.Tensor:
        """Evidence lower bound of the rows, mean in nats a row: -log p(x | z, c) - KL(q || p)."""
        return -objective(self.model, self.fixed(data), self.recipe).likelihood

    def fixed(self, data: Data) -> Batch:
        """All rows as one batch, with the same noise every time."""
        return data.with_noise(self.noise(tf.shape(data.rows)[0], tf.constant(-1)))


def gradient(loss: tf.Tensor, weights: Sequence[keras.Variable]) -> list[tf.Tensor | None]:
    """d loss / d weight of each weight, None where the loss does not depend on it; in a graph.

    Terms are added two by two: TensorFlow adds three in an order that depends on which of their
    buffers is free, and so on how busy the machine is.
    """
    tree = tf.AggregationMethod.EXPERIMENTAL_TREE
    found: list[tf.Tensor | None] = tf.gradients(
        loss, [weight.value for weight in weights], aggregation_method=tree
    )
    return found


def rate(
    highest: float, recipe: Train, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate, or its fall to 0 along a cosine."""
    cosine = keras.optimizers.schedules.CosineDecay
    return cosine(highest, steps) if recipe.schedule == "cosine" else highest


def build(data: Split, recipe: Model) -> AAE:
    """Build the model of some training rows: columns share parameters under `residual` alone."""
    labels = 0 if data.labels is None else int(data.labels.max()) + 1
    tied = recipe.likelihood == "residual"
    groups = column_groups(data.rows) if tied else np.arange(data.rows.shape[1])
    return AAE(groups, labels, recipe)


def fit(model: AAE, data: Split, recipe: Train, seed: int, log: Log) -> int:
    """Train a model in place, and settle it on all rows.

    Validation rows are a seeded share of the rows. Where categories are to be found, the model is
    trained without and with them, from the same weights, and they stay where they raise the
    evidence lower bound by more than `WORTH`. They start from clusters of the rows.

    Args:
        model: as built.
        data: rows in their own units, and labels.
        recipe: the training policy.
        seed: of the validation split, the order of rows and the noise.
        log: called after every epoch with its number and all scalars: `categories` allowed, and
            those of the validation rows with the prefix `val_`.

    Returns:
        How many categories are allowed in the model that is kept.

    Raises:
        ValueError: fewer than 2 rows, or a loss that is no longer finite.
    """
    rng = np.random.default_rng(seed)
    training, held_back = halves(len(data.rows), recipe, rng)
    model.units.adapt(data.rows, model.likelihood.gridded)
    labels = corrupted(data.labels, recipe.label_noise, seed)
    if labels is not None and model.labelled_rows:
        labels = only(labels, training[: model.labelled_rows])
    whole = tensors(model, Split(data.rows, labels))
    train, validation = whole.part(training), whole.part(held_back)
    steps = len(training) // batch_size(recipe, len(training))
    trainer = Trainer(model, recipe, recipe.epochs * steps, seed)
    bounds, states = [], []
    for categories in model.choices:
        trainer.restart()
        model.allow(categories)
        start = clustered(model, train, seed) if model.choices[0] < categories else train
        loop(trainer, start, train, validation, log)
        residuals = settle(model, whole)
        if categories < model.classes:
            model.likelihood.weigh(residuals)
        bounds.append(float(trainer.bound(whole)))
        states.append(model.get_weights())
    kept = int(bounds[-1] > bounds[0] + WORTH)
    model.set_weights(states[kept])
    return model.choices[kept]


def loop(trainer: Trainer, start: Data, train: Data, validation: Data, log: Log) -> None:
    """Make all epochs, the first of them, up to `START`, with `start` for training data."""
    model, recipe = trainer.model, trainer.recipe
    rng = np.random.default_rng([trainer.seed, 1])
    size = batch_size(recipe, len(train.rows))
    steps, categories = len(train.rows) // size, model.categories
    callbacks = policies(trainer)
    callbacks.on_train_begin()
    for epoch in range(recipe.epochs):
        done = epoch / recipe.epochs
        model.likelihood.resolve(resolution(done))
        order = rng.permutation(len(train.rows))[: steps * size].reshape(steps, size)
        data = start if done < START else train
        scalars = trainer.epoch(data, tf.constant(order, tf.int32), tf.constant(epoch * steps))
        held = trainer.validate(validation)
        scalars |= {f"val_{name}": value for name, value in held.items()}
        if epoch % GRADIENT_EVERY == 0:
            scalars |= trainer.gradient_norms(validation)
        values = {name: float(value) for name, value in scalars.items()}
        expect(np.isfinite(values["val_total"]), "a finite validation loss", values["val_total"])
        log(epoch, values | {"categories": categories})
        callbacks.on_epoch_end(epoch, {"val_loss": values["val_total"]})
        if model.stop_training:
            break
    callbacks.on_train_end()
    if recipe.schedule == "cosine":
        trainer.optimizer.finalize_variable_values(trainer.weights)  # the averaged ones


def resolution(done: float) -> float:
    """The code's resolution once a share of the epochs is done: it falls geometrically.

    With a fine one from the start, idle dimensions stay busy.
    """
    first, last = RESOLUTION
    return float(first * (last / first) ** min(1.0, done / FALLING))


def policies(trainer: Trainer) -> keras.callbacks.CallbackList:
    """Keras's early stopping and learning-rate reduction, for a loop of our own; or nothing."""
    model, recipe = trainer.model, trainer.recipe
    model.compile(optimizer=trainer.optimizer)
    model.stop_training = False
    if recipe.schedule == "cosine":
        return keras.callbacks.CallbackList([], model=model)
    stopping = keras.callbacks.EarlyStopping(patience=recipe.patience, restore_best_weights=True)
    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=recipe.plateau_factor,
        patience=recipe.plateau_patience,
        min_lr=recipe.min_learning_rate,
    )
    # The callback sees one optimizer; the discriminators follow it.
    ratio = recipe.discriminator_learning_rate / recipe.learning_rate
    follow = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(
            trainer.critic_optimizer,
            "learning_rate",
            ratio * float(trainer.optimizer.learning_rate),
        )
    )
    return keras.callbacks.CallbackList([stopping, plateau, follow], model=model)


def batch_size(recipe: Train, rows: int) -> int:
    """Rows of a batch: all where there are fewer."""
    return min(recipe.batch_size, rows)


def halves(
    rows: int, recipe: Train, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide rows at random into those that are trained on and those held back for validation."""
    if rows < 2:
        raise ValueError(f"expected at least 2 training rows, got {rows}")
    order = rng.permutation(rows)
    held_back = min(rows - 1, max(1, round(recipe.validation_split * rows)))
    return order[held_back:], order[:held_back]


def labelled_rows(rows: int, recipe: Recipe, seed: int) -> list[int] | None:
    """Indices of the training rows whose labels `fit` uses; None where it uses all or none."""
    if recipe.model.labels != "given" or not recipe.model.labelled:
        return None
    training, _ = halves(rows, recipe.train, np.random.default_rng(seed))
    return [int(row) for row in training[: recipe.model.labelled]]


def tensors(model: AAE, data: Split) -> Data:
    """Standardised rows, their statistics, labels and given categories; -1 for none."""
    unknown = np.full(len(data.rows), -1)
    labels = unknown if data.labels is None else data.labels
    categories = unknown if model.role == "ignored" else labels
    rows = model.units(tf.constant(np.array(data.rows)))
    classes = (tf.constant(each, tf.int32) for each in (labels, categories))
    return Data(rows, model.likelihood.statistics(rows), *classes)


def clustered(model: AAE, data: Data, seed: int) -> Data:
    """The same data with clusters for categories."""
    features = model.likelihood.features(data.statistics).numpy()
    found = clusters(features, min(model.classes, len(features)), seed)
    return data._replace(categories=tf.constant(found, tf.int32))
