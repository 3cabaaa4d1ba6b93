"""The rows of a table divided into training and test rows."""

import numpy as np

from aae.base.checks import expect, within

SHARE = within("(0, 1)")


def split(
    rows: int, test_share: float, seed: int, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the rows at random into training and test rows, neither empty.

    The order is random as well, so that any block of either part is a random sample. Groups stay
    whole: the share of test rows is the one nearest to what is asked for.

    Args:
        rows: how many.
        test_share: of the rows.
        seed: of order and split.
        groups: equal for rows that belong together, shape (rows,).

    Returns:
        Indices of the training rows and of the test rows, each int64 of one dimension.

    Raises:
        ValueError: fewer than two rows or groups, or a share that is not strictly between 0 and 1.
    """
    SHARE.check("test_share", test_share)
    expect(rows >= 2, "at least 2 rows to split", rows)
    rng = np.random.default_rng(seed)
    order = rng.permutation(rows)
    tests = min(max(round(rows * test_share), 1), rows - 1)
    if groups is None:
        return order[tests:], order[:tests]
    tested = _whole_groups(groups, tests, rng)[order]
    return order[~tested], order[tested]


def _whole_groups(groups: np.ndarray, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """Choose groups at random whose rows together come nearest to `wanted`; a mask of rows."""
    _, number, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    expect(len(sizes) >= 2, "at least 2 groups to split", len(sizes))
    order = rng.permutation(len(sizes))
    totals = sizes[order].cumsum()[:-1]
    return np.isin(number, order[: np.abs(totals - wanted).argmin() + 1])
