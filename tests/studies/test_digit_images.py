import numpy as np
import pytest

from aae.studies.digit_images import magnified, shifted
from aae.tables.splitting import split


def digits(count):
    return np.random.default_rng(0).integers(0, 17, (count, 64)).astype("f4")


def test_pixels_keep_to_the_unit_interval_and_to_the_mean():
    small = digits(20)
    large = magnified(small)
    assert large.shape == (20, 24, 24)
    assert large.min() >= 0 and large.max() <= 1
    assert (magnified(np.full((1, 64), 16.0)) == 1).all()
    # The middle pixel of each three by three is the original one.
    np.testing.assert_allclose(large[:, 1::3, 1::3].reshape(20, 64), small / 16, atol=1e-6)


def test_each_row_is_an_image_at_a_place_of_its_own():
    images = magnified(digits(8))
    rows, number = shifted(images, 200, seed=0)
    assert len(np.unique(rows, axis=0)) == 200
    np.testing.assert_allclose(rows.sum(axis=1), images.sum(axis=(1, 2))[number], rtol=1e-4)
    again, _ = shifted(images, 200, seed=0)
    assert (rows == again).all()


def test_no_more_rows_than_places():
    with pytest.raises(ValueError, match="expected at most 25 rows, got 26"):
        shifted(magnified(digits(1)), 26, seed=0)


def test_no_image_is_on_both_sides_of_a_split():
    _, number = shifted(magnified(digits(40)), 700, seed=0)
    train, test = split(700, 0.5, 0, number)
    assert not set(number[train]) & set(number[test])
    assert sorted([*train, *test]) == list(range(700))
