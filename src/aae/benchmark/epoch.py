"""An epoch of training against its matrix products alone.

`python -m aae.benchmark.epoch VARIANT` prints both in seconds, as JSON.
"""

import aae.base.one_thread  # noqa: F401

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from aae.model.configuration import Model, Train
from aae.model.runtime import import_tensorflow, reproducible

ROWS, COLUMNS, BATCH = 1000, 784, 128  # the article's sizes
REPEATS = 30  # epochs timed
VARIANTS = {
    "article": Model(
        likelihood="mse", posterior="deterministic", information=0, labels="ignored", clusters=1
    ),
    "default": Model(likelihood="residual"),
}


def main() -> None:
    """Print the times of the variant in the arguments."""
    epoch, products = epoch_times(VARIANTS[sys.argv[1]], REPEATS)
    print(json.dumps({"epoch": epoch, "products": products}))


def epoch_times(settings: Model, repeats: int) -> tuple[float, float]:
    """Median seconds of one epoch and of its matrix products, timed in turn, one thread each."""
    import_tensorflow()
    import numpy as np
    import tensorflow as tf

    from aae.dataset.splits import Split
    from aae.model.autoencoder import AAE
    from aae.model.trainer import Trainer
    from aae.model.training import tensors

    reproducible(0)
    training = Train(batch_size=BATCH)
    tied = settings.likelihood == "residual"
    model = AAE(np.zeros(COLUMNS, np.int64) if tied else np.arange(COLUMNS), 0, settings)
    steps = ROWS // BATCH
    trainer = Trainer(model, training, steps, 0)
    rows = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype(np.float32)
    data = tensors(model, Split(rows, None))
    order = tf.reshape(tf.range(steps * BATCH), (steps, -1))
    products = matrix_products(product_shapes(model, BATCH), steps)
    return in_turn(
        lambda: trainer.epoch(data, order, tf.constant(0))["total"].numpy(),
        lambda: products().numpy(),
        repeats,
    )


def product_shapes(model: Any, batch: int) -> list[tuple[int, int, int]]:
    """(m, k, n) of every product of one step: forward, by weights and by inputs, each layer.

    The encoder's first layer needs no gradient by its inputs. A discriminator sees real
    and generated rows.
    """
    shapes = []
    for network, times in [(model.encoder, 1), (model.decoder, 1)] + [
        (each, 2) for each in model.discriminators.values()
    ]:
        for place, weight in enumerate(w for w in network.trainable_variables if len(w.shape) == 2):
            k, n = weight.shape
            forward, by_weights, by_inputs = (batch, k, n), (k, batch, n), (batch, n, k)
            shapes += times * [forward, by_weights]
            if network is not model.encoder or place:
                shapes.append(by_inputs)
    return shapes


def matrix_products(shapes: Sequence[tuple[int, int, int]], steps: int) -> Callable[[], Any]:
    """Compile all products of an epoch, and nothing else."""
    import tensorflow as tf

    operands = [
        (tf.random.normal((m, k)), tf.random.normal((k, n)))
        for m, k, n in shapes
        for _ in range(steps)
    ]

    @tf.function(autograph=False)
    def run() -> tf.Tensor:
        # One element of each product keeps it from being optimised away.
        return tf.add_n([(left @ right)[0, 0] for left, right in operands])

    compiled: Callable[[], Any] = run
    return compiled


def in_turn(
    one: Callable[[], object], other: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """Median processor seconds of two functions called in turn, after a first call of each."""
    times: list[tuple[float, float]] = []
    for _ in range(repeats + 1):
        started = time.process_time()
        one()
        between = time.process_time()
        other()
        times.append((between - started, time.process_time() - between))
    first, second = zip(*times[1:], strict=True)
    return statistics.median(first), statistics.median(second)


if __name__ == "__main__":
    main()
