"""Run one case of the study of modes: train it with every seed, beside simple methods."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from omegaconf import MISSING, DictConfig, OmegaConf
from rich.progress import track

from aae.dataset import Split, read_split
from aae.files import write_json
from aae.modes import clustering, semi_supervised
from aae.recipe import Recipe
from aae.stages.application import Application, settings, stage
from aae.stages.train import import_tensorflow
from aae.study import trained

FOLDER = Path("studies/modes")


@dataclass
class ModesRun(Application):
    """Which case."""

    case: str = MISSING


@stage(ModesRun)
def main(config: DictConfig) -> None:
    """Write studies/modes/CASE.json."""
    study = settings(FOLDER / "params.yaml")
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, config.case, study["cases"][config.case])
    data, held_out = (
        read_split(Path("data") / study["table"] / part) for part in ("train", "test")
    )
    import_tensorflow()
    trials = [
        {"seed": seed} | trial(data, held_out, recipe, seed)
        for seed in track(study["seeds"], description=config.case)
    ]
    write_json(FOLDER / f"{config.case}.json", {"trials": trials})
    print(f"modes {config.case}: {len(trials)} trainings", file=sys.stderr)


def trial(data: Split, held_out: Split, recipe: Recipe, seed: int) -> dict[str, float]:
    """Train once, and count errors."""
    from aae.training import halves

    model = trained(data, recipe, seed)
    if recipe.model.labels == "ignored":
        return clustering(model, data, held_out, recipe, seed)
    # As `aae.training.fit` chooses the rows whose labels it uses.
    training, _ = halves(len(data.rows), recipe.train, np.random.default_rng(seed))
    known = training[: recipe.model.labelled]
    assert data.labels is not None
    return semi_supervised(
        model, Split(data.rows[known], data.labels[known]), held_out, recipe, seed
    )


if __name__ == "__main__":
    main()
