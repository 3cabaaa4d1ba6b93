"""Every law against its closed form, by one parametrised set of tests.

Samples have fixed seeds. A bound of 6 standard errors is left with a probability of 2e-9, or some
1e-7 where a statistic is skewed; the sup-norm bound with 1e-8: over all tests less than 1e-4.
"""

import itertools
import json
import math
from dataclasses import asdict, fields, make_dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from aae.laws.contract import Sizes
from aae.laws.moments import PopulationMoments, cell_moments
from aae.laws.registry import LAWS, describe, law_from

ROWS, COLUMNS, BOUND = 20_000, 6, 6.0
POOLED = {
    "kind": "pooled",
    "components": {name: {"kind": name} for name in ("uniform", "normal", "density")},
    "shares": {"uniform": 0.2, "normal": 0.3, "density": 0.5},
    "held_out": {"expon_neg": {"kind": "expon_neg", "scale": 2.0}},
}
# Also laws of components that differ in everything, and a pooled law that is discrete.
GRIDS = {"a": {"kind": "density"}, "b": {"kind": "density", "low": 0, "high": 3, "points": 7}}
FAR = {
    "a": {"kind": "expon_neg", "scale": 0.5},
    "b": {"kind": "normal_mixture", "means": [3], "sigmas": [0.1], "weights": [1]},
    "c": {"kind": "normal_expon", "loc": 1.0, "sigma": 0.2, "scale": 1.5},
}
PARAMETERS = {
    **{kind: {"kind": kind} for kind in LAWS if kind != "pooled"},
    "uniform narrow": {"kind": "uniform", "low": 0.1, "high": 0.3},
    "normal apart": {"kind": "normal", "mean": 2.0, "rho": 0.0},
    "normal related": {"kind": "normal", "mean": -1.0, "rho": 0.3},
    "density coarse": {"kind": "density", "center": [0.3, -0.2], "variance": 2.0, "points": 4},
    "expon_neg wide": {"kind": "expon_neg", "scale": 3.0},
    "normal_expon skew": {"kind": "normal_expon", "loc": -1.0, "sigma": 0.1, "scale": 2.0},
    "mixture of three": {
        "kind": "normal_mixture",
        "means": [-2, 0, 3],
        "sigmas": [0.1, 1, 2],
        "weights": [0.333333, 0.333333, 0.333333],
    },
    "pooled": POOLED,
    "pooled far": {"kind": "pooled", "components": FAR, "shares": {"c": 0.7, "b": 0.2, "a": 0.1}},
    "pooled grids": {"kind": "pooled", "components": GRIDS, "shares": {"a": 0.5, "b": 0.5}},
}
LAW = {name: law_from(parameters) for name, parameters in PARAMETERS.items()}
every_law = pytest.mark.parametrize("name", LAW)


@cache
def drawn(name):
    return LAW[name].sample(ROWS, COLUMNS, np.random.default_rng(list(LAW).index(name)))


def standard_errors(values, expected):
    """Distance of the mean over independent rows from its expectation, in standard errors."""
    spread = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return np.abs(values.mean(axis=0) - expected) / np.maximum(spread, 1e-12)


def assert_follows(law, rows):
    """Compare each column with its CDF: Dvoretzky-Kiefer-Wolfowitz, which holds for any law."""
    limit = math.sqrt(math.log(2 / 1e-8) / (2 * len(rows)))
    for column, values in enumerate(np.asarray(rows, dtype=np.float64).T):
        at = np.sort(values)
        for side, points in (("right", at), ("left", np.nextafter(at, -np.inf))):
            empirical = np.searchsorted(at, at, side=side) / len(at)
            exact = law.cdf(points, rows.shape[1])[:, column]
            assert np.max(np.abs(empirical - exact)) < limit


def central(law, columns=COLUMNS):
    """Raw moments of each column about 0, shape (4, columns), from the standardised ones."""
    mean, std, skewness, excess = law.moments(columns)
    second, third = std**2, skewness * std**3
    fourth = (excess + 3) * std**4
    raw3 = third + 3 * mean * second + mean**3
    raw4 = fourth + 4 * mean * third + 6 * mean**2 * second + mean**4
    return np.stack([mean, second + mean**2, raw3, raw4])


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
def test_sample_cells_match_cell_moments(name):
    mean, std, skewness, excess = cell_moments(LAW[name].moments(COLUMNS))
    scores = (drawn(name).rows.astype(np.float64) - mean) / std
    for power, expected in enumerate([0, 1, skewness, excess + 3], start=1):
        assert standard_errors((scores**power).mean(axis=1), expected) < BOUND


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


