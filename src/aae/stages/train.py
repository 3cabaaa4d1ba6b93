"""Train one model variant on the training rows of one name, and export it."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import MISSING, DictConfig, OmegaConf

from aae.base.checks import at_least
from aae.base.files import replacing, write_json
from aae.base.stage import Application, selected, stage
from aae.dataset.splits import read_split
from aae.model.configuration import Recipe
from aae.model.runtime import import_tensorflow, reproducible


@dataclass
class TrainRun(Application):
    """Which model to train: data, variant and seed."""

    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(TrainRun)
def main(config: DictConfig) -> None:
    """Write models/NAME/VARIANT/SEED/: weights, ONNX graphs, history, recipe, checksums."""
    at_least(0).check("seed", config.seed)
    changes = selected(config.params, "variants", config.variant)
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, config.variant, changes)
    data = read_split(Path("data") / config.name / "train")
    import_tensorflow()

    from aae.model.autoencoder import summary
    from aae.model.export import export, write_weights
    from aae.model.history import History
    from aae.model.training import build, fit, labelled_rows

    reproducible(config.seed)
    model = build(data, recipe.model, config.seed, recipe.train.label_noise)
    run = Path("models") / config.name / config.variant / str(config.seed)
    with replacing(run) as folder:
        folder.mkdir()
        title = f"{config.name} {config.variant} {config.seed}"
        epochs = recipe.train.epochs * len(model.choices)
        with History(folder, title, epochs) as history:
            history.kept = fit(model, data, recipe.train, config.seed, history.log)
        write_weights(model, folder / "weights.weights.h5")
        (folder / "summary.txt").write_text(summary(model))
        rows = labelled_rows(len(data.rows), recipe, config.seed)
        # With `vars`, a setting that is only written down does not count as one that is read.
        sections = {"model": vars(recipe.model), "train": vars(recipe.train)}
        write_json(folder / "recipe.json", sections | {"labelled_rows": rows})
        export(model, folder)
    print(f"{title}: {history.conclusion()}", file=sys.stderr)


if __name__ == "__main__":
    main()
