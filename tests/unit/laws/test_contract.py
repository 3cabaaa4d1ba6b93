"""Every law against its closed form, by one parametrised set of tests."""

import numpy as np
import pytest
from support.laws import (
    BOUND,
    COLUMNS,
    GRIDS,
    LAW,
    PARAMETERS,
    POOLED,
    ROWS,
    assert_follows,
    central,
    drawn,
    every_law,
    standard_errors,
)

from aae.laws.contract import Sizes
from aae.laws.families import NormalMixture
from aae.laws.pooled import Pooled
from aae.laws.registry import describe, law_from


@every_law
def test_sample_has_the_promised_form(name):
    rows, labels = drawn(name)
    assert rows.shape == (ROWS, COLUMNS) and rows.dtype == np.float32
    assert np.isfinite(rows).all()
    if LAW[name].classes:
        assert labels.shape == (ROWS,) and labels.dtype == np.int64
        assert set(labels) == set(range(len(LAW[name].classes)))
    else:
        assert labels is None


@every_law
def test_sample_moments_match_closed_form(name):
    mean, std, skewness, excess = LAW[name].moments(COLUMNS)
    scores = (drawn(name).rows.astype(np.float64) - mean) / std
    for power, expected in enumerate([0 * mean, 1 + 0 * mean, skewness, excess + 3], start=1):
        assert standard_errors(scores**power, expected).max() < BOUND


@every_law
def test_sample_follows_cdf(name):
    assert_follows(LAW[name], drawn(name).rows)


@every_law
def test_cdf_implies_moments(name):
    # Stieltjes sums on a fine grid: no sampling error hides a slightly wrong formula.
    edges = np.linspace(-120, 120, 600_001)
    masses = np.diff(LAW[name].cdf(edges, 2), axis=0)
    points = edges[1:, None] - (0 if LAW[name].atoms() is not None else 0.5) * (edges[1] - edges[0])
    sums = np.stack([(masses * points**power).sum(axis=0) for power in (1, 2, 3, 4)])
    np.testing.assert_allclose(sums, central(LAW[name], 2), rtol=1e-3, atol=1e-3)


@every_law
def test_cdf_rises_from_0_to_1_over_the_support(name):
    low, high = LAW[name].support()
    values = np.concatenate([[-np.inf], np.linspace(-200, 200, 4001), [np.inf]])
    cdf = LAW[name].cdf(values, COLUMNS)
    assert cdf.shape == (len(values), COLUMNS)
    assert (cdf[0] == 0).all() and (cdf[-1] == 1).all()
    assert (np.diff(cdf, axis=0) >= -1e-15).all()
    if low is not None:
        assert (LAW[name].cdf([np.nextafter(low, -np.inf)], COLUMNS) == 0).all()
    if high is not None:
        assert (LAW[name].cdf([high], COLUMNS) == 1).all()


@every_law
def test_sample_stays_in_support_and_on_atoms(name):
    law, rows = LAW[name], drawn(name).rows.astype(np.float64)
    low, high = law.support()
    assert low is None or rows.min() >= low
    assert high is None or rows.max() <= high
    atoms = law.atoms()
    if atoms is None:
        assert len(np.unique(rows)) > 5000
    else:
        assert (np.diff(atoms) > 0).all()
        assert np.isin(rows, atoms).all()


@every_law
def test_seed_decides_the_sample(name):
    def draw(seed):
        return LAW[name].sample(200, COLUMNS, np.random.default_rng(seed))

    np.testing.assert_array_equal(draw(1).rows, draw(1).rows)
    np.testing.assert_array_equal(draw(1).labels, draw(1).labels)
    assert not np.array_equal(draw(1).rows, draw(2).rows)


@every_law
def test_chunks_are_independent_and_follow_the_law(name):
    rng = np.random.default_rng(100)
    sizes = [0, 1, 1, *[7] * 100, 9649, 9649]
    chunks = [LAW[name].sample(size, COLUMNS, rng).rows for size in sizes]
    assert [len(chunk) for chunk in chunks] == sizes
    assert_follows(LAW[name], np.concatenate(chunks))
    mean, std, _, _ = LAW[name].moments(COLUMNS)
    first, second = ((chunk - mean) / std for chunk in chunks[-2:])
    assert standard_errors(first * second, 0.0).max() < BOUND


@every_law
def test_wide_rows_need_no_covariance_matrix(name):
    # The matrix of so many columns would take 320 GB.
    assert LAW[name].sample(3, 200_000, np.random.default_rng(0)).rows.shape == (3, 200_000)


@pytest.mark.parametrize("name", [name for name in LAW if LAW[name].classes])
def test_label_shares_and_the_rows_of_each_label(name):
    rows, labels = drawn(name)
    law, content = LAW[name], PARAMETERS[name]
    if law.kind == "pooled":
        assert isinstance(law, Pooled)
        assert law.classes == list(content["components"])
        shares = [content["shares"][each] for each in law.classes]
        parts = list(law.component_laws.values())
    else:
        assert isinstance(law, NormalMixture)
        shares, sizes = [each / sum(law.weights) for each in law.weights], (law.means, law.sigmas)
        parts = [
            law_from({"kind": law.kind, "means": [mean], "sigmas": [sigma], "weights": [1]})
            for mean, sigma in zip(*sizes, strict=True)
        ]
        assert law.classes == [f"component {index}" for index in range(len(shares))]
    for label, (share, part) in enumerate(zip(shares, parts, strict=True)):
        chosen = labels == label
        assert standard_errors(chosen.astype(float), share) < BOUND
        assert_follows(part, rows[chosen])
        mean, std, _, _ = part.moments(COLUMNS)
        scores = (rows[chosen] - mean) / std
        assert standard_errors(scores, 0.0).max() < BOUND
        assert standard_errors(scores**2, 1.0).max() < BOUND


@pytest.mark.parametrize(
    "parameters",
    [{"kind": "density"}, POOLED, POOLED | {"components": GRIDS, "shares": {"a": 0.5, "b": 0.5}}],
)
@pytest.mark.parametrize("use", ["check", "sample", "moments", "cdf", "describe"])
def test_odd_columns_are_refused_where_rows_are_points(parameters, use):
    law = law_from(parameters)
    calls = {
        "check": lambda: law.check_columns(783),
        "sample": lambda: law.sample(2, 783, np.random.default_rng(0)),
        "moments": lambda: law.moments(783),
        "cdf": lambda: law.cdf([0.0], 783),
        "describe": lambda: describe(law, 783),
    }
    with pytest.raises(ValueError, match="expected an even number of columns for 'density', got"):
        calls[use]()


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"rows": 0}, "expected rows to be a whole number >= 1, got 0"),
        ({"test_rows": -1}, "expected test_rows to be a whole number >= 1, got -1"),
        ({"columns": 0}, "expected columns to be a whole number from 1 to 1048576, got 0"),
        ({"seed": -1}, "expected seed to be a whole number >= 0, got -1"),
        ({"rows": 1.5}, "expected rows to be a whole number >= 1, got 1.5"),
        ({"rows": True}, "expected rows to be a whole number >= 1, got True"),
        ({"seed": "0"}, "expected seed to be a whole number >= 0, got '0'"),
        ({"columns": None}, "expected columns to be a whole number from 1 to 1048576, got None"),
        ({"columns": 10**10}, "expected columns to be a whole number from 1 to 1048576, got 1"),
    ],
)
def test_bad_sizes_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        Sizes(**sizes)
