"""The `evaluate` section: ranges, and the settings of a verdict that follow."""

import pytest

from aae.evaluation.settings import Evaluate

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
    ({"noise_levels": 0.1}, "a list of evaluate.noise_levels, got 0.1"),
    ({"noise_levels": [0.1, -1]}, "each of evaluate.noise_levels to be a number in [0, 100], got "),
    ({"noise_levels": ["a"]}, "each of evaluate.noise_levels to be a number in [0, 100], got 'a'"),
    ({"permutations": 0}, "evaluate's permutations to be a whole number >= 1, got 0"),
    ({"permutations": "many"}, "evaluate's permutations to be a whole number >= 1, got 'many'"),
    ({"part_permutations": 1.5}, "evaluate's permutations to be a whole number >= 1, got 1.5"),
    ({"permutations": 50}, "permutations >= "),
    ({"part_permutations": 50}, "permutations >= "),
    ({"alpha": 0.001}, "permutations >= "),
]


@pytest.mark.parametrize("wrong, message", WRONG, ids=[str(each[0]) for each in WRONG])
def test_a_wrong_value_is_named(wrong, message):
    with pytest.raises(ValueError) as caught:
        Evaluate(**wrong)
    assert str(caught.value).startswith(f"expected {message}") and "\n" not in str(caught.value)


def test_settings_are_those_configured():
    config = Evaluate(alpha=0.1, seed=3, resolution=0.01)
    found = config.settings(499)
    assert (found.permutations, found.alpha, found.seed, found.resolution) == (499, 0.1, 3, 0.01)
