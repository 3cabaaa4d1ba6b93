"""Run one case of the study of robustness: train it with every seed, and push its codes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from omegaconf import MISSING, DictConfig, OmegaConf
from rich.progress import track

from aae.dataset import Split, read_split
from aae.files import write_json
from aae.hard_checks import KnownLaw
from aae.recipe import Recipe
from aae.robustness import classes, pushed
from aae.stages.application import Application, selected, settings, stage
from aae.stages.train import import_tensorflow
from aae.study import Case, trained
from aae.verdict import NOT_DISTINGUISHED, Settings, judge

FOLDER = Path("studies/robustness")


@dataclass
class RobustnessRun(Application):
    """Which case."""

    case: str = MISSING


@stage(RobustnessRun)
def main(config: DictConfig) -> None:
    """Write studies/robustness/CASE.json."""
    study = settings(FOLDER / "params.yaml")
    chosen = study["cases"][config.case]
    base = {key: OmegaConf.to_container(config.params[key]) for key in ("model", "train")}
    recipe = Recipe.merged(base, config.case, {"train": chosen.get("train", {})})
    import_tensorflow()
    trials = []
    for seed in track(study["seeds"], description=config.case):
        rows = source(config.params, chosen, seed)
        judging = Settings(study["permutations"], seed=seed)
        trials.append(trial(rows, recipe, judging, chosen.get("radii", [])))
    write_json(FOLDER / f"{config.case}.json", {"trials": trials})
    print(f"robustness {config.case}: {len(trials)} trainings", file=sys.stderr)


class Source(NamedTuple):
    """Rows to learn from, fresh rows, and what a verdict may know of their law."""

    train: Split
    fresh: Split
    law: KnownLaw


def source(params: DictConfig, chosen: dict[str, Any], seed: int) -> Source:
    """Draw from a distribution of params.yaml, each seed its own rows; or read a table's."""
    if "table" in chosen:
        folder = Path("data") / chosen["table"]
        return Source(read_split(folder / "train"), read_split(folder / "test"), KnownLaw())
    parameters = selected(params, "distributions", chosen["distribution"])
    case = Case.of(parameters, chosen.get("law", {}))
    return Source(case.draw(case.rows, seed, 0), case.draw(case.rows, seed, 1), case.known)


def trial(rows: Source, recipe: Recipe, settings: Settings, radii: list[float]) -> dict[str, Any]:
    """Train and judge once."""
    model = trained(rows.train, recipe, settings.seed)
    train, fresh = np.array(rows.train.rows), np.array(rows.fresh.rows)
    made, codes = model.generate(len(fresh), np.random.default_rng([settings.seed, 2]))
    verdict = judge(fresh, made, settings, train=train, law=rows.law)
    return {
        "seed": settings.seed,
        "passed": verdict.verdict == NOT_DISTINGUISHED,
        "rejecting": [*verdict.rejecting, *verdict.failed],
        "classes": classes(model, codes, rows.fresh),
        "pushed": pushed(model, codes, fresh, train, radii),
    }


if __name__ == "__main__":
    main()
