"""The labels that a model is trained with: some wrong, some unknown."""

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Labels


def corrupted(labels: Labels | None, share: float, seed: int) -> Labels | None:
    """Replace a share of the labels, each by another of the classes, all alike likely."""
    if labels is None or share == 0:
        return labels
    rng = np.random.default_rng([seed, 2])
    chosen = rng.permutation(len(labels))[: round(share * len(labels))]
    classes = int(labels.max()) + 1
    wrong = labels.copy()
    wrong[chosen] += rng.integers(1, max(classes, 2), len(chosen))
    return wrong % classes


def only(labels: Labels, known: NDArray[np.int64]) -> Labels:
    """Labels of the rows at the indices; -1 for all others."""
    return np.where(np.isin(np.arange(len(labels)), known), labels, -1)
