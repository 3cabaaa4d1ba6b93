"""Laws of a column's quantile function: monotone, within the range, exact where values repeat."""

import numpy as np
import pytest
from numpy.typing import NDArray

from aae.base.columns import kind_of
from aae.model.quantiles import follows, gaps, order_statistic, quantile_function, smooth, through

RANKS = np.linspace(0, 1, 10_001)
Array = NDArray[np.float64]


def columns(seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    inflated = np.where(rng.random(500) < 0.4, 0.0, rng.gamma(2.0, size=500))
    return {
        "normal": rng.normal(size=500),
        "heavy tail": rng.lognormal(sigma=2, size=300),
        "few": rng.normal(size=3),
        "whole": rng.poisson(3, size=500).astype(float),
        "zero-inflated": inflated,
        "capped": np.minimum(rng.normal(size=400), 1.0),
        "constant": np.full(20, 3.5),
    }


@pytest.mark.parametrize("name", columns(0))
@pytest.mark.parametrize("seed", range(3))
def test_it_ascends_from_the_smallest_to_the_largest_value(name: str, seed: int) -> None:
    values = columns(seed)[name]
    quantiles = quantile_function(values, kind_of(values))(RANKS)
    assert (np.diff(quantiles) >= -1e-12).all()
    assert quantiles[0] == pytest.approx(values.min())
    assert quantiles[-1] == pytest.approx(values.max())


def test_order_statistics_give_each_value_its_share() -> None:
    values = np.sort(np.random.default_rng(0).poisson(2, size=101).astype(float))
    ranks = (np.arange(10_100) + 0.5) / 10_100
    np.testing.assert_array_equal(np.sort(order_statistic(values)(ranks))[50::100], values)


@pytest.mark.parametrize("name", ["zero-inflated", "capped"])
def test_atoms_keep_their_share_and_the_rest_is_new(name: str) -> None:
    values = columns(0)[name]
    kind = kind_of(values)
    atom = kind.distinct[kind.counts.argmax()]
    quantiles = quantile_function(values, kind)((np.arange(10_000) + 0.5) / 10_000)
    assert np.mean(quantiles == atom) == pytest.approx(kind.counts.max() / len(values), abs=1e-3)
    assert len(np.unique(quantiles)) > 2 * len(kind.distinct)


def test_means_of_shares_are_those_of_the_values() -> None:
    """By quintile: knots are means of order statistics, the curve between them is monotone."""
    values = np.sort(np.random.default_rng(1).normal(size=1000))
    quantiles = smooth(values)((np.arange(20_000) + 0.5) / 20_000)
    own, drawn = (each.reshape(5, -1).mean(axis=1) for each in (values, quantiles))
    np.testing.assert_allclose(drawn, own, atol=0.05)


def test_it_commutes_with_linear_maps() -> None:
    values = np.sort(np.random.default_rng(2).gamma(2.0, size=200))
    np.testing.assert_allclose(smooth(3 * values - 1)(RANKS), 3 * smooth(values)(RANKS) - 1)


def test_narrow_clusters_stay_narrow() -> None:
    """As prices of twenty years, each with a few places: what lies between is not drawn."""
    rng = np.random.default_rng(3)
    values = np.sort(rng.choice(20, 900) + 0.05 * rng.random(900))
    drawn = quantile_function(values, kind_of(values))((np.arange(10_000) + 0.5) / 10_000)
    assert np.mean(drawn % 1 > 0.05) < 0.05 < np.mean(through(values, 19)(RANKS) % 1 > 0.05)


def test_few_smooth_columns_get_more_knots_than_they_need() -> None:
    rng = np.random.default_rng(4)
    samples = [np.sort(rng.gamma(3.0, size=400)) for _ in range(200)]
    kept = [follows(through(values, 15), values, 0.0) for values in samples]
    assert np.mean(kept) > 0.95


def test_rounding_is_not_taken_for_clusters() -> None:
    values = np.sort(np.round(np.random.default_rng(5).normal(100, 3, size=900), 1))
    assert follows(through(values, 19), values, 0.1)
    assert not follows(through(values, 19), values, 0.0)


def test_gaps_are_found_where_there_are_some_and_seldom_elsewhere() -> None:
    rng = np.random.default_rng(6)
    smooth_columns = [np.sort(rng.gamma(3.0, size=400)) for _ in range(200)]
    assert np.mean([bool(gaps(values)) for values in smooth_columns]) < 0.05
    apart = np.sort(np.concatenate([rng.normal(size=150), rng.normal(30, 1, size=250)]))
    assert 150 in gaps(apart)
