"""Laws of memorisation: copies are seen, honest fits are not, intervals cover what they should."""

import json

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn import datasets
from sklearn.mixture import GaussianMixture

from aae.verdict.memorisation import RATIOS, TRAIN_RATIO, memorisation
from aae.verdict.repeats import copied_rows, fewest_copies


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def sets(seed, columns, train=300, holdout=300, generated=300):
    return [normal([seed, i], n, columns) for i, n in enumerate((generated, train, holdout))]


def plain(generated, train, holdout):
    """N, D_3 and D_10 of each row, by their formulas."""
    both = np.concatenate([train, holdout])
    x, y, g = ((side - both.mean(0)) / both.std(0) for side in (train, holdout, generated))
    a, b = cdist(g, x).min(axis=1), cdist(g, y).min(axis=1)
    nearer = (b - a) / np.where(a + b > 0, a + b, 1)
    return np.stack([nearer, *((b > r * a) * 1.0 - (a > r * b) for r in RATIOS)])


def values(found):
    return [each.value for each in (found.nearer, found.traceable, found.copied)]


# Formulas


def test_agrees_with_the_plain_formula():
    generated, train, holdout = sets(0, 2, 40, 40, 30)
    want = plain(generated, train, holdout).mean(axis=1)
    assert values(memorisation(generated, train, holdout)) == pytest.approx(list(want), abs=1e-9)


def test_unequal_sets_are_centred_on_all_labellings():
    """4 training and 2 hold-out rows have 15 labellings: their mean is subtracted exactly."""
    generated, known = normal(0, 7, 2), normal(1, 6, 2)
    labellings = [
        plain(generated, known[np.setdiff1d(np.arange(6), [i, j])], known[[i, j]])
        for i in range(6)
        for j in range(i)
    ]
    want = plain(generated, known[:4], known[4:]) - np.mean(labellings, axis=0)
    found = memorisation(generated, known[:4], known[4:])
    assert values(found) == pytest.approx(list(want.mean(axis=1) * 6 / 4), abs=1e-4)


@pytest.mark.parametrize("columns", [1, 2, 10, 784])
@pytest.mark.parametrize("train_rows", [100, 300, 1000])
def test_copies_count_one(columns, train_rows):
    _, train, holdout = sets(0, columns, train_rows)
    found = memorisation(train[:90], train, holdout)
    assert found.alarm
    assert found.nearer.value == pytest.approx(1, abs=0.02)
    if columns > 1:
        assert found.copied.value == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("columns", [1, 3, 20])
def test_intervals_cover_nothing_where_there_is_nothing(columns):
    """90% by construction; bounds that hold with chance > 0.9999."""
    found = [memorisation(*sets(seed, columns, 90, 60, 80)) for seed in range(150)]
    covers = sum(each.nearer.low <= 0 <= each.nearer.high for each in found)
    assert covers >= stats.binom.ppf(1e-4, 150, 0.87)


def test_units_do_not_matter():
    _, train, holdout = sets(0, 50)
    copies, units = train + 0.5 * normal(1, 300, 50), np.geomspace(1e-6, 1e6, 50)
    plainly, scaled = (memorisation(*(s * u for s in (copies, train, holdout))) for u in (1, units))
    assert values(scaled) == pytest.approx(values(plainly), rel=1e-6)


# Honest rows


@pytest.mark.parametrize(
    ("columns", "rows"), [(1, 50), (2, 100), (3, 100), (8, 100), (64, 100), (2, 200)]
)
def test_fresh_rows_do_not_alarm(columns, rows):
    """At most 1% alarm: more than 5 of 100 then have a chance below .001."""
    alarms = [memorisation(*sets(seed, columns, rows, rows, rows)).alarm for seed in range(100)]
    assert sum(alarms) <= stats.binom.isf(1e-3, 100, 0.01)


@pytest.mark.parametrize("train", [400, 60])
def test_fresh_rows_beside_unequal_sets_do_not_alarm(train):
    alarms = [memorisation(*sets(seed, 3, train, 100, 200)).alarm for seed in range(100)]
    assert sum(alarms) <= stats.binom.isf(1e-3, 100, 0.01)


@pytest.mark.parametrize("columns", [2, 4, 6])
def test_repeated_rows_that_real_halves_show_too_are_no_copies(columns):
    alarms = [
        memorisation(*np.random.default_rng(seed).integers(0, 4, (3, 200, columns)) * 1.0).alarm
        for seed in range(100)
    ]
    assert sum(alarms) <= stats.binom.isf(1e-3, 100, 0.01)


def test_a_wrong_law_is_not_memorisation():
    for seed in range(20):
        generated, train, holdout = sets(seed, 5, 60, 60, 40)
        assert not memorisation(3 + 2 * generated, train, holdout).alarm
        assert not memorisation(0.01 * generated, train, holdout).alarm
        assert not memorisation(np.zeros((40, 5)), train, holdout).alarm  # a collapsed generator


TABLES = ["wine", "breast_cancer", "diabetes", "digits"]


def halves(name, seed):
    """Training rows, hold-out rows and the training rows' classes of a table."""
    table = getattr(datasets, f"load_{name}")()
    x, y = table.data, table.target if name != "diabetes" else np.zeros(len(table.data))
    order = np.random.default_rng(seed).permutation(len(x))[:800]
    half = len(order) // 2
    return x[order[:half]], x[order[half:]], y[order[:half]]


