"""Ranking: order, level among equals however their spread differs, and power."""

import math

import numpy as np
import pytest

from aae.compare.ranking import BEST, NOT_BEST, UNDISTINGUISHED, ranking


def experiments(rng, means, spreads, seeds=10):
    shared = rng.standard_normal(seeds)
    return {
        f"e{i}": dict(enumerate((mean + spread * (rng.standard_normal(seeds) + shared)).tolist()))
        for i, (mean, spread) in enumerate(zip(means, spreads, strict=True))
    }


@pytest.mark.parametrize("spreads", [[1] * 6, [1, 1, 1, 1, 1, 20], [0.1, 0.5, 1, 2, 4, 8]])
def test_equals_are_not_distinguished(spreads):
    rng = np.random.default_rng(0)
    repeats = 300
    wrong = sum(
        any(each.word == NOT_BEST for each in ranking(experiments(rng, [0] * 6, spreads)))
        for _ in range(repeats)
    )
    assert wrong / repeats <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / repeats)


@pytest.mark.parametrize("higher", [False, True])
def test_the_worse_ones_are_told_from_the_best(higher):
    sign = -1 if higher else 1
    values = experiments(np.random.default_rng(1), [0, sign * 0.1, sign * 9], [1, 1, 1])
    found = {each.experiment: each for each in ranking(values, higher_is_better=higher)}
    assert found["e2"].word == NOT_BEST and [*found][-1] == "e2"
    assert found["e2"].behind == pytest.approx(9, abs=2) and found["e2"].behind > found["e2"].least
    assert {found["e0"].word, found["e1"].word} == {BEST, UNDISTINGUISHED}


def test_a_single_seed_is_never_the_best_of_many():
    rng = np.random.default_rng(2)
    values = experiments(rng, [0, 9], [1, 1]) | {"lucky": {0: -50.0}}
    found = ranking(values)
    assert [each.experiment for each in found] == ["e0", "e1", "lucky"]
    assert [each.word for each in found] == [BEST, NOT_BEST, UNDISTINGUISHED]


def test_without_common_seeds_nothing_is_told():
    found = ranking({"a": {0: 1.0, 1: 2.0}, "b": {2: 50.0}, "c": {1: 70.0, 5: 80.0}})
    assert [each.word for each in found] == [BEST, UNDISTINGUISHED, UNDISTINGUISHED]
    assert found[2].least == math.inf and found[2].behind == 48.5


def test_one_experiment_is_the_best():
    (found,) = ranking({"a": {0: 3.0}})
    assert (found.word, found.mean, found.margin) == (BEST, 3.0, 0.0)


@pytest.mark.parametrize(
    "values, message",
    [
        ({}, "expected at least one experiment"),
        ({"a": {}, "b": {0: 1.0}}, "expected a seed that all runs of a have, got 'none'"),
    ],
)
def test_nothing_to_rank_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        ranking(values)
