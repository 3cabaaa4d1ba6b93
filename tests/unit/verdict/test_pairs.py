"""Laws of the tests of pairs and of few columns: level, power, agreement with plain formulas."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from aae.verdict import pairs as pairs_module
from aae.verdict.few_columns import few_columns
from aae.verdict.pairs import largest_products, learning_groups, pairs, standardised
from aae.verdict.pooling import make_pool, permuted_labels
from aae.verdict.ranks import legendre_scores


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def correlated(rng, z, r):
    z[:, 1] = r * z[:, 0] + np.sqrt(1 - r**2) * z[:, 1]


def circle(rng, z, real):
    angle = rng.uniform(0, 2 * np.pi, (2, len(z)))
    z[:, 0], z[:, 1] = np.cos(angle[0]), np.sin(angle[0 if real else 1])


def bent(rng, z, real):
    z[:, 1] = 0.5 * z[:, 1] + np.abs(z[:, 0] if real else rng.normal(size=len(z)))


def scattered(rng, z, real):
    z[:, 1] *= np.exp(0.5 * (z[:, 0] if real else rng.normal(size=len(z))))


FAULTS = {
    "correlation .5": lambda rng, z, real: correlated(rng, z, 0.5 * real),
    "sign of a correlation": lambda rng, z, real: correlated(rng, z, 0.6 if real else -0.6),
    "circle": circle,
    "mean of |x|": bent,
    "spread": scattered,
}


def outcome(fault, rows, columns, permutations=199, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, rows, columns))
    fault(rng, x, 1)
    fault(rng, y, 0)
    return pairs(make_pool(x, y, permutations, seed))


@pytest.mark.parametrize("name", FAULTS)
def test_one_pair_of_many_is_seen(name):
    found = outcome(FAULTS[name], 600, 30)
    assert found.p <= 0.005
    assert found.null_median < found.null_q95 < found.statistic
    assert found.effect > 3


def test_a_small_change_of_all_pairs_is_seen():
    x, y = normal(0, 1000, 20), normal(1, 1000, 20)
    x += 0.35 * normal(2, 1000, 1)  # correlations of .11, each in 2.4 standard errors
    assert pairs(make_pool(x, y, 199, 0)).p <= 0.005


def test_one_pair_of_too_many_to_test_is_chosen_on_other_rows():
    assert outcome(FAULTS["sign of a correlation"], 600, 300).p <= 0.005
    assert outcome(FAULTS["spread"], 1000, 300).p <= 0.005


def test_a_weak_correlation_of_many_rows_is_seen():
    assert outcome(lambda rng, z, real: correlated(rng, z, 0.1 * real), 20_000, 20).p <= 0.005


LAWS = {
    "gaussian": lambda rng, n, d: rng.normal(size=(n, d)) + rng.normal(size=(n, 1)),
    "grid": lambda rng, n, d: rng.integers(0, 3, (n, d)) * 0.1,
    "rare": lambda rng, n, d: (rng.random((n, d)) < 0.03) + np.zeros(d),
    "mixed": lambda rng, n, d: np.maximum(rng.standard_cauchy((n, d)), 0) * (np.arange(d) > 0),
}
TESTS = {"pairs": pairs, "few_columns": few_columns, "halves": pairs}


@pytest.mark.parametrize(("name", "law"), list(product(TESTS, LAWS)))
def test_p_values_are_valid(name, law, monkeypatch):
    """Level at .05, .2 and .5: each bound is passed by a right test with chance > 0.9999."""
    if name == "halves":
        monkeypatch.setattr(pairs_module, "PRODUCT_CELLS", 0)
    repeats, p = 100, []
    for seed in range(repeats):
        rng = np.random.default_rng([seed, 5])
        x, y = (LAWS[law](rng, rows, 4) for rows in (50, 70))
        p.append(TESTS[name](make_pool(x, y, 39, seed)).p)
    for level in (0.05, 0.2, 0.5):
        assert np.sum(np.array(p) <= level) <= stats.binom.isf(1e-6, repeats, level), level


@pytest.mark.parametrize("rows", [2, 40, 600])
@pytest.mark.parametrize("columns", [2, 3, 200])
def test_every_shape_has_a_finite_outcome(rows, columns):
    x, y = np.round(normal(0, rows, columns)), np.round(normal(1, rows + 1, columns))
    x[:, 0], y[:, 0] = 0, 0
    x[:, 1], y[:, 1] = x[:, -1], y[:, -1]
    found = pairs(make_pool(x, y, 39, 0))
    assert np.isfinite([*vars(found).values()]).all()
    assert 0 < found.p <= 1


def test_nothing_to_compare_is_no_difference(monkeypatch):
    pool = make_pool(np.zeros((30, 3)), np.zeros((40, 3)), 39, 0)
    assert pairs(pool).p == few_columns(pool).p == 1.0
    monkeypatch.setattr(pairs_module, "PRODUCT_CELLS", 0)
    assert pairs(pool).p == 1.0


def test_differences_are_standardised_over_permutations():
    labels = permuted_labels(np.arange(40) < 15, 4000, np.random.default_rng(0))
    z = standardised(normal(0, 40, 3).astype(np.float32), labels)
    assert np.allclose(z.mean(axis=0), 0, atol=0.08)
    assert np.allclose(z.std(axis=0), 1, atol=0.05)


def test_the_largest_products_are_those_of_the_plain_formula():
    x, labels = normal(0, 90, 4), (np.arange(90) < 30).astype(np.float32)
    scores = legendre_scores(x)
    plain = {}
    for left, right in product(range(8), range(8)):
        if left % 4 < right % 4:
            values = (scores[left] * scores[right]).astype(float)
            gap = values[:30].mean() - values[30:].mean()
            plain[left, right] = gap / (values.std() * np.sqrt(1 / 30 + 1 / 60))
    got = largest_products(scores, labels, 4, 7)
    want = sorted(plain, key=lambda pair: -abs(plain[pair]))[:7]
    assert list(zip(got.left, got.right, strict=True)) == want
    assert np.allclose(got.z, [plain[pair] for pair in want], atol=1e-3)


def test_half_of_each_sample_learns():
    labels = (np.random.default_rng(0).random(101) < 0.3).astype(np.float32)
    learn = learning_groups(labels)
    assert learn[labels == 1].sum() == labels.sum() // 2
    assert learn[labels == 0].sum() == (labels == 0).sum() // 2


# Few columns

EFFECTS = {
    "std 5%": lambda z: z * 1.05,
    "mean .1": lambda z: z + [0.1, 0, 0],
    "correlation .1": lambda z: z @ np.linalg.cholesky(np.eye(3) + 0.1 * (1 - np.eye(3))).T,
}


@pytest.mark.parametrize("name", EFFECTS)
def test_required_effects_are_seen_in_few_columns(name):
    p = []
    for seed in range(10):
        x, y = normal(2 * seed, 6000, 3), EFFECTS[name](normal(2 * seed + 1, 6000, 3))
        p.append(few_columns(make_pool(x, y, 199, seed)).p)
    assert np.sum(np.array(p) <= 0.05) >= 8


def test_one_column_is_enough():
    assert few_columns(make_pool(normal(0, 8000, 1), normal(1, 8000, 1) * 1.07, 199, 0)).p <= 0.005
