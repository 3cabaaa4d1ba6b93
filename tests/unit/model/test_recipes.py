"""Recipes are known as such, come back whole, and as often as new rows have known ones."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.recipes import Recipes, balanced, recipes, repeated_together

pytestmark = pytest.mark.usefixtures("tensorflow")


def mixtures(rows: int = 300, kinds: int = 60, seed: int = 0) -> NDArray[np.float32]:
    """Three ingredients that repeat together, an age of few values, and a strength."""
    rng = np.random.default_rng(seed)
    kind = rng.normal(size=(kinds, 3))[rng.integers(kinds, size=rows)]
    age = rng.choice([1.0, 7.0, 28.0], rows)
    strength = kind.sum(axis=1) + np.log(age) + rng.normal(size=rows)
    return np.column_stack([age, kind, strength]).astype("f4")


def test_columns_that_repeat_together_are_known() -> None:
    (known,) = repeated_together(mixtures())
    assert known.member.tolist() == [False, True, True, True, False]
    assert known.counts.sum() == 300


def test_columns_that_determine_one_another_are_known() -> None:
    rng = np.random.default_rng(2)
    month = rng.integers(36, size=500)
    index, days = rng.normal(size=36), rng.integers(28, 32, size=36)
    rows = np.column_stack([month, rng.normal(size=500), index[month], days[month]]).astype("f4")
    (known,) = repeated_together(rows)
    assert known.member.tolist() == [True, False, True, True]
    assert len(known.first) == len(np.unique(month))


def test_columns_that_only_depend_on_one_another_are_not() -> None:
    rng = np.random.default_rng(3)
    first = rng.poisson(6, size=500)
    rows = np.column_stack([first, first + rng.integers(-1, 2, size=500)]).astype("f4")
    assert repeated_together(rows) == []


def test_two_groups_are_told_apart() -> None:
    rng = np.random.default_rng(4)
    month, place = rng.integers(36, size=600), rng.integers(30, size=600)
    of_month, of_place = rng.normal(size=(2, 36))
    rows = np.column_stack([month, place, of_month[month], of_place[place]]).astype("f4")
    found = [each.member.tolist() for each in repeated_together(rows)][:2]
    assert sorted(found) == [[False, True, False, True], [True, False, True, False]]


def test_independent_columns_are_no_recipe_however_few_their_values() -> None:
    rng = np.random.default_rng(0)
    assert repeated_together(rng.integers(3, size=(300, 4)).astype("f4")) == []
    assert repeated_together(rng.normal(size=(300, 4)).astype("f4")) == []
    assert repeated_together(np.round(rng.normal(size=(300, 2)), 1).astype("f4")) == []


def test_chance_of_a_known_recipe_is_that_of_new_rows() -> None:
    rows = mixtures(600, 200)
    member = np.array([False, True, True, True, False])
    known = {tuple(row) for row in rows[:300, member]}
    seen = np.mean([tuple(row) in known for row in rows[300:, member]])
    assert recipes(rows[:300], member).seen == pytest.approx(seen, abs=0.08)


def test_balanced_distances_give_each_its_share() -> None:
    rng = np.random.default_rng(0)
    places, wanted = rng.normal(size=(8, 2)), rng.dirichlet(np.full(8, 5.0))
    away = np.square(rng.normal(size=(5000, 1, 2)) - places).sum(axis=2)
    share = np.bincount((away + balanced(away, wanted)).argmin(axis=1), minlength=8) / 5000
    assert np.abs(share - wanted).max() < 0.02


def test_rows_take_known_recipes_whole_and_as_often_as_new_rows_have_them() -> None:
    rows = mixtures()
    (known,) = repeated_together(rows)
    scores = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype("f4")
    layer = Recipes(known)
    rng = np.random.default_rng(1)
    drawn = (scores[rng.integers(300, size=4000)] + 0.2 * rng.normal(size=(4000, 5))).astype("f4")
    layer.settle(rows, scores, drawn)
    made = np.asarray(layer(tf.constant(drawn + 100), tf.constant(drawn)))
    whole = {tuple(row) for row in rows[:, known.member]}
    taken = np.array([tuple(row) in whole for row in made[:, known.member]])
    assert taken.mean() == pytest.approx(known.seen, abs=0.01)
    np.testing.assert_array_equal(made[:, ~known.member], drawn[:, ~known.member] + 100)
    np.testing.assert_array_equal(made[~taken], drawn[~taken] + 100)
