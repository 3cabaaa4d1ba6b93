"""Where the search for categories starts: clusters of the training rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# The chance that all starts put two clusters into one falls with each.
STARTS = 10


def clusters(features: Array, count: int, seed: int) -> Any:
    """Clusters of k-means, the best of `STARTS` starts.

    Categories that start at random end where several clusters share one and others have none, as
    mixtures do; deep clustering starts from k-means too (Xie et al., arXiv 1511.06335).

    Args:
        features: shape (rows, features); rows: at least as many as clusters.
        count: number of clusters.
        seed: of the starts.

    Returns:
        The fitted `KMeans`: `labels_`, the cluster of each row, and `predict`, of others.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads add in no fixed order
        return KMeans(count, n_init=STARTS, random_state=seed).fit(features)


def standardised(features: Array, fitted: Array | None = None) -> Array:
    """Features of standard deviation 1, each of a unit of its own, shape (rows, features).

    Args:
        features: shape (rows, features).
        fitted: others, whose means and deviations are taken instead.
    """
    fitted = features if fitted is None else fitted
    scale = fitted.std(axis=0)
    return np.asarray((features - fitted.mean(axis=0)) / np.where(scale > 0, scale, 1))


def one_unit(rows: NDArray[Any]) -> bool:
    """Whether columns are measured in one unit, as the pixels of images are.

    So it seems where half of those that vary, two at least, have the same smallest and the same
    largest value. Their distances mean something as they are. Standardised, a pixel that is hardly
    ever on weighs as much as one that tells classes apart: on digits, k-means with 16 clusters then
    errs on twice as many rows.
    """
    ends = np.stack([rows.min(axis=0), rows.max(axis=0)], axis=1)
    varying = ends[ends[:, 0] < ends[:, 1]]
    _, counts = np.unique(varying, axis=0, return_counts=True)
    most = counts.max(initial=0)
    return bool(most > 1 and 2 * most >= len(varying))
