"""Train one model variant on the training rows of one name, and export it."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import MISSING, DictConfig, OmegaConf

from aae.base.stage import Application, selected, stage
from aae.dataset.splits import read_split
from aae.model.configuration import Recipe
from aae.model.run import run


@dataclass
class TrainRun(Application):
    """Which model to train: data, variant and seed."""

    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(TrainRun)
def main(config: DictConfig) -> None:
    """Write models/NAME/VARIANT/SEED/: weights, ONNX graphs, history, recipe, checksums."""
    changes = selected(config.params, "variants", config.variant)
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, config.variant, changes)
    data = read_split(Path("data") / config.name / "train")
    folder = Path("models") / config.name / config.variant / str(config.seed)
    title = f"{config.name} {config.variant} {config.seed}"
    print(f"{title}: {run(folder, data, recipe, config.seed, title)}", file=sys.stderr)


if __name__ == "__main__":
    main()
