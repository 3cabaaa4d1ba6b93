"""Laws of the clusters that categories start from."""

import numpy as np
import pytest

from aae.model.clusters import clusters


def planted(rows: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows around three far points, and a constant feature."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(3, size=rows)
    centres = np.array([[0, 0, 7], [9, 0, 7], [0, 900, 7]])
    return (centres[chosen] + rng.normal(size=(rows, 3)) * [1, 100, 0]).astype("f4"), chosen


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_are_found_whatever_the_units(seed: int) -> None:
    features, chosen = planted(seed=seed)
    found = clusters(features, 3, seed)
    assert len({*zip(found, chosen, strict=True)}) == 3 == len(set(found))


def test_the_same_seed_gives_the_same_clusters() -> None:
    features = np.random.default_rng(0).normal(size=(200, 4)).astype("f4")
    np.testing.assert_array_equal(clusters(features, 5, 1), clusters(features, 5, 1))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_cluster_has_rows(count: int) -> None:
    features = np.random.default_rng(0).normal(size=(7, 2)).astype("f4")
    assert set(clusters(features, count, 0)) == set(range(count))
