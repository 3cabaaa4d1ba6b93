"""The tails of a binomial law agree with SciPy's slower ones."""

import numpy as np
import pytest
from scipy.stats import binom

from aae.verdict.tails import log_binomial_above, log_binomial_below


@pytest.mark.parametrize("share", [1e-3, 0.3, 0.99])
def test_tails_agree_with_scipy(share):
    count = np.arange(61)
    above, below = binom.logsf(count - 1, 60, share), binom.logcdf(count, 60, share)
    np.testing.assert_allclose(log_binomial_above(count, 60, share), above, atol=1e-9)
    np.testing.assert_allclose(log_binomial_below(count, 60, share), below, atol=1e-9)


def test_what_is_too_unlikely_for_a_number_is_impossible():
    assert log_binomial_above(5000, 5000, 0.5) == -np.inf
    assert log_binomial_below(0, 5000, 0.5) == -np.inf
    assert log_binomial_above(0, 0, 0.5) == 0