@every_law
def test_description_is_json_and_agrees_with_the_law(name):
    law, content = LAW[name], describe(LAW[name], COLUMNS)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert (content["kind"], content["classes"]) == (law.kind, law.classes)
    assert (content["columns"], content["support"]) == (COLUMNS, list(law.support()))
    assert (content["atoms"] is None) == (law.atoms() is None)
    np.testing.assert_array_equal(PopulationMoments(**content["moments"]), law.moments(COLUMNS))
    assert content["cells"] == cell_moments(law.moments(COLUMNS))._asdict()


@pytest.mark.parametrize("kind", LAWS)
def test_schema_takes_and_returns_parameters(kind):
    omegaconf = pytest.importorskip("omegaconf")
    # As the configuration combines them: a law's parameters beside the sizes.
    both = make_dataclass(kind, [], bases=(LAWS[kind], Sizes))
    given_values = PARAMETERS[kind] | {"rows": 5}
    config = omegaconf.OmegaConf.merge(omegaconf.OmegaConf.structured(both), given_values)
    content = omegaconf.OmegaConf.to_container(config)
    sizes = Sizes(**{each.name: content.pop(each.name) for each in fields(Sizes)})
    assert sizes == Sizes(rows=5)
    assert law_from(content) == LAW[kind]
    assert law_from(asdict(LAW[kind])) == LAW[kind]


number = st.floats(-50, 50)
positive = st.floats(0.05, 20)
probes = st.lists(st.floats(-300, 300), min_size=1, max_size=20).map(np.array)


def assert_same_law(law, reference, values):
    mean, variance, skewness, excess = reference.stats(moments="mvsk")
    expected = [mean, math.sqrt(variance), skewness, excess]
    # rtol of scipy's own formulas, which cancel where one part dwarfs the other.
    np.testing.assert_allclose(np.ravel(law.moments(1)), expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], reference.cdf(values), atol=1e-9)


@settings(deadline=None)
@given(low=number, width=positive, values=probes)
def test_uniform_is_scipys(low, width, values):
    law = law_from({"kind": "uniform", "low": low, "high": low + width})
    assert_same_law(law, stats.uniform(low, law.high - low), values)


@settings(deadline=None)
@given(mean=number, rho=st.floats(0, 1), values=probes)
def test_normal_is_scipys(mean, rho, values):
    law = law_from({"kind": "normal", "mean": mean, "rho": rho})
    assert_same_law(law, stats.norm(mean, 1), values)


@settings(deadline=None)
@given(scale=positive, values=probes)
def test_expon_neg_is_scipys_mirrored(scale, values):
    law, reference = law_from({"kind": "expon_neg", "scale": scale}), stats.expon(0, scale)
    mean, variance, skewness, excess = reference.stats(moments="mvsk")
    expected = [-mean, math.sqrt(variance), -skewness, excess]
    np.testing.assert_allclose(np.ravel(law.moments(1)), expected)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], reference.sf(-values), atol=1e-12)


@settings(deadline=None)
@given(loc=number, sigma=positive, scale=positive, values=probes)
def test_normal_expon_is_scipys(loc, sigma, scale, values):
    law = law_from({"kind": "normal_expon", "loc": loc, "sigma": sigma, "scale": scale})
    assert_same_law(law, stats.exponnorm(scale / sigma, loc, sigma), values)


@pytest.mark.parametrize(("sigma", "scale"), [(1e6, 1e-6), (1e-6, 1e6)])
def test_normal_expon_tends_to_its_larger_part(sigma, scale):
    law = law_from({"kind": "normal_expon", "sigma": sigma, "scale": scale})
    limit = stats.norm(0, sigma) if sigma > scale else stats.expon(0, scale)
    values = np.linspace(-9e6, 9e6, 101)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], limit.cdf(values), atol=1e-9)