def copula(x, rows, rng):
    """Rows of a Gaussian copula with the quantiles of x."""
    ranks = (stats.rankdata(x, axis=0) - 0.5) / len(x)
    covariance = np.cov(stats.norm.ppf(ranks).T) + 1e-6 * np.eye(x.shape[1])
    z = rng.normal(size=(rows, x.shape[1])) @ np.linalg.cholesky(covariance).T
    z /= np.sqrt(np.diag(covariance))
    return np.stack([np.quantile(*each) for each in zip(x.T, stats.norm.cdf(z).T, strict=True)], 1)


def class_copulas(x, classes, rng):
    return np.concatenate(
        [copula(x[classes == c], (classes == c).sum(), rng) for c in set(classes)]
    )


def mixture(x, _, rng):
    """A mixture with 20 rows a cluster or more, at most 4."""
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    seed = int(rng.integers(2**31))
    model = GaussianMixture(min(4, len(x) // 40), covariance_type="diag", random_state=seed)
    return model.fit(x / scale).sample(len(x))[0] * scale


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("fit", [class_copulas, mixture])
def test_honest_fits_do_not_alarm(name, fit):
    for seed in range(3):
        train, holdout, classes = halves(name, seed)
        rows = fit(train, classes, np.random.default_rng(seed))
        assert not memorisation(rows, train, holdout, seed=seed).alarm


# Copies


def neighbours(x, rng):
    """Points between rows and one of their five nearest (SMOTE)."""
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    near = np.argsort(cdist(x / scale, x / scale), axis=1)[:, 1:6]
    other = x[near[np.arange(len(x)), rng.integers(5, size=len(x))]]
    return x + rng.random((len(x), 1)) * (other - x)


def tenth(x, rng):
    """A tenth of the rows copied, the others of a copula."""
    return np.concatenate([x[: len(x) // 10], copula(x, len(x) - len(x) // 10, rng)])


FAKES = {
    "copies": lambda x, rng: x[rng.integers(len(x), size=len(x))],
    "a tenth copied": tenth,
    "SMOTE": neighbours,
    "jitter": lambda x, rng: x + 0.1 * x.std(axis=0) * rng.normal(size=x.shape),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("fake", FAKES)
def test_fakes_of_real_tables_alarm(name, fake):
    train, holdout, _ = halves(name, 0)
    assert memorisation(FAKES[fake](train, np.random.default_rng(0)), train, holdout).alarm


@pytest.mark.parametrize(("rows", "columns"), [(90, 10), (500, 10), (2000, 20)])
def test_as_few_copies_as_it_says_are_seen_and_fewer_are_not(rows, columns):
    generated, train, holdout = sets(0, columns, rows, rows, rows)
    fewest = memorisation(generated, train, holdout).fewest
    for copied in (fewest - 2, fewest):
        rows = generated.copy()
        rows[:copied] = train[:copied]
        assert memorisation(rows, train, holdout).alarm is (copied == fewest)


def test_copies_of_a_few_of_many_training_rows_are_seen():
    generated, train, holdout = sets(0, 5, 40_000, 200, 1000)
    honest = memorisation(generated, train, holdout)
    assert not honest.alarm
    generated[: honest.fewest] = train[: honest.fewest] + 1e-7
    found = memorisation(generated, train, holdout)
    assert found.repeats == honest.fewest
    assert "copies" in found.reason


def test_float32_copies_are_exact_and_repeats_count_once():
    _, train, _ = sets(0, 30)
    rng = np.random.default_rng(0)
    copies = train[:40].astype(np.float32)
    assert copied_rows((np.repeat(copies, 3, axis=0), train + 0.01), train, rng) == [40, 0]


def test_fewest_copies_exceed_three_times_the_unseen_rows_repeats():
    for unseen, rows in [(0, (1000, 1000)), (20, (1000, 1000)), (3, (500, 100))]:
        share = 3 * rows[0] / (3 * rows[0] + rows[1])
        fewest = fewest_copies(unseen, rows)
        chances = [stats.binom.sf(k - 1, k + unseen, share) for k in (fewest - 1, fewest)]
        assert chances[0] >= 1e-3 > chances[1] or fewest == rows[0] + 1
    assert fewest_copies(51, (1000, 1000)) == 1001


# What it says


def test_words_and_json():
    generated, train, holdout = sets(0, 10)
    found = memorisation(generated, train, holdout)
    assert "no guarantee of privacy" in found.reason
    assert f"fewer than {found.fewest} copies among 300 rows" in found.reason
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["nearer"]["low"] < 0
    copies = memorisation(train, train, holdout).reason
    assert "about 100.0% of the generated rows are at least 3 times nearer" in copies
    noisy = memorisation(train + 0.4 * generated, train, holdout).reason
    assert "hug training rows" in noisy


def test_same_seed_same_answer_and_rows_are_left_alone():
    rows = sets(0, 4, 3000, 100, 2500)
    kept = [side.copy() for side in rows]
    assert memorisation(*rows, seed=5) == memorisation(*rows, seed=5)
    assert all((a == b).all() for a, b in zip(rows, kept, strict=True))
    assert len(rows[1]) > TRAIN_RATIO * len(rows[2])  # so that training rows were drawn


def test_constant_and_few_rows():
    zeros = np.zeros((40, 3))
    assert not memorisation(zeros, zeros, zeros).alarm
    assert not memorisation(*sets(0, 3, 1, 1, 1)).alarm
    json.dumps(memorisation(*sets(0, 3, 5, 2, 3)).to_dict(), allow_nan=False)
