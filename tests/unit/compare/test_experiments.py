"""What `make experiments` prints: any width, no word broken, a verdict of what has run alone."""

import io
from typing import Any

import pytest
from rich.console import Console

from aae.compare.experiments import NONE, layout

METRICS = {"passed": 12, "underpowered": 1, "different": 11, "auc": {"default": 0.516}}
PARAMS: dict[str, Any] = {
    "names": ["uniform", "digits"],
    "model": {"latent": 2, "encoder": [64, 32]},
    "variants": {"default": {}, "article": {"train": {"discriminator_learning_rate": 0.001}}},
}
LONG = "variants.article.train.discriminator_learning_rate"


def state(metrics: Any = METRICS, **params: Any) -> dict[str, Any]:
    """A commit or an experiment, as DVC has it."""
    held = {
        "metrics": {"reports/metrics.json": {"data": metrics}},
        "params": {"params.yaml": {"data": PARAMS | params}},
    }
    return {"rev": "0123456789", "name": None, "data": held, "experiments": None}


def experiment(name: str, found: dict[str, Any], word: str | None = None) -> dict[str, Any]:
    return {"name": name, "revs": [found], "executor": word and {"state": word}}


EXPERIMENTS = [
    experiment("sweep-0123456789", state(model={"latent": 8, "encoder": [32]})),
    experiment("tawny-pods", state(names=["uniform"]), "success"),
    experiment("other", state(variants={"article": {"train": {LONG.split(".")[-1]: 3e-4}}})),
    experiment("queued", state(), "queued"),
    experiment("broken", {"rev": "9876543210", "data": None}),
]


def printed(width: int, *experiments: dict[str, Any]) -> list[str]:
    file = io.StringIO()
    shown = layout(state() | {"name": "main", "experiments": [*experiments]})
    Console(file=file, width=width).print(shown)
    return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_any_width_holds_every_word(width: int) -> None:
    lines = printed(width, *EXPERIMENTS)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert {*words} >= {each["name"] for each in EXPERIMENTS} | {f"{LONG}=0.0003"}


def test_each_says_what_it_has_changed_and_its_verdicts() -> None:
    said = "    12 not distinguished, 1 underpowered, 11 different; mean AUC: default 0.52"
    assert printed(200, *EXPERIMENTS) == [
        *("main", said),
        *("sweep-0123456789 model.latent=8 model.encoder=[32]", said),
        *("tawny-pods names=[uniform]", said),
        *(f"other {LONG}=0.0003", said),
        *("queued", "    no verdicts: queued"),
        *("broken", "    no verdicts"),
    ]


def test_without_experiments_it_says_what_makes_them() -> None:
    assert printed(200)[-1] == NONE
