import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from aae.studies.parzen import log_densities, parzen


@pytest.mark.parametrize("columns", [1, 5])
@pytest.mark.parametrize("bandwidth", [0.3, 2.0])
def test_one_centre_is_a_normal_law(columns, bandwidth):
    rows = np.random.default_rng(0).normal(size=(7, columns))
    centre = np.ones((1, columns))
    wanted = multivariate_normal(centre[0], bandwidth**2).logpdf(rows)
    found = log_densities(rows, centre, np.array([bandwidth]))[:, 0]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_many_centres_are_a_mixture_of_normal_laws():
    rng = np.random.default_rng(1)
    centres, rows = rng.normal(size=(30, 4)), rng.normal(size=(1203, 4))
    grid = np.array([0.2, 1.0])
    found = log_densities(rows, centres, grid)
    for place, bandwidth in enumerate(grid):
        parts = [multivariate_normal(centre, bandwidth**2).logpdf(rows) for centre in centres]
        wanted = logsumexp(parts, axis=0) - np.log(30)
        np.testing.assert_allclose(found[:, place], wanted, rtol=1e-6)


def test_the_density_integrates_to_one():
    centres = np.array([[-1.0], [0.5], [2.0]])
    places = np.linspace(-10, 10, 4001)[:, None]
    density = np.exp(log_densities(places, centres, np.array([0.4]))[:, 0])
    assert np.trapezoid(density, places[:, 0]) == pytest.approx(1, abs=1e-6)


def test_the_expected_log_likelihood_of_one_column():
    # All centres at 0: E log p = -log(2 pi s^2) / 2 - 1 / (2 s^2), best at s = 1.
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(20_000, 1))
    found = parzen(np.zeros((10, 1)), rows[:10_000], rows[10_000:], np.linspace(0.5, 2, 16))
    assert found.bandwidth == pytest.approx(1.0)
    assert found.mean == pytest.approx(-norm.entropy(), abs=4 * found.error)
    # The variance of x^2 / 2 is 1/2.
    assert found.error == pytest.approx(np.sqrt(0.5 / 10_000), rel=0.05)


def test_the_bandwidth_is_chosen_on_validation_rows():
    rng = np.random.default_rng(3)
    near, far = 0.1 * rng.normal(size=(2000, 2)), 3 * rng.normal(size=(2000, 2))
    grid = np.array([0.1, 3.0])
    assert parzen(np.zeros((1, 2)), near, far, grid).bandwidth == 0.1
    assert parzen(np.zeros((1, 2)), far, near, grid).bandwidth == 3.0


def test_its_known_weakness():
    # Theis et al.: rows that are all at the centre beat rows of the real law itself.
    rng = np.random.default_rng(4)
    real, validation, test = (rng.normal(size=(500, 100)) for _ in range(3))
    grid = np.geomspace(0.1, 3, 30)
    true = parzen(real, validation, test, grid).mean
    assert parzen(np.zeros((500, 100)), validation, test, grid).mean > true
