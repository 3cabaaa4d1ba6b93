"""Laws of scores and of the way back: columns come out as they went in."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import ks_2samp

from aae.base.columns import kind_of
from aae.model.scores import KNOTS, Scores, normal_scores

pytestmark = pytest.mark.usefixtures("tensorflow")

ROWS = 300
RNG = np.random.default_rng(0)
COLUMNS: dict[str, NDArray[Any]] = {
    "normal": RNG.normal(size=ROWS),
    "huge": 1e6 * RNG.lognormal(size=ROWS),
    "tiny": 1e-6 * RNG.lognormal(size=ROWS),
    "two decimals": np.round(RNG.normal(13, 0.8, ROWS), 2),
    "counts": RNG.poisson(3, ROWS),
    "whole": np.round(RNG.normal(5e4, 1e4, ROWS)),
    "fifths": RNG.integers(0, 2000, ROWS) / 5,
    "zero-inflated": np.where(RNG.random(ROWS) < 0.6, 0, RNG.gamma(2.0, size=ROWS)),
    "rounded by habit": np.where(
        RNG.random(ROWS) < 0.8,
        RNG.integers(50, 3000, ROWS),
        np.round(RNG.uniform(50, 3000, ROWS), 2),
    ),
    "binary": RNG.integers(2, size=ROWS),
    "constant": np.full(ROWS, 7.25),
}
TABLE = np.column_stack(list(COLUMNS.values())).astype("f4")
LABELS = np.arange(ROWS) % 2


def learnt(labels: NDArray[np.int64] = LABELS, classes: int = 2) -> tuple[Scores, tf.Tensor]:
    """Scores, and as their model's own a normal law of the same mean and spread."""
    scores = Scores(len(COLUMNS), classes)
    scores.adapt(TABLE)
    drawn = np.random.default_rng(1).normal(size=(20_000, len(COLUMNS))).astype("f4")
    scores.settle(TABLE, labels, drawn, np.arange(20_000) % classes)
    return scores, drawn


def back() -> NDArray[np.float32]:
    """Rows from scores that are drawn as the model's own."""
    scores, _ = learnt()
    normal = np.random.default_rng(2).normal(size=(4000, len(COLUMNS))).astype("f4")
    return np.asarray(
        scores.inverse(tf.constant(normal), tf.constant(np.arange(4000, dtype=np.int32) % 2))
    )


def test_scores_are_normal_quantiles_of_mid_ranks() -> None:
    values = np.random.default_rng(3).permutation(50).astype("f4")
    wanted = ndtri((np.arange(50) + 0.5) / 50)
    np.testing.assert_allclose(normal_scores(values)[np.argsort(values)], wanted / wanted.std())
    np.testing.assert_allclose(normal_scores(np.exp(values / 9)), normal_scores(values))


def test_equal_values_share_a_score_and_a_constant_has_none() -> None:
    scores = normal_scores(np.array([1, 1, 1, 2]))
    assert scores[0] == scores[1] == scores[2] < scores[3]
    assert scores.std() == pytest.approx(1.0)
    assert not normal_scores(np.full(9, 3.0)).any()


def test_layer_and_numpy_agree_and_ascend() -> None:
    scores, _ = learnt()
    np.testing.assert_allclose(scores(TABLE).numpy(), scores.scores(TABLE), atol=2e-4)
    for column in range(len(COLUMNS)):
        order = np.argsort(TABLE[:, column], kind="stable")
        assert (np.diff(scores.scores(TABLE)[order, column]) >= 0).all()


def test_scores_are_exact_where_there_are_as_many_knots_as_values() -> None:
    scores, _ = learnt()
    for column, values in enumerate(TABLE.T):
        if len(np.unique(values)) <= KNOTS:
            own = scores.scores(TABLE)[:, column]
            np.testing.assert_allclose(own, normal_scores(values), atol=1e-5)


def test_values_come_back_as_they_went_in() -> None:
    """Sign, whole numbers, grid, atoms and range, by the judge's own description of a column."""
    for name, real, made in zip(COLUMNS, TABLE.T, back().T, strict=True):
        kind = kind_of(real)
        assert real.min() <= made.min() and made.max() <= real.max(), name
        if kind.repeating:
            assert np.isin(made, real).all(), name
        if kind.whole:
            assert (made == np.round(made)).all(), name
        if kind.step:
            turns = (made.astype(float) - kind.distinct[0]) / kind.step
            assert np.abs(turns - np.round(turns)).max() < 0.05, name


def test_a_value_of_a_grid_is_the_same_number_bit_for_bit() -> None:
    """Trees see one bit: .01 k from single precision is not the number that was read."""
    made = back()
    for name in ("two decimals", "fifths"):
        column = made[:, list(COLUMNS).index(name)]
        read = np.array([float(f"{value:.2f}") for value in column], dtype="f4")
        np.testing.assert_array_equal(column, read)


def test_marginal_laws_are_those_of_the_rows() -> None:
    for name, real, made in zip(COLUMNS, TABLE.T, back().T, strict=True):
        assert ks_2samp(real, made).statistic < 0.06, name


def test_atoms_have_their_share() -> None:
    column = list(COLUMNS).index("zero-inflated")
    share = np.mean(TABLE[:, column] == 0)
    assert np.mean(back()[:, column] == 0) == pytest.approx(share, abs=0.03)


def test_habits_of_rounding_are_kept() -> None:
    column = list(COLUMNS).index("rounded by habit")

    def rough(values: NDArray[np.floating]) -> float:
        return float(np.mean(values == np.round(values)))

    assert rough(back()[:, column]) == pytest.approx(rough(TABLE[:, column]), abs=0.08)


def test_each_label_has_a_way_back_of_its_own() -> None:
    labels = (TABLE[:, 0] > 0).astype(np.int64)
    scores, drawn = learnt(labels)
    for label in range(2):
        made = scores.inverse(tf.constant(drawn[:500]), tf.fill([500], label))
        assert ((np.asarray(made)[:, 0] > 0) == label).all()


def test_a_label_of_few_rows_has_that_of_all() -> None:
    labels = (np.arange(ROWS) < 5).astype(np.int64)
    scores, drawn = learnt(labels)
    alone, _ = learnt(np.zeros(ROWS, dtype=np.int64), 1)
    few = np.asarray(scores.linear(tf.constant(drawn[:200]), tf.fill([200], 1)))
    whole = np.asarray(alone.linear(tf.constant(drawn[:200]), tf.fill([200], 0)))
    spread = np.where(np.ptp(TABLE, axis=0) > 0, TABLE.std(axis=0), 1)
    assert np.mean(np.abs(few - whole) / spread < 0.1) > 0.97
