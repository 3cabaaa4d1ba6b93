"""A variant is the base recipe with its differences, checked."""

import math
from dataclasses import asdict, replace
from typing import Any

import pytest

from aae.recipe import ADVERSARIES, LIKELIHOODS, Model, Recipe, Train

BASE: dict[str, dict[str, Any]] = {"model": asdict(Model()), "train": asdict(Train())}
OTHERS: dict[str, dict[str, Any]] = {
    "model": {
        "latent": 5,
        "encoder": [3],
        "decoder": [],
        "discriminator": [2, 2],
        "adversary": "both",
        "likelihood": "mse",
        "classifier": False,
    },
    "train": {
        "epochs": 1,
        "batch_size": 1,
        "learning_rate": 0.5,
        "reconstruction_weight": 0.0,
        "validation_split": 0.9,
        "patience": 1,
        "plateau_patience": 1,
        "plateau_factor": 0.9,
        "min_learning_rate": 0.3,
    },
}
CASES = [(section, key) for section, values in OTHERS.items() for key in values]


def test_no_difference_is_the_base() -> None:
    assert Recipe.merged(BASE, "default", {}) == Recipe(Model(), Train())
    assert Recipe.merged(BASE, "default", {"model": None}) == Recipe(Model(), Train())


def test_every_field_is_covered_here() -> None:
    assert {section: set(values) for section, values in OTHERS.items()} == {
        section: set(values) for section, values in BASE.items()
    }


@pytest.mark.parametrize(("section", "key"), CASES)
def test_a_difference_changes_one_field(section: str, key: str) -> None:
    value = OTHERS[section][key]
    recipe = Recipe.merged(BASE, "mine", {section: {key: value}})
    wanted = replace(getattr(Recipe(Model(), Train()), section), **{key: value})
    assert recipe == replace(Recipe(Model(), Train()), **{section: wanted})


def test_merging_leaves_its_arguments() -> None:
    before = repr(BASE)
    Recipe.merged(BASE, "mine", OTHERS)
    assert repr(BASE) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluate": {}}, "expected variants.mine's section to be one of model, train"),
        ({"model": {"epochs": 1}}, "expected variants.mine.model's key to be one of latent"),
        ({"train": {"epochs": 0}}, "expected train.epochs to be a whole number >= 1, got 0"),
    ],
)
def test_unknown_keys_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Recipe.merged(BASE, "mine", changes)
    assert str(caught.value).startswith(message)


BAD: dict[str, tuple[Any, ...]] = {
    "latent": (0, -1, 2.0, True, "2"),
    "encoder": ([0], [1.5], "64", 64),
    "decoder": ([-1], None),
    "discriminator": ([[1]],),
    "adversary": ("all", "", None),
    "likelihood": ("MSE", None),
    "classifier": (1, "true", None),
    "epochs": (0, 1.5, True),
    "batch_size": (0, "128"),
    "patience": (0,),
    "plateau_patience": (0,),
    "learning_rate": (0.0, -1e-3, 1.5, math.nan, math.inf, "1e-3"),
    "reconstruction_weight": (-0.1, 1.1, math.nan),
    "validation_split": (0.0, 1.0),
    "plateau_factor": (0.0, 1.0),
    "min_learning_rate": (0.0, 2.0),
}


@pytest.mark.parametrize(("key", "value"), [(key, each) for key in BAD for each in BAD[key]])
def test_values_out_of_range_are_refused(key: str, value: Any) -> None:
    kind = Model if key in BASE["model"] else Train
    with pytest.raises(ValueError, match=rf"^expected .*{kind.__name__.lower()}\.{key}.*, got "):
        kind(**{key: value})


@pytest.mark.parametrize("adversary", ADVERSARIES)
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_all_choices_are_accepted(adversary: str, likelihood: str) -> None:
    Model(adversary=adversary, likelihood=likelihood)
