"""Laws of rows as images: no cell is lost, shades are those of the scale, same rows, same bytes."""

import io
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from aae.report.images import (
    SHADES,
    WIDEST,
    Picture,
    grid,
    limits,
    matrices,
    picture,
    rectangle,
    shades,
    tiles,
    triptych,
)


def normal(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal(shape)


def decoded(image: Picture) -> NDArray[Any]:
    kind, content = image.uri.split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(b64decode(content))).convert("RGBA"))


@pytest.mark.parametrize(
    ("columns", "shape"),
    [(1, (1, 1)), (2, (1, 2)), (7, (2, 4)), (64, (8, 8)), (783, (27, 29)), (784, (28, 28))],
)
def test_rectangle(columns: int, shape: tuple[int, int]) -> None:
    assert rectangle(columns) == shape


@pytest.mark.parametrize(("rows", "columns", "across"), [(20, 49, 4), (5, 7, 5), (3, 1, 4)])
def test_tiles_hold_every_cell_once(rows: int, columns: int, across: int) -> None:
    cells = normal(rows, columns)
    pixels = tiles(cells, across)
    assert sorted(pixels[np.isfinite(pixels)]) == sorted(cells.ravel())


def test_first_tile_is_the_first_row() -> None:
    rows = normal(4, 9)
    assert np.array_equal(tiles(rows, 2)[:3, :3], rows[0].reshape(3, 3))
    assert np.array_equal(tiles(rows, 2)[4:, :3], rows[2].reshape(3, 3))


def test_large_rows_are_thinned() -> None:
    assert max(tiles(normal(1, 10_000), 1).shape) <= WIDEST


def test_shades_are_grey_between_their_limits_and_clear_elsewhere() -> None:
    indices = shades(np.array([[-5.0, 0.0, 1.0, 9.0, np.nan]]), (0, 1))
    assert indices.tolist() == [[0, 0, SHADES - 1, SHADES - 1, 255]]
    image = picture(indices, ("gray",), "five", 3)
    pixels = decoded(image)
    assert pixels[0, :, 0].tolist()[:4] == [0, 0, 255, 255]
    assert pixels[0, :, 3].tolist() == [255, 255, 255, 255, 0]
    assert (image.width, image.height, image.label) == (15, 3, "five")


def test_a_shade_is_off_by_half_a_step_at_most() -> None:
    cells = np.random.default_rng(0).uniform(0, 1, (1, 400))
    assert np.abs(shades(cells, (0, 1)) / (SHADES - 1) - cells).max() <= 0.5 / (SHADES - 1) + 1e-9


def test_limits_of_constant_rows_are_a_range() -> None:
    low, high = limits(np.ones((3, 4)))
    assert low < 1 < high


@pytest.mark.parametrize("columns", [1, 3, 49, 784])
def test_rows_of_any_width(columns: int) -> None:
    rows = normal(20, columns).astype(np.float32)
    assert decoded(grid(rows, limits(rows), "")).shape == decoded(grid(rows, (0, 1), "")).shape
    assert grid(rows, (0, 1), "") == grid(rows, (0, 1), "")


def test_noise_takes_half_a_byte_a_cell() -> None:
    rows = normal(20, 784)
    assert len(grid(rows, limits(rows), "").uri) < 0.55 * rows.size * 4 / 3 + 500


def test_a_triptych_is_originals_reconstructions_and_relative_differences() -> None:
    rows = np.array([[0.0, 4.0, 0.0, 4.0]])
    pixels = decoded(triptych([rows], [rows], ""))
    gap = pixels[:, :, 3] == 0
    assert (
        gap.all(axis=0).tolist()
        == [False] * 2 + [True] * 4 + [False] * 2 + [True] * 4 + [False] * 2
    )
    assert (pixels[:, :2] == pixels[:, 6:8]).all()
    assert np.ptp(pixels[:, -2:, :3].reshape(-1, 3), axis=0).tolist() == [0, 0, 0]  # no difference
    differing = decoded(triptych([rows], [rows + 4], ""))
    assert differing[0, -1, :3].sum() > 3 * 200  # a difference as large as the range: brightest


def test_groups_of_fewer_rows_fit_below_one_another() -> None:
    groups = [normal(5, 9), normal(2, 9)]
    assert decoded(triptych(groups, groups, "")).shape == (9, 65, 4)


def test_opposite_correlations_have_opposite_colours() -> None:
    pixels = decoded(matrices(np.array([[[1.0]], [[-1.0]]]), "")).astype(int)
    red, blue = pixels[0, 0], pixels[0, -1]
    assert red[0] > red[2] and blue[2] > blue[0]
