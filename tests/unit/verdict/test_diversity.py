"""Laws of the diversity measures: plain formulas, lost modes, class shares."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from aae.verdict.diversity import conditional_energy, diversity, mode_test, mode_weights


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_agrees_with_the_plain_formula():
    x, y = normal(0, 60, 3), normal(1, 50, 3)
    x, y, k = x / x.std(axis=0), y / x.std(axis=0), 5
    away = cdist(x, y)
    reach_x, reach_y = (np.sort(cdist(side, side))[:, k] for side in (x, y))
    found = diversity(x, y, k)
    assert found.precision == np.mean([(row <= reach_x).any() for row in away.T])
    assert found.recall == np.mean([(row <= reach_y).any() for row in away])
    assert found.density == pytest.approx((away <= reach_x[:, None]).sum() / (k * len(y)))
    assert found.coverage == np.mean(
        [(row <= r).any() for row, r in zip(away, reach_x, strict=True)]
    )


def test_null_levels_at_784_columns():
    uniform = np.random.default_rng(0).random((2, 1000, 784))
    found = diversity(uniform[0], uniform[1])
    assert found.precision == pytest.approx(0.81, abs=0.08)
    assert found.recall == pytest.approx(0.81, abs=0.08)
    assert found.density == pytest.approx(0.98, abs=0.15)
    assert found.coverage == pytest.approx(0.97, abs=0.03)


def test_a_lost_mode_costs_recall_and_coverage_not_precision():
    real = normal(0, 600, 2) + 10 * (np.arange(600) % 2)[:, None]
    found = diversity(real, normal(1, 600, 2))
    assert found.precision > 0.9
    assert found.recall == pytest.approx(0.5, abs=0.1)
    assert found.coverage == pytest.approx(0.5, abs=0.1)


def test_rows_from_elsewhere_cost_precision():
    found = diversity(normal(0, 300, 2), normal(1, 300, 2) + 100 * (np.arange(300) % 2)[:, None])
    assert found.precision == pytest.approx(0.5, abs=0.05)
    assert found.density < 0.7


def test_identical_atoms_are_within_reach():
    atoms = np.repeat(np.eye(3), 20, axis=0) * 0.1
    found = diversity(atoms, atoms)
    assert (found.precision, found.recall, found.coverage) == (1.0, 1.0, 1.0)


def test_too_few_rows_for_the_reach():
    with pytest.raises(ValueError, match="more than 5 rows a side, got 5, 9"):
        diversity(normal(0, 5, 2), normal(1, 9, 2))


def test_large_samples_are_thinned_by_seed():
    x, y = normal(0, 3000, 2), normal(1, 3000, 2)
    assert diversity(x, y, seed=1) == diversity(x, y, seed=1)


def test_class_shares_hold_their_level_and_see_a_lost_class():
    rng = np.random.default_rng(0)
    p = [
        mode_weights(rng.integers(0, 4, 200), rng.integers(0, 4, 300), permutations=999).p
        for _ in range(300)
    ]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 300, 0.1)
    found = mode_weights(rng.integers(0, 4, 200), rng.integers(0, 3, 200), permutations=999)
    assert found.p == 0.001
    assert found.generated[3] == 0
    assert found.real.sum() == pytest.approx(1)
    assert list(found.classes) == [0, 1, 2, 3]


def test_the_statistic_is_pearsons_and_agrees_with_its_law_where_that_holds():
    rng = np.random.default_rng(0)
    real, generated = rng.integers(0, 4, 900), rng.choice(4, 700, p=[0.28, 0.24, 0.24, 0.24])
    found = mode_weights(real, generated, permutations=9999)
    counts = np.stack([np.bincount(side) for side in (real, generated)])
    statistic, p, *_ = stats.chi2_contingency(counts)
    assert found.statistic == pytest.approx(statistic)
    assert found.p == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 9999))


def test_permuted_counts_are_those_of_permuted_rows():
    """All 252 labellings of ten rows, enumerated."""
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3])
    real, generated = labels[:5], labels[5:]
    exact = stats.permutation_test(
        (real, generated),
        lambda x, y: (
            stats.chi2_contingency(
                [np.bincount(x, minlength=4), np.bincount(y, minlength=4)]
            ).statistic
        ),
        alternative="greater",
    )
    assert mode_test(real, generated, permutations=19999).p == pytest.approx(exact.pvalue, abs=0.01)


ZIPF = 1 / np.arange(1, 101)
RARE = {
    "five of .05%": ([0.9975, *[0.0005] * 5], 100, 2000),
    "100 of a Zipf law": (ZIPF / ZIPF.sum(), 100, 10_000),
}


@pytest.mark.parametrize("law", RARE)
@pytest.mark.parametrize("larger", ["real", "generated"])
def test_rare_classes_hold_the_level_at_unequal_sizes(law, larger):
    weights, *sizes = RARE[law]
    weights = np.divide(weights, np.sum(weights))
    p = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sides = [rng.choice(len(weights), rows, p=weights) for rows in sizes]
        real, generated = sides[::-1] if larger == "real" else sides
        p.append(mode_test(real, generated, permutations=99, seed=seed).p)
    for level in (0.05, 0.2):
        assert np.sum(np.array(p) <= level) <= stats.binom.isf(1e-4, 200, level)


def test_one_class_cannot_differ():
    found = mode_weights(np.zeros(30, dtype=int), np.zeros(20, dtype=int), permutations=99)
    assert (found.statistic, found.p) == (0.0, 1.0)
    with pytest.raises(ValueError, match="labels on both sides"):
        mode_weights(np.zeros(30, dtype=int), np.zeros(0, dtype=int), permutations=99)


def classes(seed, weights):
    labels = np.random.default_rng(seed).choice(2, 200, p=weights)
    return normal(seed, 200, 3) + 3 * labels[:, None], labels


def test_conditional_energy_ignores_shares_and_sees_swapped_labels():
    p = [
        conditional_energy(
            classes(2 * s, [0.5, 0.5]), classes(2 * s + 1, [0.2, 0.8]), permutations=39, seed=s
        ).p
        for s in range(50)
    ]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 50, 0.1)
    rows, labels = classes(1, [0.5, 0.5])
    found = conditional_energy(classes(0, [0.5, 0.5]), (rows, 1 - labels), permutations=199)
    assert found.p == 0.005
    with pytest.raises(ValueError, match="a class with 2 rows"):
        conditional_energy((rows, labels), (rows, labels + 5), permutations=199)
