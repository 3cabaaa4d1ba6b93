"""The exact tests: one metric as scipy has it, the level over many, and the power stated."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from aae.compare.relabelling import MOST, Design, adjusted_p, detectable, seeds_needed, step_down

DESIGNS = [Design(7, 7, True), Design(10, 10, True), Design(5, 5, False), Design(4, 6, False)]


def noise(rng: np.random.Generator, seeds: int, metrics: int) -> np.ndarray:
    """Correlated, skewed and heavy-tailed values."""
    common = rng.standard_t(4, (seeds, 1))
    return np.exp(0.5 * (common + rng.standard_normal((seeds, metrics))))


@pytest.mark.parametrize("design", DESIGNS)
def test_one_metric_is_scipys_permutation_test(design):
    rng = np.random.default_rng(0)
    base, other = noise(rng, design.base, 1), noise(rng, design.other, 1) + 0.7

    def by_scipy(statistic, samples, kind):
        return stats.permutation_test(
            samples, statistic, permutation_type=kind, n_resamples=np.inf, alternative="greater"
        ).pvalue

    if design.paired:
        wanted = by_scipy(lambda x: abs(np.mean(x)), ((other - base)[:, 0],), "samples")
    else:
        wanted = by_scipy(
            lambda x, y: abs(np.mean(x) - np.mean(y)), (base[:, 0], other[:, 0]), "independent"
        )
    assert adjusted_p(design, base, other)[0] == pytest.approx(wanted)


@pytest.mark.parametrize("design", [*DESIGNS, Design(20, 20, True), Design(12, 12, False)])
def test_relabelled_contrasts_are_distinct_unit_vectors(design):
    found = design.contrasts()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    np.testing.assert_allclose(found[0], design.contrast())
    assert len(found) == min(design.relabellings, MOST)
    if design.relabellings < MOST:
        both = np.round(np.concatenate([found, -found]), 9) + 0.0
        repeated = 1 if design.paired or design.base == design.other else 0
        assert len(np.unique(both, axis=0)) == 2 * len(found) or not repeated


@pytest.mark.parametrize("design", [Design(8, 8, True), Design(6, 6, False)])
def test_the_level_holds_over_all_metrics_together(design):
    rng = np.random.default_rng(1)
    repeats = 1000
    wrong = 0
    for _ in range(repeats):
        base, other = noise(rng, design.base, 16), noise(rng, design.other, 16)
        wrong += adjusted_p(design, base, other).min() <= 0.05
    assert wrong / repeats <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / repeats)


@given(st.integers(0, 1000), st.sampled_from(DESIGNS), st.integers(1, 5))
@settings(deadline=None, max_examples=30)
def test_p_does_not_depend_on_order_scale_or_units(seed, design, metrics):
    rng = np.random.default_rng(seed)
    base, other = noise(rng, design.base, metrics), noise(rng, design.other, metrics)
    p = adjusted_p(design, base, other)
    assert (p >= design.least_p - 1e-12).all() and (p <= 1).all()
    order, scale = rng.permutation(metrics), rng.uniform(0.01, 100, metrics)
    moved = adjusted_p(design, (base * scale + 3)[:, order], (other * scale + 3)[:, order])
    np.testing.assert_allclose(moved, p[order])
    if design.base == design.other:
        np.testing.assert_allclose(adjusted_p(design, other, base), p)


def test_correction_never_lowers_a_p_value():
    rng = np.random.default_rng(2)
    design = Design(9, 9, True)
    base, other = noise(rng, 9, 6), noise(rng, 9, 6)
    alone = [adjusted_p(design, base[:, [j]], other[:, [j]])[0] for j in range(6)]
    assert (adjusted_p(design, base, other) >= np.array(alone) - 1e-12).all()


def test_step_down_frees_the_others_of_the_largest():
    statistics = np.array([[9.0, 5.0, 1.0], [6.0, 1.0, 2.0], [1.0, 4.0, 0.0], [8.0, 0.0, 0.5]])
    np.testing.assert_allclose(step_down(statistics), [1 / 4, 1 / 4, 2 / 4])


def test_what_does_not_vary_has_p_one():
    values = np.zeros((8, 1))
    assert adjusted_p(Design(8, 8, True), values, values)[0] == 1


@pytest.mark.parametrize(("comparisons", "needed"), [(1, 6), (8, 9), (24, 10)])
def test_seeds_needed_as_the_sign_flip_test_has_it(comparisons, needed):
    level = 0.05 / comparisons
    assert seeds_needed(level, paired=True) == needed
    assert 2.0 ** (1 - needed) <= level < 2.0 ** (2 - needed)


def test_a_level_that_no_seeds_reach_is_refused():
    with pytest.raises(ValueError, match="at most 10000"):
        seeds_needed(1e-9, paired=True)


@pytest.mark.parametrize("design", [Design(10, 10, True), Design(8, 8, False)])
def test_a_change_of_the_stated_size_is_seen(design):
    """The size is stated from some seeds' spread; the change is planted on others."""
    rng = np.random.default_rng(3)
    metrics, level, repeats, seen = 16, 0.05 / 8, 300, 0
    size = detectable(design, metrics, level)
    for _ in range(repeats):
        stated, base, other = (noise_of(rng, design) for _ in range(3))
        planted = size * design.spread(stated[0], stated[1])[0]
        other[1][:, 0] += planted
        seen += adjusted_p(design, base[0], other[1])[0] <= level
    assert seen / repeats >= 0.8


def noise_of(rng, design):
    return [rng.standard_t(5, (seeds, 16)) for seeds in (design.base, design.other)]


def test_more_seeds_show_less_and_too_few_nothing():
    sizes = [detectable(Design(n, n, True), 4, 0.05) for n in (6, 8, 12)]
    assert sizes == sorted(sizes, reverse=True)
    assert detectable(Design(5, 5, True), 4, 0.05) == math.inf
