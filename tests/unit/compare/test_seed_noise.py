"""Splits of a revision's own seeds."""

import numpy as np
import pytest

from aae.compare.seed_noise import shares, split, spreads


def runs(seeds, metrics=5):
    rng = np.random.default_rng(0)
    values = rng.gamma(9, size=(2, seeds, metrics))
    return {
        (f"name{i}", "default"): {
            seed: {f"metric{j}": float(values[i, seed, j]) for j in range(metrics)}
            for seed in range(seeds)
        }
        for i in range(2)
    }


@pytest.mark.parametrize("paired", [False, True])
def test_halves_share_no_run(paired):
    found = runs(9)
    base, other = split(found, np.random.default_rng(0), paired=paired)
    for cell in found:
        assert len(base[cell]) == len(other[cell]) == 4
        assert (base[cell].keys() == other[cell].keys()) == paired
        halves = [{tuple(each.values()) for each in side[cell].values()} for side in (base, other)]
        assert not halves[0] & halves[1]


@pytest.mark.parametrize("paired", [False, True])
def test_a_comparison_is_as_good_as_it_says(paired):
    same, seen = shares(runs(20), paired=paired)
    assert same >= 0.93 and seen >= 0.8


def test_too_few_seeds_are_refused():
    with pytest.raises(ValueError, match="at least 4 seeds, got 3"):
        split(runs(3), np.random.default_rng(0), paired=False)
    with pytest.raises(ValueError, match="at least 14 seeds to split"):
        shares(runs(10), paired=True)


def test_a_line_for_each_metric_that_varies():
    found = runs(9)
    for values in found["name0", "default"].values():
        values["metric0"] = 1.0
    lines = spreads(found)
    assert len(lines) == 2 + 4 + 5
