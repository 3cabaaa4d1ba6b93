"""Likelihoods against SciPy; the residual law comes back in what is sampled."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy import stats

from aae.model.likelihood import CellLaw, ClosedForm, Likelihood
from aae.model.likelihoods import LIKELIHOODS, MIN_LOG_VARIANCE, Gaussian
from aae.model.residual import KNOTS, MEMORY, REACH, Residual, own_noise

pytestmark = pytest.mark.usefixtures("tensorflow")

RNG = np.random.default_rng(0)
TIED, OWN = np.array([0, 1, 0, 1, 1, 2]), np.arange(6)
ROWS = RNG.normal(size=(40, 6)).astype("f4")


def built(name: str, groups: NDArray[np.int64], classes: int = 1) -> Likelihood:
    made = LIKELIHOODS[name](groups, classes)
    made.build()
    return made


def law_of(made: Likelihood, seed: int = 1) -> CellLaw:
    rng = np.random.default_rng(seed)
    shape = (len(ROWS), len(made.sizes))
    mean, log_variance = (tf.constant(rng.normal(size=shape), tf.float32) for _ in range(2))
    return CellLaw(mean, log_variance if made.stochastic else tf.zeros_like(mean))


def one_class(rows: int, classes: int = 1, chosen: int = 0) -> tf.Tensor:
    return tf.one_hot([chosen] * rows, classes)


CASES = [(name, groups) for name in LIKELIHOODS for groups in (TIED, OWN)]


@pytest.mark.parametrize(("name", "groups"), CASES)
def test_nll_is_minus_the_log_density(name: str, groups: NDArray[np.int64]) -> None:
    made = built(name, groups)
    law = law_of(made)
    mean, log_variance = (np.asarray(made.columns(each)) for each in law)
    wanted = -stats.norm.logpdf(ROWS, mean, np.exp(log_variance / 2)).sum(axis=1)
    if not made.stochastic:
        wanted -= ROWS.shape[1] * np.log(2 * np.pi) / 2
    found = made.nll(made.statistics(tf.constant(ROWS)), law)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_likelihood_provides_all_of_its_contract(name: str) -> None:
    """And the base nothing of it: a likelihood that lacks a part says so."""
    made, base = built(name, TIED), Likelihood(TIED, 1)
    law, rows = law_of(made), made.statistics(tf.constant(ROWS))
    outputs = {key: tf.zeros([40, each.shape[-1]]) for key, each in heads(made).items()}
    given: dict[str, tuple[Any, ...]] = {
        "law": (outputs, one_class(40)),
        "nll": (rows, law),
        "sample": (law, one_class(40), tf.zeros([40, 6])),
    }
    for method, arguments in given.items():
        getattr(made, method)(*arguments)
        with pytest.raises(NotImplementedError):
            getattr(base, method)(*arguments)


def heads(made: Likelihood) -> dict[str, Any]:
    import keras

    return made.heads(keras.Input((7,)))


def test_the_residual_likelihood_alone_learns_in_closed_form() -> None:
    closed = {name for name in LIKELIHOODS if isinstance(built(name, TIED), ClosedForm)}
    assert closed == {"residual"}


@pytest.mark.parametrize(("name", "groups"), CASES)
def test_half_squares(name: str, groups: NDArray[np.int64]) -> None:
    made = built(name, groups)
    law = law_of(made)
    wanted = ((ROWS - np.asarray(made.columns(law.mean))) ** 2).sum(axis=1) / 2
    found = made.half_squares(made.statistics(tf.constant(ROWS)), law)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("groups", [TIED, OWN])
def test_statistics_and_features(groups: NDArray[np.int64]) -> None:
    made = built("residual", groups)
    found = made.statistics(tf.constant(ROWS))
    for group in range(groups.max() + 1):
        cells = ROWS[:, groups == group]
        np.testing.assert_allclose(found.mean[:, group], cells.mean(axis=1), atol=1e-6)
        np.testing.assert_allclose(found.variance[:, group], cells.var(axis=1), atol=1e-6)
    features = np.asarray(made.features(found))
    assert features.shape == (40, 5 if groups is TIED else 6)
    if groups is TIED:  # deviations of the groups of more than one column
        np.testing.assert_allclose(features[:, 3], ROWS[:, [0, 2]].std(axis=1), atol=1e-6)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_rows_follow_their_law_or_have_no_noise(name: str) -> None:
    """Standard normal residuals have a normal law under both stochastic likelihoods."""
    made, rows = built(name, TIED), 4000
    if isinstance(made, Residual):
        made.settle(RNG.normal(size=(5000, 6)).astype("f4"), np.zeros(5000, dtype=int))
    law = CellLaw(tf.ones([rows, 3]), tf.zeros([rows, 3]))
    noise = RNG.normal(size=(rows, 6)).astype("f4")
    found = np.asarray(made.sample(law, one_class(rows), tf.constant(noise))) - 1
    if made.stochastic:
        # 10,000 residuals of the smallest group: 5 standard errors in the middle
        assert np.abs(found - noise)[np.abs(noise) < 1].max() < 0.1
        assert all(stats.kstest(column, "norm").pvalue > 1e-6 for column in found.T)
    else:
        np.testing.assert_array_equal(found, 0)


def test_gaussian_log_variance_is_a_column_and_a_row_and_bounded() -> None:
    made = built("gaussian", OWN)
    assert isinstance(made, Gaussian)
    row, column = RNG.normal(size=(30, 1)).astype("f4"), np.arange(6, dtype="f4") / 10
    outputs = {"mean": tf.zeros([30, 6]), "row": tf.constant(row)}
    made.column.assign(column)
    np.testing.assert_allclose(made.law(outputs, one_class(30)).log_variance, row + column)
    made.column.assign(np.full(6, -1e6))
    np.testing.assert_array_equal(
        made.law(outputs, one_class(30)).log_variance, np.float32(MIN_LOG_VARIANCE)
    )


def residual(groups: NDArray[np.int64], classes: int = 1) -> Residual:
    made = built("residual", groups, classes)
    assert isinstance(made, Residual)
    return made


def observed(made: Residual, steps: int, scale: NDArray[np.float64], **given: Any) -> None:
    """Batches of 50 rows of two classes whose cells are `scale` (classes, columns) wide."""
    rng, labels = np.random.default_rng(1), np.arange(50) % made.classes
    classes, weight = tf.one_hot(labels, made.classes), given.get("weight", tf.ones(50))
    law = CellLaw(tf.zeros([50, len(made.sizes)]), tf.zeros([50, len(made.sizes)]))

    @tf.function
    def step(rows: tf.Tensor) -> None:
        made.observe(made.statistics(rows), law, classes, weight)

    for _ in range(steps):
        step(tf.constant(rng.normal(size=(50, 6)) * scale[labels], tf.float32))


def test_observed_variances_are_those_of_the_residuals() -> None:
    """The running mean holds 20 batches of 25 rows a class: 5 standard errors."""
    made = residual(TIED, classes=2)
    made.resolve(0.0)
    scale = np.array([[1, 2, 1, 2, 2, 3], [0.1, 0.5, 0.1, 0.5, 0.5, 5]])
    observed(made, 150, scale)
    wanted = scale[:, [0, 1, 5]] ** 2
    error = 5 * np.sqrt(2 / (25 / (1 - MEMORY) * np.bincount(TIED)))
    assert (np.abs(made.variance.numpy() / wanted - 1) < error).all()


def test_rows_of_no_weight_are_not_observed() -> None:
    made = residual(TIED, classes=2)
    made.resolve(0.0)
    weight = tf.constant(np.arange(50) % 2 == 0, tf.float32)  # of the second class, nothing
    observed(made, 60, np.array([[2.0] * 6, [9.0] * 6]), weight=weight)
    np.testing.assert_allclose(made.variance[0], 4, rtol=0.5)
    np.testing.assert_allclose(made.variance[1], 1, rtol=1e-3)


def test_variances_stay_above_the_resolution() -> None:
    made = residual(TIED)
    made.resolve(0.1)
    observed(made, 250, np.zeros((1, 6)))
    np.testing.assert_allclose(made.variance.numpy()[0], 0.01 * np.bincount(TIED), rtol=1e-5)


def led() -> Residual:
    """Two groups, columns 0 to 2 and 3 to 5, which are one in the second class of two."""
    return Residual(np.repeat([0, 1], 3), 2, np.array([[0, 1], [0, 0]]))


def test_a_group_that_is_led_has_mean_variance_and_noise_of_its_leader() -> None:
    made = led()
    made.build()
    made.resolve(0.0)
    scale = np.array([[1.0] * 3 + [3.0] * 3, [1.0] * 3 + [7.0] * 3])
    observed(made, 150, scale)
    error = 5 * np.sqrt(2 / (25 / (1 - MEMORY) * 3))
    wanted = [[1, 9], [25, 25]]  # (1 + 49) / 2
    assert (np.abs(made.variance.numpy() / wanted - 1) < error).all()
    made.settle(RNG.normal(size=(80, 6)).astype("f4") * 5, np.arange(80) % 2)
    classes = tf.one_hot([0, 1], 2)
    law = made.law({"mean": tf.constant([[2.0, 4.0], [2.0, 4.0]])}, classes)
    np.testing.assert_array_equal(law.mean, [[2, 4], [2, 2]])
    rows = made.sample(law, classes, tf.ones([2, 6])).numpy()
    assert len(set(rows[1])) == 1 and len(set(rows[0])) == 2


def test_what_is_led_together_is_resolved_as_one_group() -> None:
    made = led()
    made.build()
    made.resolve(0.1)
    observed(made, 250, np.zeros((2, 6)))
    np.testing.assert_allclose(made.variance, [[0.03, 0.03], [0.06, 0.06]], rtol=1e-5)


LAWS = {
    "uniform": stats.uniform(-1, 2),
    "exponential": stats.expon(-1),
    "long tails": stats.t(3),
    "coin": stats.rv_discrete(values=([-1, 1], [0.5, 0.5])),
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_samples_have_the_law_of_the_residuals(law: Any) -> None:
    """Each class and group its own; tails too. Kolmogorov-Smirnov, and the ends."""
    made, n = residual(np.repeat([0, 1], 10), classes=2), 1000
    classes = np.repeat([0, 1], n // 2)
    scale = np.where(classes[:, None] == 0, 1.0, 5.0) * np.repeat([1.0, 0.1], 10)
    cells = law.rvs(size=(n, 20), random_state=np.random.default_rng(2))
    made.settle((cells * scale).astype("f4"), classes)
    for label in range(2):
        rows = CellLaw(tf.zeros([n, 2]), tf.zeros([n, 2]))
        noise = tf.constant(np.random.default_rng(3).normal(size=(n, 20)), tf.float32)
        found = np.asarray(made.sample(rows, one_class(n, 2, label), noise)) / scale[-label]
        for part in (slice(0, 10), slice(10, 20)):
            mine, given = found[:, part].ravel(), cells[classes == label, part].ravel()
            # Rounded, or the coin's sides would differ in the last bit.
            distance = stats.ks_2samp(mine.round(4), given.round(4)).statistic
            assert distance < 1.95 * np.sqrt(1 / 5000 + 1 / 10_000)
            assert given.min() - 1e-4 <= mine.min() and mine.max() <= given.max() + 1e-4
            for share in (0.001, 0.999):
                low, high = np.quantile(given, [max(share - 9e-4, 0), min(share + 9e-4, 1)])
                assert low - 1e-3 <= np.quantile(mine, share) <= high + 1e-3


def test_noise_beyond_reach_draws_the_outermost_residual() -> None:
    made = residual(np.zeros(4, dtype=int))
    cells = RNG.normal(size=(50, 4)).astype("f4")
    made.settle(cells, np.zeros(50, dtype=int))
    noise = tf.constant([[-9.0, -REACH, REACH, 9.0]])
    found = made.sample(CellLaw(tf.zeros([1, 1]), tf.zeros([1, 1])), one_class(1), noise)
    kept = own_noise(cells)
    np.testing.assert_allclose(found[0], [kept.min()] * 2 + [kept.max()] * 2, rtol=1e-5)


def test_rows_that_the_code_explains_have_no_noise() -> None:
    """Residuals of one number a row are the code's imprecision, not noise of the cells."""
    made = residual(np.zeros(6, dtype=int))
    row = 0.01 * RNG.normal(size=(200, 1))
    made.settle(np.repeat(row, 6, axis=1).astype("f4"), np.zeros(200, dtype=int))
    noise = tf.constant(RNG.normal(size=(100, 6)), tf.float32)
    law = CellLaw(tf.ones([100, 1]), tf.zeros([100, 1]))
    np.testing.assert_allclose(made.sample(law, one_class(100), noise), 1, atol=1e-6)


