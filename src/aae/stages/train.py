"""Train one model variant on the training rows of one name, and export it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import MISSING, DictConfig, OmegaConf

from aae.checks import expect_at_least
from aae.dataset import read_split
from aae.files import replacing
from aae.recipe import Recipe
from aae.stages.application import Application, selected, stage


@dataclass
class TrainRun(Application):
    """Which model to train: data, variant and seed."""

    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(TrainRun)
def main(config: DictConfig) -> None:
    """Write models/NAME/VARIANT/SEED/: weights, ONNX graphs, history and architecture."""
    expect_at_least("seed", config.seed, 0)
    changes = selected(config.params, "variants", config.variant)
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, config.variant, changes)
    data = read_split(Path("data") / config.name / "train")
    import_tensorflow()

    from aae.export import export
    from aae.history import History
    from aae.model import summary
    from aae.training import build, fit

    reproducible(config.seed)
    model = build(data, recipe.model)
    run = Path("models") / config.name / config.variant / str(config.seed)
    with replacing(run) as folder:
        folder.mkdir()
        title = f"{config.name} {config.variant} {config.seed}"
        epochs = recipe.train.epochs * len(model.choices)
        with History(folder, title, epochs) as history:
            history.kept = fit(model, data, recipe.train, config.seed, history.log)
        model.save_weights(folder / "weights.weights.h5")
        (folder / "summary.txt").write_text(summary(model))
        export(model, folder)
    print(f"{title}: {history.conclusion()}", file=sys.stderr)


def import_tensorflow() -> None:
    """Import TensorFlow without its messages; some of the start-up ones no setting turns off."""
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


def reproducible(seed: int) -> None:
    """Seed TensorFlow, use deterministic kernels and one thread: same inputs, same bytes."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


if __name__ == "__main__":
    main()
