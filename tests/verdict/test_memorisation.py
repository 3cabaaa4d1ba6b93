"""Laws of the memorisation test: copies are seen, fresh rows are not."""

import numpy as np
import pytest
from scipy import stats

from aae.verdict.memorisation import memorisation


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def sets(seed, columns, train=300, holdout=300, generated=300):
    return (normal([seed, i], n, columns) for i, n in enumerate((generated, train, holdout)))


@pytest.mark.parametrize("columns", [1, 2, 64])
def test_fresh_rows_hold_the_level(columns):
    """Bounds that a right test passes with chance > 0.99999."""
    p = [memorisation(*sets(seed, columns, 60, 50, 40), permutations=39).p for seed in range(80)]
    for level in (0.05, 0.2, 0.5):
        assert np.sum(np.array(p) <= level) <= stats.binom.isf(1e-6, 80, level)
    assert np.sum(np.array(p) <= 0.5) >= stats.binom.ppf(1e-6, 80, 0.5) - 4


def test_a_wrong_law_is_not_memorisation():
    p = [
        memorisation(3 + 2 * generated, train, holdout, permutations=39).p
        for generated, train, holdout in (sets(seed, 5, 60, 60, 40) for seed in range(60))
    ]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 60, 0.1)


@pytest.mark.parametrize("columns", [1, 2, 10, 784])
def test_copies_are_seen(columns):
    _, train, holdout = sets(0, columns)
    assert memorisation(train[::-1], train, holdout, permutations=199).p == 0.005


@pytest.mark.parametrize("columns", [10, 784])
def test_few_copies_are_seen(columns):
    generated, train, holdout = sets(0, columns, 1000, 1000, 1000)
    generated[::100] = train[::100]
    # Ten copies are all nearest to training rows in one labelling of 2^10.
    assert memorisation(generated, train, holdout, permutations=999).p <= 0.006


def test_jittered_copies_are_seen_in_any_units():
    _, train, holdout = sets(0, 50)
    copies, units = train + 0.5 * normal(1, 300, 50), np.geomspace(1e-6, 1e6, 50)
    found = memorisation(copies, train, holdout, permutations=199)
    assert found.p == 0.005
    scaled = memorisation(copies * units, train * units, holdout * units, permutations=199)
    assert scaled.statistic == pytest.approx(found.statistic, rel=1e-4)


def test_more_training_rows_than_hold_out_rows():
    generated, train, holdout = sets(0, 20, 4000, 200, 400)
    assert memorisation(generated, train, holdout, permutations=199).p > 0.005
    generated[:40] = train[:40]
    assert memorisation(generated, train, holdout, permutations=199).p == 0.005


def test_agrees_with_the_plain_formula():
    generated, train, holdout = sets(0, 3, 40, 40, 30)
    both = np.concatenate([train, holdout])
    x, y, g = ((side - both.mean(0)) / both.std(0) for side in (train, holdout, generated))
    near = [np.linalg.norm(g[:, None] - side[None], axis=2).min(axis=1) for side in (y, x)]
    want = np.log(near[0] / near[1]).mean()
    assert memorisation(generated, train, holdout, permutations=9).statistic == pytest.approx(
        want, abs=1e-4
    )


def test_same_seed_same_outcome():
    a, b = (memorisation(*sets(0, 4), permutations=99, seed=5) for _ in range(2))
    assert a == b


def test_repeated_and_constant_values():
    zeros = np.zeros((40, 3))
    assert memorisation(zeros, zeros, zeros, permutations=39).p == 1.0
    generated, train, holdout = (np.round(side) for side in sets(0, 2))
    assert 0 < memorisation(generated, train, holdout, permutations=39).p <= 1
