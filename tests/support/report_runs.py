"""Runs as the other stages write them, with numbers of no meaning: what the report reads."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

MOMENTS = ("mean", "std", "skewness", "excess_kurtosis")
LEVELS = 100  # of quantiles


class Shape(NamedTuple):
    """A name's latent dimensions, columns and classes; with classes, its law is known, too."""

    latent: int
    columns: int
    classes: int


def outcome(rejects: bool) -> dict[str, Any]:
    keys = ("statistic", "p", "adjusted_p", "null_median", "null_q95", "effect")
    return dict.fromkeys(keys, 0.25) | {"rejects": rejects}


def verdict(passed: bool) -> dict[str, Any]:
    tests = {"energy": outcome(False), "classifier": outcome(not passed)}
    return {
        "verdict": "not distinguished" if passed else "different",
        "reason": "no test told them apart" if passed else "told apart by classifier",
        "rejecting": [] if passed else ["classifier"],
        "failed": [],
        "tests": tests,
        "errors": {},
        "rows": {"real": 30, "generated": 30, "train": 40},
        "columns": 7,
    }


def moments() -> dict[str, Any]:
    cells = {name: {"real": 1.0, "generated": 0.5, "null": [0.9, 1.1]} for name in MOMENTS}
    columns = {name: {"rms_difference": 0.1, "largest_difference": 0.2} for name in MOMENTS}
    return {"cells": cells, "columns": columns, "ks_cells": 0.1, "ks_columns_max": 0.2}


def closed_form() -> dict[str, Any]:
    cell = {"law": 1.0, "sample": 0.9, "standard_error": 0.1, "z": -1.0}
    column = {"largest_z": 3.0, "beyond_1.96": 0.05}
    return {"cells": dict.fromkeys(MOMENTS, cell), "columns": dict.fromkeys(MOMENTS, column)}


def modes(classes: int) -> dict[str, Any]:
    shares = [1 / classes] * classes
    names = [f"class_{i}" for i in range(classes)]
    null = [[share - 0.1, share + 0.1] for share in shares]
    return {"classes": names, "real": shares, "generated": shares, "null": null, "p": 0.5}


def differences(passed: bool) -> dict[str, Any]:
    column = {"name": "x1", "mean": [0, 1], "sd": [1, 2], "quantile": 0.5, "shift": 1.0}
    pair = {"names": ["x1", "x2"], "what": "correlation of x1 and x2", "p": 0.01}
    columns = [column | {"ks": 0.5, "p": 0.01}] * (not passed)
    pairs = [pair | {"correlation": [0.5, 0.1], "dependence": [0.6, 0.2]}] * (not passed)
    return {"columns": columns, "pairs": pairs, "of_columns": len(columns), "of_pairs": len(pairs)}


def metrics_of(shape: Shape, passed: bool) -> dict[str, Any]:
    errors = {"loss": 1.0, "loss_interval": [0.9, 1.1], "rmse": 0.5, "explained": 0.75}
    part = {"rows": 5, "reconstruction": errors, "moments": moments()}
    codes = {name: [0.0] * shape.latent for name in MOMENTS} | {"largest_correlation": 0.1}
    classes = shape.classes
    return verdict(passed) | {
        "diagnosis": "Nothing to explain.",
        "memorisation": {"reason": "fewer than 9 copies would go unseen"},
        "parts": {name: verdict(passed) for name in ("decoded_codes", "codes")},
        "differences": differences(passed),
        "moments": moments(),
        "reconstruction": errors,
        "denoising": [{"level": 0.1, "rmse": 0.5, "noisy_rmse": 0.1}],
        "latent": shape.latent,
        "codes": codes,
        "prior": codes,
        "closed_form": closed_form() if classes else None,
        "modes": modes(classes) if classes else None,
        "diversity": {"precision": 0.9, "coverage": 0.8} if classes else {},
        "components": {f"class_{i}": part for i in range(classes)},
        "out_of_distribution": {"held": part} if classes else {},
    }


