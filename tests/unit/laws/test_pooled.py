"""A pooled law is the mixture of its components."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.laws import (
    COLUMNS,
    GRIDS,
    LAW,
    POOLED,
    central,
    number,
    positive,
    probes,
)

from aae.laws.pooled import Pooled
from aae.laws.registry import law_from


@settings(deadline=None)
@given(st.lists(st.tuples(number, positive, st.floats(0.01, 1)), min_size=1, max_size=4), probes)
def test_pooled_mixes_raw_moments_and_cdfs(triples, values):
    total = sum(weight for _, _, weight in triples)
    names = [f"part {index}" for index in range(len(triples))]
    parts = {
        name: {"kind": "normal_expon", "loc": loc, "scale": scale}
        for name, (loc, scale, _) in zip(names, triples, strict=True)
    }
    shares = {name: triple[2] / total for name, triple in zip(names, triples, strict=True)}
    law = law_from({"kind": "pooled", "components": parts, "shares": shares})
    assert isinstance(law, Pooled)
    weighted = [(shares[name], part) for name, part in law.component_laws.items()]
    raw = sum(share * central(part) for share, part in weighted)
    size = sum(share * np.abs(central(part)) for share, part in weighted)
    np.testing.assert_array_less(np.abs(central(law) - raw), 1e-9 * size + 1e-9)
    cdf = sum(share * part.cdf(values, COLUMNS) for share, part in weighted)
    np.testing.assert_allclose(law.cdf(values, COLUMNS), cdf, atol=1e-12)


def test_normal_mixture_is_the_pool_of_its_components():
    mixture = LAW["normal_mixture"]
    one = {"kind": "normal_mixture", "weights": [1]}
    parts = {"a": one | {"means": [-1], "sigmas": [0.5]}, "b": one | {"means": [1], "sigmas": [1]}}
    pool = law_from({"kind": "pooled", "components": parts, "shares": {"a": 0.5, "b": 0.5}})
    np.testing.assert_allclose(pool.moments(3), mixture.moments(3), rtol=1e-12)
    # By hand: mean 0, variance (1.25 + 2) / 2, third moment (-1 - 3/4 + 1 + 3) / 2.
    np.testing.assert_allclose(np.ravel(mixture.moments(1))[:2], [0, math.sqrt(1.625)], atol=1e-12)
    np.testing.assert_allclose(mixture.moments(1).skewness, 1.125 / 1.625**1.5)


def test_component_without_a_share_is_not_drawn():
    shares = {"uniform": 1.0, "normal": 0.0, "density": 0}
    law = law_from(POOLED | {"shares": shares})
    rows, labels = law.sample(1000, COLUMNS, np.random.default_rng(0))
    assert law.support() == (-1, 1) and np.abs(rows).max() <= 1
    assert labels is not None and not labels.any()
    np.testing.assert_allclose(law.moments(COLUMNS), LAW["uniform"].moments(COLUMNS), atol=1e-12)


def test_held_out_law_is_beside_the_pooled_one():
    beside, without = LAW["pooled"], law_from(POOLED | {"held_out": {}})
    assert isinstance(beside, Pooled) and isinstance(without, Pooled)
    rows = without.sample(100, COLUMNS, np.random.default_rng(3)).rows
    same = beside.sample(100, COLUMNS, np.random.default_rng(3)).rows
    np.testing.assert_array_equal(rows, same)
    assert beside.held_out_laws == {"expon_neg": law_from(POOLED["held_out"]["expon_neg"])}
    assert without.held_out_laws == {}


def test_held_out_law_has_the_same_columns():
    grid = {"components": {"a": {"kind": "uniform"}}, "shares": {"a": 1}, "held_out": GRIDS}
    with pytest.raises(ValueError, match="expected an even number of columns for 'density', got 5"):
        law_from(POOLED | grid).check_columns(5)
