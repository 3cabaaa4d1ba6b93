"""Every column of the noise drives one thing."""

import numpy as np
import pytest
import tensorflow as tf

from aae.model.noise import Layout

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.mark.parametrize("sizes", [(2, 2, 5, 0), (0, 3, 4, 4), (1, 1, 0, 3)])
def test_parts_side_by_side_are_the_noise(sizes: tuple[int, int, int, int]) -> None:
    layout = Layout(*sizes)
    noise = np.random.default_rng(0).normal(size=(7, layout.width)).astype("f4")
    parts = layout.split(tf.constant(noise))
    shapes = [(7, sizes[0]), (7, sizes[1]), (7,), (7,), (7, sizes[2]), (7, sizes[3])]
    assert [part.shape for part in parts] == shapes
    np.testing.assert_array_equal(np.column_stack([np.asarray(part) for part in parts]), noise)
