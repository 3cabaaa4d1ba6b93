"""Does a generator reach all of the law, and each of its classes as often?"""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.evaluation.settings import Evaluate
from aae.verdict.diversity import diversity, mode_weights, nearest_labels

AnyRows = NDArray[np.floating[Any]]


def spread(real: AnyRows, generated: AnyRows, seed: int) -> dict[str, float]:
    """Precision, recall, density and coverage; no number where there are too few rows."""
    neighbours = 5
    if min(len(real), len(generated)) <= neighbours:
        return {}
    return asdict(diversity(real, generated, neighbours, seed))


def modes(
    real: Split, generated: Rows, train: Split, names: list[str], config: Evaluate
) -> dict[str, Any] | None:
    """Shares of the classes among real and generated rows, both labelled by their neighbours.

    Returns:
        classes, their shares of real and of generated rows, null (the interval in which 95% of
        shares of real rows lie, for each class) and the p-value of equal shares; None where the
        training rows have no labels.
    """
    if train.labels is None:
        return None
    sides = [nearest_labels(rows, train.rows, train.labels) for rows in (real.rows, generated)]
    weights = mode_weights(*sides, permutations=config.permutations, seed=config.seed)
    sizes = sum(1 / len(side) for side in sides)
    margin = 1.96 * np.sqrt(weights.real * (1 - weights.real) * sizes)
    return {
        "classes": [names[index] for index in weights.classes],
        "real": weights.real.tolist(),
        "generated": weights.generated.tolist(),
        "null": np.stack([weights.real - margin, weights.real + margin], axis=1).tolist(),
        "p": weights.p,
    }
