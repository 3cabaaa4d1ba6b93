"""What is configured of the evaluation: ranges, and the settings of the verdict within it."""

import pytest

from aae.evaluation.settings import Evaluate
from aae.verdict.judge import Settings

WRONG = [
    ({"rows": 1}, "evaluate.rows to be a whole number >= 2, got 1"),
    ({"rows": True}, "evaluate.rows to be a whole number >= 2, got True"),
    ({"rows": 10.0}, "evaluate.rows to be a whole number >= 2, got 10.0"),
    ({"seed": -1}, "evaluate.seed to be a whole number >= 0, got -1"),
    ({"alpha": 0}, "evaluate.alpha to be a number in (0, 1), got 0"),
    ({"alpha": 1.0}, "evaluate.alpha to be a number in (0, 1), got 1.0"),
    ({"alpha": float("nan")}, "evaluate.alpha to be a number in (0, 1), got nan"),
    ({"alpha": "5%"}, "evaluate.alpha to be a number in (0, 1), got '5%'"),
    ({"resolution": 1}, "evaluate.resolution to be a number in (0, 1), got 1"),
    (
        {"noise_levels": 0.1},
        "evaluate.noise_levels to be a list, each a number in [0, 100], got 0.1",
    ),
    ({"noise_levels": [0.1, -1]}, "evaluate.noise_levels[1] to be a number in [0, 100], got -1"),
    ({"noise_levels": ["a"]}, "evaluate.noise_levels[0] to be a number in [0, 100], got 'a'"),
    ({"permutations": 0}, "evaluate.permutations to be a whole number >= 1, got 0"),
    ({"permutations": "many"}, "evaluate.permutations to be a whole number >= 1, got 'many'"),
    ({"part_permutations": 1.5}, "evaluate.part_permutations to be a whole number >= 1, got 1.5"),
]


@pytest.mark.parametrize("wrong, message", WRONG, ids=[str(each[0]) for each in WRONG])
def test_a_wrong_value_is_named(wrong, message):
    with pytest.raises(ValueError) as caught:
        Evaluate(**wrong)
    assert str(caught.value).startswith(f"expected {message}") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"permutations": 50}, "permutations"),
        ({"part_permutations": 50}, "part_permutations"),
        ({"alpha": 0.001}, "permutations"),
    ],
)
def test_permutations_that_could_never_reject_are_named(values, key):
    with pytest.raises(ValueError, match=rf"^evaluate\.{key}: expected permutations >= \d+, got "):
        Evaluate(**values)


def test_the_settings_of_a_verdict_are_those_configured():
    assert Evaluate(alpha=0.1, seed=3, resolution=0.01).settings(499) == Settings(499, 0.1, 3, 0.01)


def test_by_default_a_verdict_has_the_settings_of_the_package():
    config = Evaluate()
    assert config.settings(config.permutations) == Settings()
