"""Where the search for categories starts: clusters of the training rows."""

import numpy as np
from numpy.typing import NDArray

# The chance that all starts put two clusters into one falls with each.
STARTS = 10


def clusters(features: NDArray[np.float32], count: int, seed: int) -> NDArray[np.int64]:
    """Clusters of k-means on standardised features, the best of `STARTS` starts.

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

    scale = features.std(axis=0)
    standardised = (features - features.mean(axis=0)) / np.where(scale > 0, scale, 1)
    with threadpool_limits(1):  # several threads add in no fixed order
        labels = KMeans(count, n_init=STARTS, random_state=seed).fit_predict(standardised)
    return np.asarray(labels, dtype=np.int64)
