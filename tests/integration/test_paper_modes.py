"""What each mode of Makhzani et al. (arXiv 1511.05644) is for, on small data."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import KNeighborsClassifier
from support import small_models as small

from aae.dataset.splits import Split
from aae.model.autoencoder import AAE
from aae.model.configuration import PRIORS, Train
from aae.model.plan import train_validation_split
from aae.model.progress import Progress
from aae.model.training import build, fit

pytestmark = pytest.mark.usefixtures("tensorflow")

Array = NDArray[np.floating]
TRAIN = Train(epochs=120, batch_size=100, discriminator_learning_rate=5e-3)
SEED = 0
COLUMNS = 8
MIXING = np.random.default_rng(7).normal(size=(COLUMNS, COLUMNS))


def factors(count: int, seed: int, rows: int = 600) -> Split:
    """Rows of `count` uniform factors, mixed linearly, and little noise."""
    rng = np.random.default_rng([seed, count])
    cells = rng.uniform(-1, 1, size=(rows, count)) @ MIXING[:count]
    return Split((cells + 0.05 * rng.normal(size=cells.shape)).astype("f4"), None)


def points(seed: int, rows: int = 600) -> Split:
    """Four rows, again and again."""
    chosen = np.random.default_rng([seed, 4]).integers(4, size=rows)
    return Split(MIXING[chosen].astype("f4"), None)


def classes(style: float, seed: int, rows: int = 600) -> Split:
    """Rows of three classes about 2 apart, with a common factor `style` and little noise."""
    rng = np.random.default_rng([seed, 9])
    labels, factor = rng.integers(3, size=rows), rng.normal(size=(rows, 1))
    cells = 2 * np.eye(3)[labels] @ MIXING[:3] + style * factor * MIXING[3]
    return Split((cells + 0.5 * rng.normal(size=cells.shape)).astype("f4"), labels)


DATA: dict[str, Callable[[int], Split]] = {
    "factors": partial(factors, 2),
    "points": points,
    "no style": partial(classes, 0.0),
    "style": partial(classes, 2.0),
    "large style": partial(classes, 3.0),
}


@cache
def trained(name: str, epochs: int = TRAIN.epochs, **changes: Any) -> AAE:
    """A model of one of the data sets, after `fit`."""
    keras.utils.set_random_seed(SEED)
    data, sizes = DATA[name](0), {"encoder": [32], "decoder": [32], "discriminator": [32, 16]}
    made = build(data, small.settings(**sizes | changes))
    fit(made, data, replace(TRAIN, epochs=epochs), SEED, Progress(lambda *_: None))
    return made


def codes(made: AAE, rows: Array, seed: int = 0) -> tuple[Array, NDArray[np.int64]]:
    """Codes drawn from q(z | x) and the likeliest categories."""
    noise = small.normal(len(rows), made.latent, seed=seed)
    statistics = made.likelihood.statistics(made.units(tf.constant(rows)))
    code = made.encode(statistics, noise)
    chosen = np.zeros(len(rows), dtype=int)
    if code.logits is not None:
        chosen = np.asarray(tf.argmax(code.logits, axis=1))
    return np.asarray(code.sample(noise)), chosen


def decoded(made: AAE, z: Array, category: NDArray[np.int64] | int = 0) -> Array:
    """Mean of p(x | z, c)."""
    chosen = tf.one_hot(np.broadcast_to(category, len(z)), made.classes)
    law = made.decode(tf.constant(z, tf.float32), chosen)
    return np.asarray(made.units.linear(made.likelihood.columns(law.mean)))


def explained(made: AAE, rows: Array) -> float:
    """Share of the variance of rows that their reconstructions explain."""
    z, category = codes(made, rows)
    gap = ((rows - decoded(made, z, category)) ** 2).sum()
    return float(1 - gap / ((rows - rows.mean(axis=0)) ** 2).sum())


def from_prior(made: AAE, name: str, rows: int = 600) -> Array:
    from aae.model.autoencoder import uniform_of
    from aae.model.priors import COMPONENTS
    from aae.model.priors import PRIORS as LAWS

    noise = small.normal(rows, made.latent + 1, seed=99)
    return np.asarray(LAWS[name](noise[:, :-1], uniform_of(noise[:, -1]), COMPONENTS))


def energy(one: Array, other: Array) -> float:
    """Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'|."""
    between, *within = (cdist(a, b).mean() for a, b in ((one, other), (one, one), (other, other)))
    return float(2 * between - sum(within))


LINEAR = {"likelihood": "mse", "posterior": "deterministic", "labels": "ignored", "clusters": 1}


@pytest.mark.parametrize("prior", PRIORS)
def test_codes_follow_the_prior_because_of_the_adversary(prior: str) -> None:
    """Two factors fill two dimensions; without an adversary nothing says how."""
    made = trained("factors", **LINEAR, prior=prior)
    control = trained("factors", **LINEAR, adversary="none")
    fresh = factors(2, 1).rows
    law = from_prior(made, prior)
    distances = [energy(codes(each, fresh)[0], law) for each in (made, control)]
    assert distances[0] < distances[1] / 2
    assert explained(made, fresh) > 0.5


