"""The step of training, and compiled passes over data."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from aae.model.adam import Adam
from aae.model.autoencoder import AAE
from aae.model.configuration import Train
from aae.model.likelihood import ClosedForm
from aae.model.losses import Scalars
from aae.model.noise import Noise
from aae.model.objective import Batch, Data, Objective, objective

# Memory of the averaged weights: the last 200 steps, 40 epochs of 1000 rows. Batches and opponents
# move weights about an optimum; a shorter memory averages less of that, a longer one still holds
# weights from when the learning rate was high.
AVERAGED = 0.995
CHUNK = 2**22  # cells whose bound is taken together
# Memory of the categories' shares: the last 20 steps, 4000 rows of the default batches, which tell
# a share to 1%. They serve the losses alone; generated rows have those of all rows (`settle`).
SHARES_MEMORY = 0.95


class Trainer:
    """Compiled passes over data for one model.

    Args:
        model: what is trained.
        training: batch size, learning rates and weights.
        steps: of all epochs, over which a cosine schedule falls.
        seed: of the noise.
    """

    def __init__(self, model: AAE, training: Train, steps: int, seed: int):
        """Create one Adam for the autoencoder and one for the discriminators."""
        self.model, self.training, self.seed = model, training, seed
        self.weights = [
            weight
            for part in (model.encoder, model.decoder, model.likelihood, model.classifier)
            if part is not None
            for weight in part.trainable_variables
        ]
        self.discriminator_weights = [
            weight for part in model.discriminators.values() for weight in part.trainable_variables
        ]
        averaged = {"use_ema": True, "ema_momentum": AVERAGED}
        cosine = training.schedule == "cosine"
        self.optimizer = Adam(
            rate(training.learning_rate, training, steps),
            weight_decay=training.decay if model.likelihood.regularised else None,
            **(averaged if cosine else {}),
        )
        # Less memory for the gradients' mean, as is usual for two players (Radford et al., 2016).
        self.discriminator_optimizer = Adam(
            rate(training.discriminator_learning_rate, training, steps),
            beta_1=0.5 if cosine else 0.9,
        )
        self.optimizer.build(self.weights)
        self.discriminator_optimizer.build(self.discriminator_weights)
        optimizers = self.optimizer, self.discriminator_optimizer
        everything = [*model.weights, *(each for one in optimizers for each in one.variables)]
        self.initial = [(each, each.numpy()) for each in everything]

    @property
    def variables(self) -> list[Any]:
        """All that training changes."""
        evidence = getattr(self.model.likelihood, "evidence", None)
        return [each for each, _ in self.initial] + ([] if evidence is None else [evidence])

    def restart(self) -> None:
        """Go back to the weights and moments of the beginning."""
        for variable, value in self.initial:
            variable.assign(value)

    def noise(self, rows: int | tf.Tensor, step: tf.Tensor) -> Noise:
        """Standard normal noise of a batch; each (seed, step) has its own."""
        layout = self.model.training_noise
        shape, seed = [rows, layout.width], tf.stack([self.seed, step])
        return layout.split(tf.random.stateless_normal(shape, seed))

    def step(self, batch: Batch) -> Scalars:
        """Move autoencoder and discriminators once, along the gradients at the same point."""
        if self.model.likelihood.regularised:
            batch = self.blurred(batch)
        result = objective(self.model, batch, self.training)
        gradients = gradient(result.losses.total, self.weights)
        opposed = gradient(result.losses.discriminators, self.discriminator_weights)
        self.optimizer.apply(gradients, self.weights)
        if self.discriminator_weights:
            self.discriminator_optimizer.apply(opposed, self.discriminator_weights)
        self.observe(result)
        return result.losses.logged()

    def blurred(self, batch: Batch) -> Batch:
        """Add noise to the rows, which the decoder then has to explain as well."""
        rows = batch.rows + self.training.noise * batch.noise.rows
        return batch._replace(rows=rows, statistics=self.model.likelihood.statistics(rows))

    def observe(self, result: Objective) -> None:
        """Move what has a closed form: the variances of residuals and the categories' shares."""
        model, guess = self.model, result.guess
        if isinstance(model.likelihood, ClosedForm):
            model.likelihood.observe(guess.statistics, result.law, guess.classes, guess.weight)
        if model.inferred:
            shares = tf.reduce_sum(guess.classes * guess.weight[:, None], axis=0)
            shares /= tf.reduce_sum(guess.weight)
            model.shares.assign(SHARES_MEMORY * model.shares + (1 - SHARES_MEMORY) * shares)

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
        return self.losses_of(data).losses.logged()

    @tf.function(autograph=False)
    def gradient_norms(self, data: Data) -> Scalars:
        """Euclidean norms of the gradients of lambda L_R and (1 - lambda) L_C.

        L_R sums over all columns, L_C does not: the two tell which of them steers the weights.
        """
        parts = self.losses_of(data).losses.parts
        return {
            f"{name}_gradient": norm(gradient(part, self.weights)) for name, part in parts.items()
        }

    def bound(self, data: Data) -> tf.Tensor:
        """Evidence lower bound of the rows, mean in nats a row: -log p(x | z, c) - KL(q || p)."""
        rows, step = len(data.rows), max(1, CHUNK // self.model.columns)
        starts = range(0, rows, step)
        parts = [data.between(slice(start, start + step)) for start in starts]
        losses = [
            self.losses_of(part, -1 - number).losses.likelihood * (len(part.rows) / rows)
            for number, part in enumerate(parts)
        ]
        return -tf.add_n(losses)

    def losses_of(self, data: Data, step: int = -1) -> Objective:
        """Losses of all rows as one batch, with the same noise every time."""
        noise = self.noise(tf.shape(data.rows)[0], tf.constant(step))
        return objective(self.model, data.with_noise(noise), self.training)


def gradient(loss: tf.Tensor, weights: Sequence[keras.Variable]) -> list[tf.Tensor | None]:
    """d loss / d weight of each weight, None where the loss does not depend on it; in a graph.

    Terms are added two by two: TensorFlow adds three in an order that depends on which of their
    buffers is free, and so on how busy the machine is.
    """
    tree = tf.AggregationMethod.EXPERIMENTAL_TREE
    gradients: list[tf.Tensor | None] = tf.gradients(
        loss, [weight.value for weight in weights], aggregation_method=tree
    )
    return gradients


def norm(gradients: Sequence[tf.Tensor | None]) -> tf.Tensor:
    """Euclidean norm of all gradients together; 0 without any."""
    return tf.linalg.global_norm([tf.zeros(1), *(each for each in gradients if each is not None)])


def rate(
    highest: float, training: Train, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate, or its fall to 0 along a cosine."""
    cosine = keras.optimizers.schedules.CosineDecay
    return cosine(highest, steps) if training.schedule == "cosine" else highest
