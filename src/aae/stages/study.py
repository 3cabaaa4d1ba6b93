"""Run one case of a study: train and judge all of its variants with all of its seeds."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf
from rich.progress import Progress

from aae.files import write_json
from aae.recipe import Recipe
from aae.stages.application import Application, selected, settings, stage
from aae.stages.train import import_tensorflow
from aae.study import Case, Design, trials

FOLDER = Path("studies")


@dataclass
class StudyRun(Application):
    """Which case of which study."""

    study: str = MISSING
    case: str = MISSING


@stage(StudyRun)
def main(config: DictConfig) -> None:
    """Write studies/STUDY/CASE.json."""
    studies = settings(FOLDER / "params.yaml")
    chosen, design = studies["cases"][config.case], Design(**studies[config.study])
    case = Case.of(
        selected(config.params, "distributions", chosen["distribution"]), chosen.get("law", {})
    )
    base: dict[str, Any] = {
        key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")
    }
    recipes = {name: recipe(base, name, chosen.get("model", {})) for name in design.variants}
    import_tensorflow()
    records = []
    total = len(design.seeds) * (1 + len(recipes))
    with Progress() as progress:
        task = progress.add_task(f"{config.study} {config.case}", total=total)
        for record in trials(case, recipes, design):
            records.append(record)
            progress.advance(task)
    write_json(FOLDER / config.study / f"{config.case}.json", {"trials": records})
    print(f"{config.study} {config.case}: {len(records)} trials", file=sys.stderr)


def recipe(base: dict[str, Any], variant: str, case: dict[str, Any]) -> Recipe:
    """A variant's file over the recipe, under what the case changes."""
    changes = settings(Path("conf/variants") / f"{variant}.yaml")["variants"][variant]
    model = {**changes.get("model", {}), **case}
    return Recipe.merged(base, variant, changes | {"model": model})


if __name__ == "__main__":
    main()
