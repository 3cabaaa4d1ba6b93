"""The article's training, made to work and otherwise left as it is: `fit`, run eagerly.

The reference that `make bench` measures epochs against. Networks, losses and optimizer are those of
the variant `article`; the article's class has no adversary, and `compile` no loss. It prints the
seconds of an epoch, as JSON.
"""

import aae.base.one_thread  # noqa: F401

import json
import statistics
import time
from typing import Any

from aae.benchmark.epoch import BATCH, COLUMNS, ROWS
from aae.model.runtime import import_tensorflow

EPOCHS = 5  # timed, after a first one
LATENT, WEIGHT = 2, 0.5  # of the code; lambda of L_T = lambda L_R + (1 - lambda) L_C


def main() -> None:
    """Print the median time of an epoch of as many steps as those of `epoch`."""
    import numpy as np

    steps = ROWS // BATCH
    rows = np.random.default_rng(0).normal(size=(steps * BATCH, COLUMNS)).astype(np.float32)
    print(json.dumps({"epoch": statistics.median(epochs(rows, EPOCHS + 1)[1:])}))


def epochs(rows: Any, number: int) -> list[float]:
    """Processor seconds of each epoch of training on rows of shape (rows, columns)."""
    import_tensorflow()
    import keras

    ends: list[float] = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: ends.append(time.process_time()),
        on_epoch_end=lambda epoch, logs: ends.append(time.process_time()),
    )
    model = article_model(rows.shape[1])
    model.fit(rows, epochs=number, batch_size=BATCH, verbose=0, callbacks=[watch])
    return [end - begin for begin, end in zip(ends[::2], ends[1::2], strict=True)]


def article_model(columns: int) -> Any:
    """The article's networks with the adversary on the codes that it speaks of, compiled."""
    import keras
    import tensorflow as tf
    from keras import layers

    def network(*widths: int) -> Any:
        hidden = [layers.Dense(width, activation="relu") for width in widths[:-1]]
        return keras.Sequential([*hidden, layers.Dense(widths[-1])])

    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    class ArticleAAE(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = network(64, 32, LATENT)
            self.decoder = network(32, 64, columns)
            self.discriminator = network(64, 32, 1)
            self.adversary_optimizer = keras.optimizers.Adam(1e-3)
            names = "total_loss", "reconstruction_loss", "encoder_loss", "discriminator_loss"
            self.means = [keras.metrics.Mean(name=name) for name in names]

        @property
        def metrics(self) -> list[Any]:
            return self.means

        def train_step(self, rows: Any) -> dict[str, Any]:
            prior = tf.random.normal((len(rows), LATENT))
            with tf.GradientTape(persistent=True) as tape:
                codes = self.encoder(rows)
                errors = tf.reduce_sum((rows - self.decoder(codes)) ** 2, axis=1)
                reconstruction = tf.reduce_mean(errors) / 2
                generated, real = self.discriminator(codes), self.discriminator(prior)
                zeros, ones = tf.zeros_like(real), tf.ones_like(real)
                adversary = cross_entropy(ones, generated)
                opposed = cross_entropy(ones, real) + cross_entropy(zeros, generated)
                total = WEIGHT * reconstruction + (1 - WEIGHT) * adversary
            weights = self.encoder.trainable_variables + self.decoder.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(total, weights), weights, strict=True))
            weights = self.discriminator.trainable_variables
            gradients = tape.gradient(opposed, weights)
            self.adversary_optimizer.apply_gradients(zip(gradients, weights, strict=True))
            for mean, loss in zip(
                self.means, (total, reconstruction, adversary, opposed), strict=True
            ):
                mean.update_state(loss)
            return {mean.name: mean.result() for mean in self.means}

    model = ArticleAAE()
    model.compile(optimizer=keras.optimizers.Adam(1e-3), run_eagerly=True)
    return model


if __name__ == "__main__":
    main()
