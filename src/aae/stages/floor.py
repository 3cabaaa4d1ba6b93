"""Refit a model's recipe to the model's own rows: how much of a difference is estimation error?"""

import aae.base.one_thread  # noqa: F401

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from omegaconf import MISSING, DictConfig

from aae.base.files import read_json, write_json
from aae.base.stage import Application, stage
from aae.dataset.splits import read_split
from aae.evaluation.floor import floor, own_rows, summary
from aae.evaluation.samples import blocks
from aae.generator.graphs import TrainedModel
from aae.model.configuration import Model, Recipe, Train
from aae.model.run import run
from aae.verdict.judge import Settings

# Draws of noise, apart from those of `evaluate`: rows to learn from, fresh rows, the refit's.
OWN, FRESH, AGAIN = 10, 11, 12


@dataclass
class FloorRun(Application):
    """Which model's floor."""

    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(FloorRun)
def main(config: DictConfig) -> None:
    """Write reports/floors/NAME/VARIANT/SEED.json."""
    place = Path(config.name) / config.variant / str(config.seed)
    folder, data = Path("models") / place, Path("data") / config.name
    chosen = config.params.evaluate
    settings = Settings(chosen.permutations, chosen.alpha, chosen.seed, chosen.resolution)
    train, test = read_split(data / "train"), read_split(data / "test")
    written = read_json(folder / "recipe.json")
    recipe = Recipe(Model(**written["model"]), Train(**written["train"]))
    labelled = train.labels is not None and recipe.model.labels != "ignored"

    first, seeds = TrainedModel(folder), (settings.seed, config.seed)
    number, title = len(blocks(test, chosen.rows).judged.rows), f"floor of {place}"
    own = own_rows(first, len(train.rows), labelled, *seeds, OWN)
    fresh = own_rows(first, number, False, *seeds, FRESH)
    with tempfile.TemporaryDirectory() as temporary:
        refit = Path(temporary) / "model"
        run(refit, own, recipe, config.seed, title)
        again = own_rows(TrainedModel(refit), number, False, *seeds, AGAIN)
    verdict = floor(own, fresh.rows, again.rows, settings)
    write_json(Path("reports/floors") / f"{place}.json", summary(verdict, len(train.rows)))
    print(f"{title}: {verdict.reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
