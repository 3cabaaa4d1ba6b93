"""The same training gives the same bytes, however busy the machine is."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf
from support import small_models as small

from aae.dataset.splits import Split
from aae.model.autoencoder import AAE
from aae.model.configuration import Model, Train
from aae.model.objective import Data
from aae.model.runtime import reproducible
from aae.model.trainer import Trainer
from aae.model.training import tensors

pytestmark = pytest.mark.usefixtures("tensorflow")

PIXELS, ROWS, BATCH = 784, 4000, 200


@pytest.fixture
def busy() -> Iterator[None]:
    """Another process that never waits."""
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    hog.kill()
    hog.wait()


def images() -> Split:
    """Ten kinds of images, each pixel of its own brightness: no columns share parameters."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=ROWS)
    lit = (rng.uniform(size=(10, PIXELS)) > 0.6)[labels] + 0.1 * rng.normal(size=(ROWS, PIXELS))
    return Split((lit * rng.uniform(0.2, 1, size=PIXELS)).astype("f4"), labels)


@pytest.mark.usefixtures("busy")
def test_steps_of_200_images_repeat_on_a_busy_machine() -> None:
    """With TensorFlow's graph optimizer, three results in four."""
    model, data = AAE(np.arange(PIXELS), 10, Model(likelihood="residual")), images()
    model.units.adapt(data.rows, gridded=False)
    rows, steps = tensors(model, data), ROWS // BATCH
    trainer = Trainer(model, Train(batch_size=BATCH), 2 * steps, 0)
    order = np.random.default_rng(1).permutation(ROWS).reshape(steps, BATCH)
    hashes = set()
    for _ in range(6):
        trainer.restart()
        for epoch in range(2):
            trainer.epoch(rows, tf.constant(order, tf.int32), tf.constant(epoch * steps))
        state = b"".join(variable.numpy().tobytes() for variable, _ in trainer.initial)
        hashes.add(hashlib.md5(state).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_without_a_gpu_nothing_is_tried_or_printed(
    device: str, capfd: pytest.CaptureFixture[str]
) -> None:
    reproducible(0, device)
    assert not tf.config.get_visible_devices("GPU")
    assert capfd.readouterr() == ("", "")


def test_graphs_run_as_they_are_written() -> None:
    assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]


@pytest.mark.parametrize("mode", ["default", "clusters", "classifier", "gaussian"])
def test_no_sum_of_three_has_an_order_to_choose(mode: str) -> None:
    """AddN starts with whichever of its terms has a buffer to spare; of two it does not matter."""
    model = small.model(**small.MODES[mode])
    trainer, batch = Trainer(model, Train(batch_size=16), 4, 0), small.batch(model, 64)
    data = Data(*batch[:-1])
    order = tf.reshape(tf.range(64), (4, 16))
    for function, given in (
        (trainer.epoch, (data, order, tf.constant(0))),
        (trainer.gradient_norms, (data,)),
    ):
        graph = function.get_concrete_function(*given).graph.as_graph_def()
        nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
        terms = [node.attr["N"].i for node in nodes if node.op == "AddN"]
        assert terms and max(terms) == 2
