"""`make bench`: the speed of an epoch, of sampling, and of the stages, measured on this machine."""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aae.model.configuration import Model, Train
from aae.model.runtime import import_tensorflow, reproducible

ROWS, COLUMNS = 1000, 784  # the article's sizes
RUN = Path("models/uniform/default/0")


def main() -> None:
    """Print a line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="epochs timed")
    parser.add_argument("--rows", type=int, default=200_000, help="rows drawn")
    options = parser.parse_args()
    if not RUN.exists():
        sys.exit(f"error: expected a trained model in {RUN}, got none; run `make reproduce` first")
    # First: a process is said to have used at least the memory of the one that started it.
    print(sampling_time(options.rows))
    for stage in ("evaluate", "reference"):
        print(stage_time(stage))
    article = Model(
        likelihood="mse", posterior="deterministic", information=0, labels="ignored", clusters=1
    )
    for variant, settings in {"article": article, "default": Model(likelihood="residual")}.items():
        epoch, products = epoch_times(settings, options.repeats)
        print(
            f"epoch of {ROWS} x {COLUMNS}, {variant}: {epoch * 1e3:.1f} ms, matrix products alone "
            f"{products * 1e3:.1f} ms, ratio {epoch / products:.2f}"
        )


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
    training = Train(batch_size=128)
    tied = settings.likelihood == "residual"
    model = AAE(np.zeros(COLUMNS, np.int64) if tied else np.arange(COLUMNS), 0, settings)
    steps = ROWS // training.batch_size
    trainer = Trainer(model, training, steps, 0)
    rows = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype(np.float32)
    data = tensors(model, Split(rows, None))
    order = tf.reshape(tf.range(steps * training.batch_size), (steps, -1))
    products = matrix_products(product_shapes(model, training.batch_size), steps)
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
    """Median seconds of two functions called in turn, after a first call of each."""
    times: list[tuple[float, float]] = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        one()
        between = time.perf_counter()
        other()
        times.append((between - started, time.perf_counter() - between))
    first, second = zip(*times[1:], strict=True)
    return statistics.median(first), statistics.median(second)


def stage_time(stage: str) -> str:
    """Time and peak memory of one stage on a name that has been reproduced."""
    selection = {
        "reference": ["name=uniform"],
        "evaluate": ["name=uniform", "variant=default", "seed=0"],
    }
    seconds, peak = used_by([sys.executable, "-m", f"aae.stages.{stage}", *selection[stage]])
    return f"{stage} uniform: {seconds:.1f} s on one core, peak {peak:.0f} MiB"


def sampling_time(rows: int) -> str:
    """Rows a second that `aae sample` writes, its start included, and its peak memory."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "rows.npy"
        seconds, peak = used_by(["aae", "sample", str(RUN), "--rows", str(rows), "--out", str(out)])
    return (
        f"sample {rows} x {COLUMNS} to NPY: {rows / seconds:.0f} rows/s on one core, "
        f"peak {peak:.0f} MiB"
    )


def used_by(command: list[str]) -> tuple[float, float]:
    """Processor seconds, user's and system's, and the largest memory in MiB of all commands yet."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 2**10


if __name__ == "__main__":
    main()
