"""Baselines: each returns what it was fitted to, as far as it can."""

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.studies.baselines import (
    BASELINES,
    Baselines,
    generated,
    kernel_density,
    normal_scores,
    quantiles,
)
from aae.studies.trained import Trained
from aae.verdict.hard_checks import KnownLaw


def table(rows: int, seed: int) -> Split:
    """Two classes: a skewed column, a whole-number one that follows it, and an atom at 0."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=rows)
    first = rng.lognormal(labels[:, None], size=(rows, 1))
    second = np.round(3 * first + rng.normal(size=(rows, 1)))
    third = np.where(rng.random((rows, 1)) < 0.4, 0.0, rng.random((rows, 1)))
    return Split(np.hstack([first, second, third]).astype("f4"), labels)


@pytest.mark.parametrize("name", BASELINES)
def test_rows_keep_grid_range_and_dependence(name: str) -> None:
    train = table(600, 0)
    rows = generated(name, train, 600, 0)
    assert (rows[:, 1] == np.round(rows[:, 1])).all()
    assert (rows.min(axis=0) >= train.rows.min(axis=0)).all()
    assert (rows.max(axis=0) <= train.rows.max(axis=0)).all()
    scores = [normal_scores(each[:, :2]).T for each in (rows, train.rows)]
    made, real = (float(np.mean(each[0] * each[1]) / np.mean(each[0] ** 2)) for each in scores)
    assert made == pytest.approx(real, abs=0.1)


@pytest.mark.parametrize("name", BASELINES)
def test_the_same_seed_gives_the_same_rows(name: str) -> None:
    train = table(100, 0)
    first, again, other = (generated(name, train, 50, seed) for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize("name", BASELINES)
def test_classes_of_one_row_are_possible(name: str) -> None:
    train = table(30, 0)
    train = Split(train.rows, np.append(np.zeros(29, int), 1))
    assert np.isfinite(generated(name, train, 200, 0)).all()


def test_quantiles_invert_the_scores() -> None:
    rows = np.array(table(200, 0).rows)
    assert quantiles(rows, normal_scores(rows)) == pytest.approx(rows, abs=1e-5)


def test_a_kernel_density_is_wider_than_its_rows() -> None:
    scores = np.random.default_rng(0).normal(size=(300, 2))
    made = kernel_density(scores, 20000, np.random.default_rng(1))
    assert (made.var(axis=0) > scores.var(axis=0)).all()


def test_the_measure_tells_copies_from_real_rows() -> None:
    trained = Trained(None, table(200, 0), table(200, 1), KnownLaw(), {}, 0)
    close = Baselines(2, 199).of(trained)
    assert close["real rows"]["nearer"] is None
    assert close["copies"]["nearer"] > 0.9 > close["Gaussian copula"]["nearer"]
    assert close["real rows"]["trees"] == pytest.approx(0.5, abs=0.12)
