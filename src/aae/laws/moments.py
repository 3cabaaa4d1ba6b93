"""Moments of laws in closed form: of one column, of a mixture, of all cells pooled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class PopulationMoments(NamedTuple):
    """First four moments of each column, each float64 of shape (columns,).

    `mean` and `std` are in the data's units; `skewness` and `excess_kurtosis` have none and are
    those of the population (0 for a normal law).
    """

    mean: Array
    std: Array
    skewness: Array
    excess_kurtosis: Array


def one_column(
    mean: float, std: float, skewness: float, excess_kurtosis: float
) -> PopulationMoments:
    """Moments of a law whose columns are all alike."""
    return PopulationMoments(
        *(np.array([float(each)]) for each in (mean, std, skewness, excess_kurtosis))
    )


def mix(weights: Array, parts: PopulationMoments) -> PopulationMoments:
    """Moments of the mixture over the first axis of `parts`, with which `weights` broadcast."""
    mean = (weights * parts.mean).sum(axis=0)
    # About the common mean: raw moments cancel where the mean is large against the spread.
    std = np.sqrt((weights * (parts.std**2 + (parts.mean - mean) ** 2)).sum(axis=0))
    shift, ratio = (parts.mean - mean) / std, parts.std / std
    third = parts.skewness * ratio**3
    fourth = (parts.excess_kurtosis + 3) * ratio**4
    skewness = (weights * (third + 3 * shift * ratio**2 + shift**3)).sum(axis=0)
    fourth = fourth + 4 * shift * third + 6 * (shift * ratio) ** 2 + shift**4
    return PopulationMoments(mean, std, skewness, (weights * fourth).sum(axis=0) - 3)


def cell_moments(moments: PopulationMoments) -> PopulationMoments:
    """Moments of all cells pooled, i.e. of a uniformly chosen column; each of shape ()."""
    columns = len(moments.mean)
    return mix(np.full(columns, 1 / columns), moments)