def arrays_of(shape: Shape, passed: bool) -> dict[str, Any]:
    rng = np.random.default_rng(shape.columns)
    rows = rng.standard_normal((40, shape.columns)).astype(np.float32)
    edges = np.linspace(-3, 3, 61)
    density = np.histogram(rows, edges, density=True)[0]
    classes, few = shape.classes, min(shape.columns, 24)
    labels = np.arange(300) % classes if classes else np.full(300, -1)
    subsets = ["", *(f":class_{i}" for i in range(classes)), *[":held"] * bool(classes)]
    pictures = {
        "real": rows[:20],
        "generated": rows[20:],
        "edges": edges,
        "real_density": density,
        "generated_density": density[::-1],
        "codes": rng.standard_normal((300, shape.latent)),
        "code_labels": labels,
        "prior_codes": rng.standard_normal((300, shape.latent)),
        "quantiles": np.sort(rng.standard_normal((2, LEVELS))),
        "column_quantiles": np.sort(rng.standard_normal((2, int(not passed), LEVELS))),
        "pair_points": rng.standard_normal((2, int(not passed), 200, 2)),
        "correlations": rng.uniform(-1, 1, (2, few, few)),
        "neighbour_distances": np.sort(rng.uniform(1, 2, (2, LEVELS))),
    }
    examples = {
        f"{key}{name}": rng.standard_normal((5, shape.columns))
        for name in subsets
        for key in ("original", "reconstruction")
    }
    return pictures | examples | ({"law_density": density} if classes else {})


def history_of(adversary: bool, epochs: int = 12) -> list[dict[str, Any]]:
    keys = ["reconstruction", "decoder", "total"]
    keys += ["encoder", "latent_discriminator", "latent_accuracy"] * adversary
    losses = {f"{prefix}{key}": 2.5 for key in keys for prefix in ("", "val_")}
    return [
        {"epoch": i}
        | {key: value + i % 7 for key, value in losses.items()}
        | {f"{key}_gradient": "" if i % 10 else 1 for key in ("likelihood", "adversarial")}
        for i in range(epochs)
    ]


def write_history(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)


def write_run(place: Path, shape: Shape, changes: Mapping[str, Any], passed: bool) -> None:
    """Write what train and evaluate do of one run, at NAME/VARIANT/SEED."""
    run, model = Path("reports/runs") / place, Path("models") / place
    run.mkdir(parents=True)
    model.mkdir(parents=True)
    (run / "metrics.json").write_text(json.dumps(metrics_of(shape, passed)))
    np.savez(run / "pictures.npz", **arrays_of(shape, passed))
    (model / "summary.txt").write_text("Model: <encoder>\n Trainable params: 1,234 (4 KB)\n")
    (model / "generator.onnx").write_bytes(b"graph")
    settings = {"latent": shape.latent, "adversary": "latent", "likelihood": "residual"}
    recipe = {"model": settings | changes.get("model", {}), "train": changes.get("train", {})}
    recipe |= {"versions": {"Python": "3.11.2", "aae": "0.1.0"}}
    (model / "recipe.json").write_text(json.dumps(recipe))
    write_history(model / "history.csv", history_of("adversary" not in changes.get("model", {})))


def write_floor(place: Path) -> None:
    """Write what the stage floor does of one run."""
    path = Path("reports/floors") / f"{place}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"learned_from": 90} | verdict(False)))


def write_reference(name: str) -> None:
    reference = Path("reports/reference") / name / "metrics.json"
    reference.parent.mkdir(parents=True)
    control = verdict(True) | {
        "closed_form": closed_form(),
        "null_intervals": {"precision": [0.7, 0.9], "coverage": [0.9, 1.0]},
        "moments": moments(),
        "reconstruction": {"loss": 2.0, "rmse": 1.0, "explained": -1.0},
        "diversity": {"precision": 0.9, "coverage": 0.9},
    }
    content = {"control": control, "baselines": {"row_bootstrap": verdict(False)}}
    reference.write_text(json.dumps(content | {"explained": [0.1, 0.2]}))


def write_runs(
    names: Mapping[str, Shape], variants: Mapping[str, Any], verdicts: Mapping[int, bool]
) -> None:
    """Write all runs below the working folder; `verdicts` says of each seed whether it passes."""
    for name, shape in names.items():
        write_reference(name)
        for variant, changes in variants.items():
            for seed, passed in verdicts.items():
                write_run(Path(name) / variant / str(seed), shape, changes or {}, passed)
