"""How a cost grows with a size: the exponent p of a power law."""

from collections.abc import Sequence

import numpy as np

FLAT = 1.1  # factor below which a cost is said not to grow: one run differs as much from the next


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """p of cost = c size^p, by least squares of log(cost) on log(size); two points or more."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def growth(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """Exponent of what larger sizes cost beyond the smallest, which is mostly start-up.

    It is fitted to cost - cost_1 against size - size_1, and so exactly 1 where the cost is a
    constant and a number a row.

    Args:
        sizes: three or more, rising.
        costs: of each.

    Returns:
        0 where the largest size costs less than `FLAT` times as much as the smallest; None where
        fewer than two sizes cost more than that.
    """
    beyond = [
        (size - sizes[0], cost - costs[0])
        for size, cost in zip(sizes, costs, strict=True)
        if size > sizes[0] and cost > costs[0]
    ]
    if costs[-1] < FLAT * costs[0]:
        return 0.0
    return None if len(beyond) < 2 else exponent(*zip(*beyond, strict=True))