@pytest.mark.parametrize("posterior", ["gaussian", "noise"])
def test_a_random_posterior_fills_what_rows_leave_empty(posterior: str) -> None:
    """Of four rows, a deterministic posterior makes four codes, the others the whole plane.

    After 120 epochs the two players are not done: of 16 seeds, 4 fail; after 400, none of 8.
    """
    made = trained("points", 400, **LINEAR | {"posterior": posterior}, information=0.0)
    control = trained("points", 400, **LINEAR)
    rows = points(1).rows
    law = from_prior(made, "gaussian")
    distances = [energy(codes(each, rows)[0], law) for each in (made, control)]
    again = [
        np.allclose(codes(each, rows)[0], codes(each, rows, seed=1)[0]) for each in (made, control)
    ]
    assert again == [False, True]
    assert len(np.unique(codes(control, rows)[0].round(4), axis=0)) == 4
    assert distances[0] < distances[1] / 2
    assert explained(made, rows) > 0.5


def test_a_label_conditioned_adversary_gives_each_class_its_component() -> None:
    changes = {"labels": "adversary", "prior": "gaussian_mixture", "likelihood": "mse"}
    made = trained("large style", **changes, posterior="deterministic")
    fresh = classes(3.0, 1)
    z, _ = codes(made, fresh.rows)
    angle = np.arctan2(z[:, 1], z[:, 0]) / (2 * np.pi) * 3
    nearest = np.round(angle).astype(int) % 3
    assert np.mean(nearest == fresh.labels) > 0.9


def style_of(rows: Array) -> Array:
    """The common factor of rows of `classes`, times its size, by least squares."""
    return np.linalg.lstsq(MIXING[:4].T, rows.T, rcond=None)[0][3]


def test_given_labels_leave_the_style_to_the_code() -> None:
    """The category says the class and the code the style, whatever the category."""
    made = trained("large style", likelihood="gaussian")
    data, fresh = classes(3.0, 0), classes(3.0, 1)
    assert data.labels is not None and fresh.labels is not None
    z, likeliest = codes(made, fresh.rows)
    used = np.asarray(made.listened(z, np.eye(3, dtype="f4")[likeliest]))
    half = len(z) // 2
    neighbours = KNeighborsClassifier(15).fit(used[:half], fresh.labels[:half])
    accuracy = neighbours.score(used[half:], fresh.labels[half:])
    assert np.mean(likeliest == fresh.labels) > 0.9
    assert accuracy < 1 / 3 + 4 * np.sqrt(2 / 9 / half)  # chance, and 4 standard errors
    reader = KNeighborsClassifier(15).fit(data.rows, data.labels)
    for category in range(3):
        made_up = decoded(made, z, category)
        assert np.mean(reader.predict(made_up) == category) > 0.9
        assert np.corrcoef(style_of(made_up), style_of(fresh.rows))[0, 1] > 0.95


def test_few_labels_and_many_rows_are_better_than_the_labels_alone() -> None:
    labelled = 9
    made = trained("style", likelihood="gaussian", labelled=labelled)
    data, fresh, rng = classes(2.0, 0), classes(2.0, 1), np.random.default_rng(SEED)
    assert data.labels is not None
    known = train_validation_split(len(data.rows), TRAIN, rng)[0][:labelled]
    alone = LogisticRegression().fit(data.rows[known], data.labels[known])
    errors = [
        np.mean(codes(made, fresh.rows)[1] != fresh.labels),
        np.mean(alone.predict(fresh.rows) != fresh.labels),
    ]
    assert errors[0] < errors[1]


def test_more_categories_than_clusters_find_them() -> None:
    """Each category stands for the class that it mostly has among the training rows."""
    made = trained("no style", likelihood="gaussian", labels="ignored", clusters=8)
    data, fresh = classes(0.0, 0), classes(0.0, 1)
    known, chosen = (codes(made, each.rows)[1] for each in (data, fresh))
    votes = np.zeros((8, 3))
    np.add.at(votes, (known, data.labels), 1)
    assert np.mean(votes.argmax(axis=1)[chosen] == fresh.labels) > 0.9


def test_categories_find_planted_clusters() -> None:
    made = trained("no style", likelihood="gaussian", labels="ignored", clusters=3)
    fresh = classes(0.0, 1)
    _, chosen = codes(made, fresh.rows)
    assert made.categories == 3
    assert adjusted_rand_score(fresh.labels, chosen) > 0.8


def test_two_dimensions_keep_classes_apart() -> None:
    made = trained("large style", **LINEAR)
    data, fresh = classes(3.0, 0), classes(3.0, 1)
    known, z = (codes(made, each.rows)[0] for each in (data, fresh))
    score = KNeighborsClassifier(5).fit(known, data.labels).score(z, fresh.labels)
    assert score > 0.8
