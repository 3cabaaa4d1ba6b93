"""Laws of indicators: what is found in rows, what fills gaps, and one category in each row."""

import numpy as np
import pytest
import tensorflow as tf

from aae.model.exclusive import Exclusive
from aae.model.indicators import filled, indicators
from aae.model.scores import Scores

pytestmark = pytest.mark.usefixtures("tensorflow")

ROWS = 600
RNG = np.random.default_rng(0)
CATEGORY = RNG.choice(4, ROWS, p=[0.5, 0.3, 0.15, 0.05])
CATEGORY[:4] = range(4)
ONE_HOT = np.eye(4)[CATEGORY]
FACTOR = RNG.normal(size=ROWS)
GAP = RNG.random(ROWS) < 0.2
VALUE = FACTOR + 0.3 * RNG.normal(size=ROWS)
FLAG = RNG.random(ROWS) < 0.3


def table(*columns):
    return np.column_stack(columns).astype("f4")


def test_groups_and_gaps_are_found_where_they_stand():
    median = np.where(GAP, np.median(VALUE), VALUE)
    found = indicators(table(FLAG, FACTOR, ONE_HOT, median, GAP, FLAG, ~FLAG))
    assert [group.tolist() for group in found.groups] == [[2, 3, 4, 5], [8, 9]]
    assert found.hidden.tolist() == [6]


def test_what_is_no_group_is_none():
    two = np.eye(4)[RNG.permuted(CATEGORY)]
    loose = ONE_HOT.copy()
    loose[7] = 0  # a row of no category
    for columns in ([FACTOR, VALUE], [FLAG, RNG.permuted(FLAG)], [loose], [ONE_HOT[:, :3]]):
        assert not indicators(table(*columns))
    assert len(indicators(table(ONE_HOT, two)).groups) == 2


def test_a_value_that_is_no_gap_stays_free():
    assert not len(indicators(table(VALUE, FLAG)).hidden)
    alone = np.arange(ROWS) < 2  # two rows with the same value by chance
    assert not len(indicators(table(np.where(alone, 0, VALUE), alone)).hidden)


def test_gaps_are_filled_such_that_dependences_stay():
    rows = table(np.where(GAP, 0.0, VALUE), GAP, FACTOR)
    units = Scores(3, 1)
    units.adapt(rows)
    full = filled(rows, units.scores(rows), np.array([0]))
    np.testing.assert_array_equal(full[~GAP], rows[~GAP])
    assert np.isin(full[GAP, 0], rows[~GAP, 0]).all()
    wanted = np.corrcoef(VALUE[~GAP], FACTOR[~GAP])[0, 1]
    error = (1 - wanted**2) / GAP.sum() ** 0.5
    assert abs(np.corrcoef(full[GAP, 0], FACTOR[GAP])[0, 1] - wanted) < 4 * error


def learnt(rows, labels, classes):
    units = Scores(rows.shape[1], classes)
    units.adapt(rows)
    layer = Exclusive(indicators(rows), rows.shape[1], classes, "float32")
    layer.adapt(rows, units.scores(rows))
    drawn = np.random.default_rng(1).normal(size=(20_000, rows.shape[1])).astype("f4")
    layer.settle(rows, labels, drawn, np.arange(20_000) % classes)
    return layer, units


def test_each_row_has_one_category_and_each_label_its_shares():
    labels = (RNG.random(ROWS) < np.array([0.3, 0.5, 0.7, 0.0])[CATEGORY]).astype(np.int64)
    rows = table(FACTOR, ONE_HOT)
    layer, _ = learnt(rows, labels, 2)
    scores = np.random.default_rng(2).normal(size=(40_000, 5)).astype("f4")
    drawn = np.arange(40_000, dtype=np.int32) % 2
    made = layer(tf.zeros((40_000, 5)), tf.constant(scores), tf.constant(drawn)).numpy()
    np.testing.assert_array_equal(made[:, 1:].sum(axis=1), 1)
    assert set(np.unique(made[:, 1:])) == {0, 1} and not made[:, 0].any()
    for label in range(2):
        wanted = rows[labels == label, 1:].mean(axis=0)
        np.testing.assert_allclose(made[drawn == label, 1:].mean(axis=0), wanted, atol=0.02)
    assert not made[drawn == 1, 4].any()  # no row of that label has this category


def test_scores_of_training_rows_give_their_categories():
    rows = table(FACTOR, ONE_HOT)
    layer, units = learnt(rows, np.zeros(ROWS, np.int64), 1)
    layer.bias.assign(tf.zeros_like(layer.bias))
    zero = tf.zeros(ROWS, tf.int32)
    made = layer(tf.constant(rows), tf.constant(units.scores(rows)), zero)
    np.testing.assert_array_equal(made, rows)


def test_a_gap_is_hidden_where_the_next_column_says_so():
    rows = table(np.where(GAP, 0.25, VALUE), GAP, FACTOR)
    layer, _ = learnt(rows, np.zeros(ROWS, np.int64), 1)
    given = table(VALUE, GAP, FACTOR)
    np.testing.assert_array_equal(layer.hide(tf.constant(given)), rows)
