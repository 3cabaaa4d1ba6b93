"""Laws of the clusters that categories start from."""

import numpy as np
import pytest

from aae.model.clusters import clusters, one_unit, standardised


def planted(rows: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows around three far points, and a constant feature."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(3, size=rows)
    centres = np.array([[0, 0, 7], [9, 0, 7], [0, 900, 7]])
    return (centres[chosen] + rng.normal(size=(rows, 3)) * [1, 100, 0]).astype("f4"), chosen


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_are_found_whatever_the_units(seed: int) -> None:
    features, chosen = planted(seed=seed)
    found = clusters(standardised(features), 3, seed).labels_
    assert len({*zip(found, chosen, strict=True)}) == 3 == len(set(found))


def test_the_same_seed_gives_the_same_clusters() -> None:
    features = np.random.default_rng(0).normal(size=(200, 4)).astype("f4")
    first, again = (clusters(features, 5, 1).labels_ for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_cluster_has_rows(count: int) -> None:
    features = np.random.default_rng(0).normal(size=(7, 2)).astype("f4")
    assert set(clusters(features, count, 0).labels_) == set(range(count))


def test_pixels_have_one_unit_and_other_columns_have_not() -> None:
    rng = np.random.default_rng(0)
    pixels = np.clip(rng.normal(8, 8, size=(300, 20)).round(), 0, 16)
    pixels[:, :6] = rng.integers(0, 2, size=(300, 6))  # hardly ever on
    pixels[:, 19] = 0
    assert one_unit(pixels.astype("f4"))
    assert not one_unit(np.stack([np.arange(300), np.arange(300) * 2, np.ones(300)], axis=1))
    assert not one_unit(rng.normal(size=(300, 5)))


def test_a_rare_pixel_does_not_decide_between_clusters_of_one_unit() -> None:
    rng = np.random.default_rng(1)
    chosen = rng.integers(2, size=400)
    rows = np.zeros((400, 12), dtype="f4")
    rows[:, :4] = np.clip(chosen[:, None] * 16 + rng.normal(0, 3, size=(400, 4)), 0, 16)
    rows[rng.permutation(400)[:8], 4:] = 1  # standardised, these are the farthest rows
    told = [clusters(each, 2, 0).labels_ for each in (rows, standardised(rows))]
    errors = [min(np.mean(each == chosen), np.mean(each != chosen)) for each in told]
    assert errors[0] == 0 < errors[1]