def test_own_noise_of_independent_cells_is_all_of_it() -> None:
    """The rule rejects at 4 standard errors: no false alarm in 200 draws."""
    for seed in range(200):
        cells = np.random.default_rng(seed).normal(size=(100, 5)).astype("f4")
        assert own_noise(cells) is cells


@pytest.mark.parametrize("shape", [(1, 5), (50, 1)])
def test_own_noise_needs_rows_and_columns(shape: tuple[int, int]) -> None:
    cells = RNG.normal(size=shape).astype("f4")
    assert own_noise(cells) is cells


@pytest.mark.parametrize("columns", [2, 20])
def test_own_noise_has_no_row_effect_and_the_variance_of_the_cells(columns: int) -> None:
    """The variance of so many normal cells is known to 5 standard errors."""
    noise, rows = RNG.normal(size=(3000, columns)), RNG.normal(size=(3000, 1))
    found = own_noise((noise + rows).astype("f4"))
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-5)
    assert abs(found.var() - 1) < 5 * np.sqrt(2 / (3000 * (columns - 1)))


def test_evidence_of_long_tails_weighs_less() -> None:
    """w = 2 / (kurtosis - 1): 1 of normal and of shorter tails, 1/4 of exponential ones."""
    made, rows = residual(np.array([0] * 20 + [1] * 20 + [2] * 20 + [3])), 4000
    rng = np.random.default_rng(0)
    cells = [rng.normal(size=(rows, 20)), rng.exponential(size=(rows, 20))]
    cells += [rng.uniform(size=(rows, 20)), rng.exponential(size=(rows, 1))]
    made.weigh(np.concatenate(cells, axis=1).astype("f4"))
    # The kurtosis of 80,000 exponential cells has a standard error of about 0.2.
    np.testing.assert_allclose(made.evidence.numpy(), [1, 0.25, 1, 1], atol=0.04)


def test_evidence_weighs_a_rows_variance_alone() -> None:
    made = residual(TIED)
    rows, law = made.statistics(tf.constant(ROWS)), law_of(made)
    full = np.asarray(made.nll(rows, law))
    made.evidence.assign([0.0, 0.0, 0.0])
    mean = np.asarray(tf.square(rows.mean - law.mean) / tf.exp(law.log_variance))
    np.testing.assert_allclose(made.nll(rows, law), mean @ made.sizes / 2, rtol=1e-4)
    made.evidence.assign([0.5, 0.5, 0.5])
    np.testing.assert_allclose(made.nll(rows, law), (mean @ made.sizes / 2 + full) / 2, rtol=1e-3)


def test_tables_fit_into_memory() -> None:
    assert residual(np.zeros(9, dtype=int)).knots == KNOTS
    wide = residual(np.arange(784), classes=10)
    assert 64 <= wide.knots < KNOTS and wide.quantiles.shape == (784 * 10 * wide.knots,)
