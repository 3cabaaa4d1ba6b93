"""TensorFlow as `train` uses it: quiet, deterministic, on one thread."""

import os
import platform
import sys
from importlib.metadata import version

# Keras imports them where they are installed, in a third of all its time; nothing here uses that.
UNUSED = "sklearn", "matplotlib", "pandas"


def import_tensorflow() -> None:
    """Import TensorFlow without its messages; some of the start-up ones no setting turns off."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its rounding depends on the processor
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow

        tensorflow.get_logger().setLevel("ERROR")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        for name in hidden:
            del sys.modules[name]


def reproducible(seed: int, device: str = "auto") -> None:
    """Seed TensorFlow, use deterministic kernels and one thread: same inputs, same bytes.

    Graphs run as they are written. The meta-optimizer rewrites sums such that the order of their
    terms depends on how long other work took: steps of 200 rows x 784 columns then differ in the
    last bits from run to run.

    Args:
        seed: of weights.
        device: `cpu` hides any GPU, `auto` leaves the choice to TensorFlow.
    """
    import keras
    import tensorflow as tf

    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    keras.utils.set_random_seed(seed)


def versions() -> dict[str, str]:
    """Versions that a training's bytes depend on, to be kept beside its weights."""
    import numpy
    import tensorflow

    return {
        "Python": platform.python_version(),
        "TensorFlow": tensorflow.__version__,
        "NumPy": numpy.__version__,
        "aae": version("aae"),
    }
