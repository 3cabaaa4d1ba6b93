"""Every prior has its moments and support, and gives each class its part of the plane."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy import stats

from aae.model import configuration as recipe
from aae.model.likelihoods import LIKELIHOODS
from aae.model.priors import COMPONENTS, PRIORS, TURNS

pytestmark = pytest.mark.usefixtures("tensorflow")

ROWS = 20_000
# Variance of a coordinate: of the mixture by symmetry (3^2 + 0.7^2 + 0.25^2) / 2.
VARIANCE = {"gaussian": 1.0, "uniform": 1.0, "gaussian_mixture": (9 + 0.49 + 0.0625) / 2}


def draw(name: str, latent: int = 2, components: int = COMPONENTS) -> NDArray[np.float64]:
    """Codes, and the place along the prior as the last column."""
    rng = np.random.default_rng(0)
    noise, place = rng.normal(size=(ROWS, latent)), rng.uniform(size=ROWS)
    codes = PRIORS[name](tf.constant(noise, tf.float32), tf.constant(place, tf.float32), components)
    assert codes.shape == noise.shape
    return np.concatenate([codes, place[:, None]], axis=1)


def test_tables_are_what_can_be_configured() -> None:
    assert set(PRIORS) == set(recipe.PRIORS)
    # `auto` becomes another one, `joint` is built with its table (`aae.model.table`).
    assert set(LIKELIHOODS) == set(recipe.LIKELIHOODS) - {"auto", "joint"}


@pytest.mark.parametrize("name", VARIANCE)
@pytest.mark.parametrize("latent", [2, 5])
def test_moments(name: str, latent: int) -> None:
    """Means, variances and correlations within 5 standard errors."""
    codes = draw(name, latent)[:, :latent]
    variance = np.where(np.arange(latent) < 2, VARIANCE[name], 1.0)
    assert (np.abs(codes.mean(axis=0)) < 5 * np.sqrt(variance / ROWS)).all()
    error = 5 * (codes**2).std(axis=0) / np.sqrt(ROWS)
    assert (np.abs((codes**2).mean(axis=0) - variance) < error).all()
    correlations = np.corrcoef(codes, rowvar=False) - np.eye(latent)
    assert np.abs(correlations).max() < 5 / np.sqrt(ROWS)


@pytest.mark.parametrize("name", PRIORS)
def test_further_dimensions_are_of_the_same_kind(name: str) -> None:
    further = draw(name, 4)[:, 2:4]
    law = stats.uniform(-np.sqrt(3), 2 * np.sqrt(3)) if name == "uniform" else stats.norm
    for column in further.T:
        assert stats.kstest(column, law.cdf).pvalue > 1e-4


def test_uniform_fills_its_square() -> None:
    codes = draw("uniform")[:, :2]
    assert np.abs(codes).max() <= np.float32(np.sqrt(3))
    for column in codes.T:
        assert stats.kstest(column / np.sqrt(12) + 0.5, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("components", [3, 10])
def test_each_component_has_its_interval_of_places(components: int) -> None:
    *codes, place = draw("gaussian_mixture", components=components).T
    number = np.floor(place * components)
    turned = (codes[0] + 1j * codes[1]) * np.exp(-2j * np.pi * number / components)
    assert stats.kstest((turned.real - 3) / 0.7, "norm").pvalue > 1e-4
    assert stats.kstest(turned.imag / 0.25, "norm").pvalue > 1e-4


def test_components_of_one_dimension_lie_in_a_row() -> None:
    codes, place = draw("gaussian_mixture", 1, components=3).T
    standard = (codes - 2 * np.floor(3 * place) + 2) / 0.5
    assert stats.kstest(standard, "norm").pvalue > 1e-4


def test_the_roll_is_a_spiral() -> None:
    """Its radius grows with the angle; its share within a radius is the square of it."""
    *codes, place = draw("swiss_roll").T
    turned = (codes[0] + 1j * codes[1]) * np.exp(-2j * np.pi * TURNS * np.sqrt(place))
    np.testing.assert_allclose(turned.imag, 0, atol=1e-4)
    assert stats.kstest((turned.real - 3 * np.sqrt(place)) / 0.1, "norm").pvalue > 1e-4


@pytest.mark.parametrize("name", ["gaussian_mixture", "swiss_roll"])
def test_classes_have_parts_that_do_not_meet(name: str) -> None:
    """Of 3 intervals of the place: rows are told by their nearest neighbours."""
    from sklearn.neighbors import KNeighborsClassifier

    codes = draw(name, components=3)
    known, place = codes[:, :2], np.floor(3 * codes[:, 2])
    half = ROWS // 2
    neighbours = KNeighborsClassifier(5).fit(known[:half], place[:half])
    # Parts of the roll touch at their ends.
    assert neighbours.score(known[half:], place[half:]) > 0.98
