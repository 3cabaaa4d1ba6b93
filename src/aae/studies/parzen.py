"""The Parzen-window log-likelihood by which Makhzani et al. (arXiv 1511.05644) compare models.

Known to mislead (Theis et al., arXiv 1511.01844, section 3.2): in many columns it is far from the
log-likelihood however many rows are generated, and it prefers rows near the centres of clusters,
even to rows of the real law. So it only means something beside the same number of real rows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import distances

CHUNK = 500  # rows whose distances to all centres are in memory

Array = NDArray[np.float64]


class Parzen(NamedTuple):
    """Log-likelihood of test rows.

    Attributes:
        mean: in nats a row; error: standard error of this mean, over test rows.
        bandwidth: standard deviation of the kernel, in the data's units.
    """

    mean: float
    error: float
    bandwidth: float


def parzen(
    centres: NDArray[np.floating],
    validation: NDArray[np.floating],
    test: NDArray[np.floating],
    grid: NDArray[np.floating],
) -> Parzen:
    """Fit the window on generated rows, choose its width on validation rows, measure test rows.

    Args:
        centres: generated rows, shape (n, columns).
        validation: real rows that choose the bandwidth.
        test: real rows that are measured.
        grid: bandwidths to choose from.
    """
    of_validation = log_densities(validation, centres, grid).mean(axis=0)
    best = int(of_validation.argmax())
    densities = log_densities(test, centres, grid[best : best + 1])[:, 0]
    error = float(densities.std(ddof=1) / np.sqrt(len(densities)))
    return Parzen(float(densities.mean()), error, float(grid[best]))


def log_densities(
    rows: NDArray[np.floating], centres: NDArray[np.floating], bandwidths: NDArray[np.floating]
) -> Array:
    """Log density of rows under equal Gaussians at the centres, shape (rows, bandwidths).

    log p(x) = log(1 / n sum_i exp(-|x - c_i|^2 / (2 s^2))) - d / 2 log(2 pi s^2), in nats, of n
    centres in d columns and bandwidth s.
    """
    from scipy.special import logsumexp

    wide = centres.astype(float)
    parts = []
    for start in range(0, len(rows), CHUNK):
        squares = distances(rows[start : start + CHUNK].astype(float), wide) ** 2
        parts.append(
            np.stack([logsumexp(-squares / (2 * s**2), axis=1) for s in bandwidths], axis=1)
        )
    constant = np.log(len(centres)) + rows.shape[1] / 2 * np.log(2 * np.pi * bandwidths**2)
    return np.asarray(np.concatenate(parts) - constant)
