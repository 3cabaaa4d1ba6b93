"""Numbers that go wrong: a run ends with finite results, or early and says which column or loss."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from faults.conftest import leftovers, small
from support.forked import run

MINE = "name=mine", "variant=default", "seed=0"
RUN = (
    ("stages.ingest", "name=mine"),
    ("stages.reference", "name=mine"),
    ("stages.train", *MINE),
    ("stages.evaluate", *MINE),
)
Rows = Callable[[np.random.Generator], np.ndarray]
TABLES: dict[str, Rows] = {
    "constant": lambda rng: np.full((120, 3), 7.0),
    "constant but for one cell": lambda rng: np.where(np.arange(360).reshape(120, 3) == 5, 1.0, 7),
    "no scale": lambda rng: 1e-42 * rng.normal(size=(120, 3)),
    "huge": lambda rng: 1e30 * rng.normal(size=(120, 3)),
    "at the end of float32": lambda rng: 3e38 * rng.choice([-1.0, 1.0], (120, 3)),
    "all scales": lambda rng: rng.normal(size=(120, 3)) * [1e-30, 1, 1e30],
    "no variance of its own": lambda rng: np.repeat(rng.normal(size=(120, 1)), 3, axis=1),
    "tails": lambda rng: rng.standard_cauchy((120, 3)) ** 3,
    "one outlier": lambda rng: np.vstack([rng.normal(size=(119, 3)), [[1e20, 0, 0]]]),
}
RECIPES: dict[str, dict[str, Any]] = {
    "a discriminator that does not learn": {"train": {"discriminator_learning_rate": 1e-9}},
    "a discriminator that is always right": {
        "model": {"adversary": "latent"},
        "train": {"discriminator_learning_rate": 1.0},
    },
    "nothing but the adversary": {
        "model": {"adversary": "latent", "information": 0.0},
        "train": {"adversary_weight": 1000},
    },
    "codes that tell nothing": {"model": {"information": 1e3}},
    "a step that explodes": {"train": {"learning_rate": 1.0, "schedule": "plateau"}},
}

# What a variant changes -> what the diagnosis has to say of it, and nothing of the others.
SAID = "is dead", "always wins", "have collapsed"
FREE: dict[str, Any] = {"likelihood": "residual", "posterior": "deterministic", "information": 0.0}
DEAD: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a discriminator that does not learn": (
        {"model": FREE, "train": {"discriminator_learning_rate": 1e-9}},
        {"is dead"},
    ),
    "a discriminator without an opponent": (
        {"model": FREE, "train": {"discriminator_learning_rate": 0.01, "adversary_weight": 0.0}},
        {"always wins"},
    ),
    "information that costs all": (
        {"model": {"likelihood": "residual", "information": 1000.0}},
        {"have collapsed"},
    ),
    "no likelihood": (
        {"model": {"likelihood": "residual"}, "train": {"reconstruction_weight": 0.0}},
        {"have collapsed"},
    ),
    "far more dimensions than needed": ({"model": {"likelihood": "residual", "latent": 20}}, set()),
    "nothing": ({"model": {"likelihood": "residual"}}, set()),
}


def finite(path: Path) -> Any:
    """Read JSON in which NaN and infinities are errors."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in {path}")

    return json.loads(path.read_text(), parse_constant=refuse)


def ends_well(project: Path, tally: Counter[str], named: str) -> None:
    """Run all stages of the table; the first that refuses has to say why."""
    tally["inputs tried"] += 1
    for words in RUN:
        end = run(project, *words)
        assert leftovers(project) == []
        if end.code != 0:
            last = end.output.strip().splitlines()[-1]
            assert end.code == 1 and "Traceback" not in end.output, end.output
            assert last.startswith("error: expected ") and named in last, end.output
            return
    metrics = finite(project / "reports/runs/mine/default/0/metrics.json")
    assert metrics["verdict"] in ("different", "not distinguished", "underpowered", "error")
    finite(project / "reports/reference/mine/metrics.json")


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_extreme_numbers(kind: str, tmp_path: Path, tally: Counter[str]) -> None:
    write(tmp_path, TABLES[kind](np.random.default_rng(16)), {})
    ends_well(tmp_path / "project", tally, "column")


@pytest.mark.parametrize("kind", RECIPES)
def test_trainings_that_go_wrong(kind: str, tmp_path: Path, tally: Counter[str]) -> None:
    write(tmp_path, np.random.default_rng(16).normal(size=(120, 3)), RECIPES[kind])
    ends_well(tmp_path / "project", tally, "a finite loss")


@pytest.fixture(scope="module")
def dying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows that are one number repeated, which a code has to tell."""
    project = tmp_path_factory.mktemp("dying") / "project"
    project.mkdir()
    params = small()
    law = {"kind": "normal", "mean": 0.0, "rho": 1.0, "seed": 3}
    params["distributions"] = {"normal": law | {"rows": 600, "test_rows": 1000, "columns": 6}}
    params["train"] |= {"epochs": 60, "batch_size": 60}
    params["evaluate"] |= {"rows": 400}
    params |= {
        "names": ["normal"],
        "variants": {f"v{i}": v for i, (v, _) in enumerate(DEAD.values())},
    }
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    for stage in ("generate", "reference"):
        assert run(project, f"stages.{stage}", "name=normal").code == 0
    return project


@pytest.mark.parametrize("place", range(len(DEAD)), ids=list(DEAD))
def test_what_died_in_training_is_named(place: int, dying: Path, tally: Counter[str]) -> None:
    _, wanted = [*DEAD.values()][place]
    for stage in ("train", "evaluate"):
        end = run(dying, f"stages.{stage}", "name=normal", f"variant=v{place}", "seed=0")
        assert end.code == 0, end.output
    metrics = finite(dying / f"reports/runs/normal/v{place}/0/metrics.json")
    assert {said for said in SAID if said in metrics["diagnosis"]} == wanted, metrics["diagnosis"]
    lines = [line for line in end.output.splitlines() if any(said in line for said in SAID)]
    assert len(lines) == len(wanted) and all("train." in line for line in lines)
    tally["inputs tried"] += 1


def write(folder: Path, rows: np.ndarray, changes: dict[str, Any]) -> None:
    """A project with a table and what a variant changes."""
    raw = folder / "project/data/raw"
    raw.mkdir(parents=True)
    np.save(raw / "mine.npy", rows)
    params = small()
    params["tables"]["mine"] |= {"path": "data/raw/mine.npy", "label": None}
    params["train"] |= {"epochs": 6, "steps": 60}
    params |= {"names": ["mine"], "variants": {"default": changes}}
    (folder / "project/params.yaml").write_text(yaml.safe_dump(params))
