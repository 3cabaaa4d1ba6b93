"""Where the search for categories starts: clusters of the training rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# The chance that all starts put two clusters into one falls with each.
STARTS = 10


def clusters(features: NDArray[np.float32], count: int, seed: int) -> NDArray[np.int64]:
    """Clusters of k-means, the best of `STARTS` starts.

    Categories that start at random end where several clusters share one and others have none, as
    mixtures do; deep clustering starts from k-means too (Xie et al., arXiv 1511.06335).

    Args:
        features: shape (rows, features); rows: at least as many as clusters.
        count: number of clusters.
        seed: of the starts.

    Returns:
        The cluster of each row, shape (rows,).
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads add in no fixed order
        labels = KMeans(count, n_init=STARTS, random_state=seed).fit_predict(features)
    return np.asarray(labels, dtype=np.int64)


def standardised(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of standard deviation 1, each of a unit of its own, shape (rows, features)."""
    scale = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(scale > 0, scale, 1))


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
