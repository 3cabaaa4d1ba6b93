"""A variant is the base recipe with its differences, checked."""

import math
from dataclasses import asdict, replace
from typing import Any

import pytest

from aae.model.configuration import (
    ADVERSARIES,
    DEVICES,
    LABELS,
    LIKELIHOODS,
    POSTERIORS,
    PRIORS,
    SAMPLING,
    SCHEDULES,
    Model,
    Recipe,
    Train,
)

BASE: dict[str, dict[str, Any]] = {"model": asdict(Model()), "train": asdict(Train())}
OTHERS: dict[str, dict[str, Any]] = {
    "model": {
        "latent": 5,
        "encoder": [3],
        "decoder": [],
        "discriminator": [2, 2],
        "adversary": "both",
        "likelihood": "mse",
        "codes": 3,
        "sampling": "prior",
        "prior": "uniform",
        "posterior": "noise",
        "information": 0.0,
        "labels": "ignored",
        "labelled": 9,
        "clusters": 7,
        "classifier": True,
    },
    "train": {
        "epochs": 1,
        "batch_size": 1,
        "learning_rate": 0.5,
        "discriminator_learning_rate": 0.25,
        "reconstruction_weight": 0.0,
        "adversary_weight": 3.0,
        "validation_split": 0.9,
        "max_steps": 9,
        "steps": 7,
        "noise": 0.1,
        "decay": 0.5,
        "label_noise": 0.25,
        "schedule": "plateau",
        "patience": 1,
        "plateau_patience": 1,
        "plateau_factor": 0.9,
        "min_learning_rate": 0.3,
        "device": "cpu",
    },
}
CASES = [(section, key) for section, values in OTHERS.items() for key in values]
# Without a closed-form divergence there is no information penalty.
COMPANIONS = {"prior": {"information": 0.0}, "posterior": {"information": 0.0}}


def test_no_difference_is_the_base() -> None:
    assert Recipe.merged(BASE, "default", {}) == Recipe(Model(), Train())
    assert Recipe.merged(BASE, "default", {"model": None}) == Recipe(Model(), Train())


def test_every_field_is_covered_here() -> None:
    assert {section: set(values) for section, values in OTHERS.items()} == {
        section: set(values) for section, values in BASE.items()
    }


@pytest.mark.parametrize(("section", "key"), CASES)
def test_a_difference_changes_one_field(section: str, key: str) -> None:
    changes = {key: OTHERS[section][key]} | COMPANIONS.get(key, {})
    recipe = Recipe.merged(BASE, "mine", {section: changes})
    wanted = replace(getattr(Recipe(Model(), Train()), section), **changes)
    assert recipe == replace(Recipe(Model(), Train()), **{section: wanted})


def test_merging_leaves_its_arguments() -> None:
    before = repr(BASE)
    Recipe.merged(BASE, "mine", {"train": OTHERS["train"]})
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
    "prior": ("normal", None),
    "codes": (0, 1.5),
    "sampling": ("posterior", None),
    "max_steps": (0, 2.5),
    "steps": (0, 2.5),
    "noise": (-0.1, 11, math.nan),
    "decay": (-1, 101, math.inf),
    "posterior": ("exact", None),
    "information": (-0.1, 1001, math.nan, "1"),
    "labels": ("shown", None),
    "labelled": (-1, 1.5, True),
    "clusters": (0, 2.0),
    "classifier": (1, "true", None),
    "epochs": (0, 1.5, True),
    "batch_size": (0, "128"),
    "patience": (0,),
    "plateau_patience": (0,),
    "learning_rate": (0.0, -1e-3, 1.5, math.nan, math.inf, "1e-3"),
    "discriminator_learning_rate": (0.0, 1.5, math.inf),
    "reconstruction_weight": (-0.1, 1.1, math.nan),
    "adversary_weight": (-1, 1001, math.nan),
    "validation_split": (0.0, 1.0),
    "label_noise": (-0.1, 1.5, math.nan),
    "schedule": ("linear", None),
    "plateau_factor": (0.0, 1.0),
    "min_learning_rate": (0.0, 2.0),
    "device": ("gpu", "", None),
}


@pytest.mark.parametrize(("key", "value"), [(key, each) for key in BAD for each in BAD[key]])
def test_values_out_of_range_are_refused(key: str, value: Any) -> None:
    kind = Model if key in BASE["model"] else Train
    with pytest.raises(ValueError, match=rf"^expected .*{kind.__name__.lower()}\.{key}.*, got "):
        kind(**{key: value})


CHOICES = {
    "adversary": ADVERSARIES,
    "likelihood": LIKELIHOODS,
    "sampling": SAMPLING,
    "prior": PRIORS,
    "posterior": POSTERIORS,
    "labels": LABELS,
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, each) for key in CHOICES for each in CHOICES[key]]
)
def test_all_choices_are_accepted(key: str, value: str) -> None:
    assert getattr(Model(**{key: value, "information": 0.0}), key) == value


@pytest.mark.parametrize("device", DEVICES)
def test_all_devices_are_accepted(device: str) -> None:
    assert Train(device=device).device == device


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_all_schedules_are_accepted(schedule: str) -> None:
    assert Train(schedule=schedule).schedule == schedule


NOT_CLOSED = [{"prior": each} for each in PRIORS[1:]] + [
    {"posterior": each} for each in POSTERIORS[1:]
]


@pytest.mark.parametrize("changes", NOT_CLOSED, ids=lambda each: "-".join(each.values()))
def test_information_needs_a_closed_form(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError) as caught:
        Model(**changes)
    assert str(caught.value) == (
        "expected model.information 0 unless model.prior and model.posterior are gaussian, got 1.0"
    )


@pytest.mark.parametrize("labels", ["ignored", "adversary"])
def test_few_labels_are_given_ones(labels: str) -> None:
    with pytest.raises(ValueError, match="model.labelled 0 unless model.labels is given, got 5"):
        Model(labels=labels, labelled=5)


def test_a_roll_needs_two_dimensions() -> None:
    with pytest.raises(ValueError, match="expected model.latent of a swiss_roll .* >= 2, got 1"):
        Model(latent=1, prior="swiss_roll", information=0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": "adversary"},
        {"labelled": 100},
        {"classifier": True},
        {"prior": "uniform", "information": 0.0},
        {"posterior": "noise", "information": 0.0},
    ],
)
def test_joint_refuses_the_modes_that_it_does_not_have(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected model.likelihood other than joint"):
        Model(likelihood="joint", **changes)
    assert Model(**changes).beyond_joint