@settings(deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_uniform_stays_inside_as_float32(low, high):
    assume(high - low > 1e-5 * max(abs(low), abs(high)) + 1e-30)
    rng = np.random.default_rng(0)
    rows = law_from({"kind": "uniform", "low": low, "high": high}).sample(100, 3, rng).rows
    assert rows.min().item() >= low and rows.max().item() <= high


@pytest.mark.parametrize("ends", [(0.0, 1.0), (1.0, 1.0)])
def test_uniform_stays_inside_at_the_ends_of_its_draws(ends):
    class Extreme:
        def uniform(self, low, high, size):
            return np.resize([low + end * (high - low) for end in ends], size)

    for low, high in [(0.1, 0.7), (-0.7, -0.1), (-0.1, 0.1), (0.3, 0.6)]:
        law = law_from({"kind": "uniform", "low": low, "high": high})
        rows = law.sample(4, 3, Extreme()).rows
        assert rows.min().item() >= low and rows.max().item() <= high


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_normal_columns_are_correlated_by_rho(rho):
    rows = law_from({"kind": "normal", "rho": rho}).sample(ROWS, 4, np.random.default_rng(5)).rows
    for one, other in itertools.combinations(rows.T.astype(np.float64), 2):
        assert standard_errors(one * other, rho) < BOUND
    assert (rho == 1) == bool((rows == rows[:, :1]).all())


def test_density_points_follow_the_normal_density_on_the_grid():
    rows = LAW["density"].sample(ROWS, 20, np.random.default_rng(6)).rows
    grid = LAW["density"].atoms()
    assert len(grid) == 50 and (grid[0], grid[-1]) == (-2, 2)
    x, y = (np.searchsorted(grid, rows[:, axis::2].ravel()) for axis in (0, 1))
    counts = np.bincount(x * 50 + y, minlength=2500)
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    density = stats.multivariate_normal([-1, 1], 0.5 * np.eye(2)).pdf(points).ravel()
    expected = counts.sum() * density / density.sum()
    rare = expected < 20  # together one cell, where the chi-square law would not hold
    table = [np.append(each[~rare], each[rare].sum()) for each in (counts, expected)]
    assert stats.chisquare(*table).pvalue > 1e-6


@pytest.mark.parametrize("name", [name for name in LAW if LAW[name].classes])
def test_label_shares_and_the_rows_of_each_label(name):
    rows, labels = drawn(name)
    law, content = LAW[name], PARAMETERS[name]
    if law.kind == "pooled":
        assert law.classes == list(content["components"])
        shares = [content["shares"][each] for each in law.classes]
        parts = list(law.component_laws.values())
    else:
        shares, sizes = np.divide(law.weights, sum(law.weights)), (law.means, law.sigmas)
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


def test_mixed_moments_do_not_cancel_far_from_0():
    near, far = (
        {"kind": "normal_mixture", "means": [at, at + 2], "sigmas": [1, 3], "weights": [0.4, 0.6]}
        for at in (0, 1e5)
    )
    shapes = [law_from(each).moments(1)[1:] for each in (near, far)]
    np.testing.assert_allclose(*shapes, rtol=1e-9)


def test_component_without_a_share_is_not_drawn():
    shares = {"uniform": 1.0, "normal": 0.0, "density": 0}
    law = law_from(POOLED | {"shares": shares})
    rows, labels = law.sample(1000, COLUMNS, np.random.default_rng(0))
    assert law.support() == (-1, 1) and np.abs(rows).max() <= 1 and not labels.any()
    np.testing.assert_allclose(law.moments(COLUMNS), LAW["uniform"].moments(COLUMNS), atol=1e-12)


def test_held_out_law_is_beside_the_pooled_one():
    without = law_from(POOLED | {"held_out": {}})
    rows = without.sample(100, COLUMNS, np.random.default_rng(3)).rows
    same = LAW["pooled"].sample(100, COLUMNS, np.random.default_rng(3)).rows
    np.testing.assert_array_equal(rows, same)
    assert LAW["pooled"].held_out_laws == {"expon_neg": law_from(POOLED["held_out"]["expon_neg"])}
    assert without.held_out_laws == {}


def pooled(**changes):
    return POOLED | changes


NOTHING = {"kind": "normal_mixture", "means": [], "sigmas": [], "weights": []}


NUMBER = r"to be a number in \[-1e30, 1e30\], got "
POSITIVE = r"to be a number in \(0, 1e30\], got "
SHARE = r"to be a number in \[0, 1\], got "
BAD = [
    ({"kind": "foo"}, "unknown distribution kind 'foo': expected one of uniform, normal, density"),
    ({"kind": ["uniform"]}, r"unknown distribution kind \['uniform'\]: expected one of"),
    ({"low": 0}, "expected a kind, one of uniform, .*, got .'low'"),
    (None, "expected a law to be a mapping, got None"),
    ({"kind": "uniform", "scale": 1}, "unknown parameter 'scale' of 'uniform': .* low, high"),
    ({"kind": "uniform", "rows": 1}, "unknown parameter 'rows'"),
    ({"kind": "uniform", "low": 2.0}, r"expected low < high, got \(2.0, 1.0\)"),
    ({"kind": "uniform", "low": 1.0, "high": 1.0}, r"expected low < high, got \(1.0, 1.0\)"),
    ({"kind": "uniform", "low": math.nan}, f"expected low {NUMBER}nan"),
    ({"kind": "uniform", "high": math.inf}, f"expected high {NUMBER}inf"),
    ({"kind": "uniform", "high": 1e300}, f"expected high {NUMBER}1e.300"),
    ({"kind": "uniform", "high": "1"}, f"expected high {NUMBER}'1'"),
    ({"kind": "uniform", "high": True}, f"expected high {NUMBER}True"),
    ({"kind": "uniform", "low": 1.0, "high": 1 + 1e-9}, "expected a spread that float32 resolves"),
    ({"kind": "normal", "mean": 1e9}, r"resolves, got {'std': \[1.0\], 'mean': \[10+.0\]}"),
    ({"kind": "normal", "rho": 1.5}, f"expected rho {SHARE}1.5"),
    ({"kind": "normal", "rho": -0.1}, f"expected rho {SHARE}-0.1"),
    ({"kind": "normal", "mean": None}, f"expected mean {NUMBER}None"),
    ({"kind": "density", "center": [1.0]}, r"expected center to be a list of 2, .* got \[1.0\]"),
    ({"kind": "density", "center": 1.0}, "expected center to be a list of 2, .* got 1.0"),
    ({"kind": "density", "center": [0, "1"]}, rf"expected center\[1\] {NUMBER}'1'"),
    ({"kind": "density", "variance": 0}, f"expected variance {POSITIVE}0"),
    ({"kind": "density", "variance": 1e-9}, r"a spread .*, got {'std': \[0.0, 0.0\]"),
    ({"kind": "density", "points": 1}, "expected points to be a whole number >= 2, got 1"),
    ({"kind": "density", "points": 9.5}, "expected points to be a whole number >= 2, got 9.5"),
    ({"kind": "density", "low": 3}, r"expected low < high, got \(3, 2.0\)"),
    ({"kind": "expon_neg", "scale": -1.0}, f"expected scale {POSITIVE}-1.0"),
    ({"kind": "expon_neg", "scale": 1e-300}, "expected a spread that float32 resolves"),
    ({"kind": "normal_expon", "sigma": 0.0}, f"expected sigma {POSITIVE}0.0"),
    ({"kind": "normal_expon", "scale": -2}, f"expected scale {POSITIVE}-2"),
    ({"kind": "normal_mixture", "means": []}, r"as many means as .*, got \[0, 2, 2\]"),
    (NOTHING, "expected weights that sum to 1, got 0"),
    ({"kind": "normal_mixture", "means": "12"}, "expected means to be a list, .* got '12'"),
    ({"kind": "normal_mixture", "means": [1]}, r"as many means as .*, got \[1, 2, 2\]"),
    ({"kind": "normal_mixture", "sigmas": [1, 0]}, rf"expected sigmas\[1\] {POSITIVE}0"),
    ({"kind": "normal_mixture", "weights": [0.5, 0.4]}, "weights that sum to 1, got 0.9"),
    ({"kind": "normal_mixture", "weights": [1.5, -0.5]}, rf"expected weights\[0\] {SHARE}1.5"),
    ({"kind": "normal_mixture", "weights": [0.5, -0.5]}, rf"expected weights\[1\] {SHARE}-0.5"),
    ({"kind": "pooled"}, "expected at least one component, got {}"),
    (pooled(components=[1]), r"expected components to be a mapping, got \[1\]"),
    (pooled(components={"a": None}), "component 'a': expected a law to be a mapping, got None"),
    (pooled(components={"a": POOLED}), "component 'a': unknown distribution kind 'pooled'"),
    (pooled(held_out={"a": POOLED}), "held-out law 'a': unknown distribution kind 'pooled'"),
    (pooled(held_out={"a": {"kind": "b"}}), "held-out law 'a': unknown distribution kind 'b'"),
    (pooled(shares={"uniform": 1.0}), r"expected a share for each of .*, got \['uniform'\]"),
    (pooled(shares=dict.fromkeys(POOLED["shares"], 0.5)), "shares that sum to 1, got 1.5"),
    (pooled(shares=dict.fromkeys(POOLED["shares"], "x")), rf"shares\[uniform\] {SHARE}'x'"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("parameters", "message"), BAD)
def test_bad_parameters_are_refused_in_one_line(parameters, message):
    with pytest.raises(ValueError, match=message) as caught:
        law_from(parameters)
    assert "\n" not in str(caught.value)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="expected kind 'uniform', got 'normal'"):
        LAWS["uniform"](kind="normal")


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


def test_held_out_law_has_the_same_columns():
    grid = {"components": {"a": {"kind": "uniform"}}, "shares": {"a": 1}, "held_out": GRIDS}
    with pytest.raises(ValueError, match="expected an even number of columns for 'density', got 5"):
        law_from(POOLED | grid).check_columns(5)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"rows": 0}, "expected rows to be a whole number >= 1, got 0"),
        ({"test_rows": -1}, "expected test_rows to be a whole number >= 1, got -1"),
        ({"columns": 0}, "expected columns to be a whole number >= 1, got 0"),
        ({"seed": -1}, "expected seed to be a whole number >= 0, got -1"),
        ({"rows": 1.5}, "expected rows to be a whole number >= 1, got 1.5"),
        ({"rows": True}, "expected rows to be a whole number >= 1, got True"),
        ({"seed": "0"}, "expected seed to be a whole number >= 0, got '0'"),
        ({"columns": None}, "expected columns to be a whole number >= 1, got None"),
    ],
)
def test_bad_sizes_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        Sizes(**sizes)
