"""Train the default recipe on the table of images with every seed, and measure it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from rich.progress import track

from aae.dataset import Split
from aae.digit_images import write_images
from aae.files import write_json
from aae.images import measured
from aae.recipe import Recipe
from aae.stages.application import Application, settings, stage
from aae.stages.train import import_tensorflow
from aae.study import trained
from aae.tables import TableSource, read_table, split

FOLDER = Path("studies/images")
TABLE = Path("conf/tables/images.yaml")


@dataclass
class ImagesRun(Application):
    """Nothing is chosen."""


@stage(ImagesRun)
def main(config: DictConfig) -> None:
    """Write data/raw/images.parquet and studies/images/trials.json."""
    write_images()
    study = settings(FOLDER / "params.yaml")
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, "default", {})
    train, test = sides()
    import_tensorflow()
    trials = []
    for seed in track(study["seeds"], description="images"):
        model = trained(train, recipe, seed)
        trials.append({"seed": seed} | measured(model, train.rows, test.rows, seed))
    write_json(FOLDER / "trials.json", {"trials": trials})
    print(f"images: {len(trials)} trainings", file=sys.stderr)


def sides() -> list[Split]:
    """Training and test rows, as the ingest stage makes them."""
    source = TableSource(**settings(TABLE)["tables"]["images"])
    table = read_table(Path(source.path), source.label, source.group)
    parts = split(len(table.rows), source.test_share, source.seed, table.groups)
    assert table.labels is not None
    return [Split(table.rows[part], table.labels[part]) for part in parts]


if __name__ == "__main__":
    main()
