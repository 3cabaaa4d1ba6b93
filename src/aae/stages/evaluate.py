"""Judge one trained model against real rows that it has not seen."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import MISSING, DictConfig, OmegaConf

from aae.base.files import read_json, replacing, write_json
from aae.base.settings import check_keys
from aae.base.stage import Application, stage
from aae.dataset.splits import read_law, read_split
from aae.evaluation.codes import code_moments
from aae.evaluation.contrasts import contrasts, law_density, named_differences
from aae.evaluation.coverage import modes, spread
from aae.evaluation.diagnosis import diagnosis
from aae.evaluation.faults import Training, faults
from aae.evaluation.moments import moments
from aae.evaluation.pictures import pictures
from aae.evaluation.reconstruction import alone, denoising, errors
from aae.evaluation.samples import (
    SUBSET_ROWS,
    blocks,
    by_class,
    first_rows,
    generate,
    part,
)
from aae.evaluation.settings import Evaluate
from aae.evaluation.verdicts import Known, known_law, verdicts
from aae.generator.graphs import TrainedModel
from aae.verdict.closed_form import against_law


@dataclass
class EvaluateRun(Application):
    """Which model to judge."""

    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(EvaluateRun)
def main(config: DictConfig) -> None:
    """Write reports/runs/NAME/VARIANT/SEED/: metrics.json and pictures.npz."""
    chosen: Any = OmegaConf.to_container(config.params.evaluate)
    check_keys(Evaluate, chosen, "evaluate")
    settings = Evaluate(**chosen)
    run = Path(config.name) / config.variant / str(config.seed)
    trained = Path("models") / run
    model, training = TrainedModel(trained), Training.read(trained)
    law, data = read_law(config.name), Path("data") / config.name
    train, test = first_rows(read_split(data / "train")), read_split(data / "test")
    others = {each.name: read_split(each) for each in sorted((data / "test").glob("held_out/*"))}
    held_out = {name: part(each, slice(SUBSET_ROWS)) for name, each in others.items()}
    components = by_class(test, law["classes"])

    real = blocks(test, settings.rows)
    made = generate(model, real.encoded.rows, settings.seed, config.seed)
    power = read_json(Path("reports/reference") / config.name / "power.json")
    known = Known(train.rows, known_law(law), power)
    judged = verdicts(made, real, known, settings)
    wrong = faults(model, training, judged, made, real, train.rows)
    generated = judged.pop("generated")
    sides = real.judged.rows, made.rows
    few = settings.settings(settings.part_permutations)
    named = named_differences(*sides, few, generated.rejecting)

    metrics = generated.to_dict() | {
        "diagnosis": " ".join([diagnosis(generated, judged, made, real), *wrong]),
        "parts": {part: verdict.to_dict() for part, verdict in judged.items()},
        "differences": named,
        "moments": moments(real.judged.rows, made.rows, settings.resolution),
        "closed_form": against_law(made.rows, law),
        "reconstruction": errors(real.encoded.rows, made.mean),
        "denoising": denoising(real.encoded.rows, model.reconstruct, settings),
        "latent": model.latent,
        "codes": code_moments(made.codes),
        "prior": code_moments(made.prior),
        "diversity": spread(real.judged.rows, made.rows, settings.seed),
        "modes": modes(real.judged, made.rows, train, law["classes"], settings),
        "components": alone(model, components, settings),
        "out_of_distribution": alone(model, held_out, settings),
    }
    folder = Path("reports/runs") / run
    write_json(folder / "metrics.json", metrics)
    with replacing(folder / "pictures.npz") as temporary, temporary.open("wb") as file:
        arrays: dict[str, Any] = dict(pictures(model, made, real, components | held_out))
        arrays |= contrasts(*sides, train.rows, named, settings.seed)
        arrays |= law_density(law, arrays["edges"])
        np.savez(file, **arrays)
    print("\n".join(f"{run}: {each}" for each in [generated.reason, *wrong]), file=sys.stderr)


if __name__ == "__main__":
    main()
