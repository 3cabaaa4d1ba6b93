"""Laws of the pictures: no cell is lost, the same arrays give the same bytes, SVG stands alone."""

import io
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from aae.report.figures import (
    WIDEST,
    code_space,
    curves,
    histogram,
    image,
    limits,
    overview,
    plane,
    reconstructions,
    rectangle,
    samples,
    tiles,
)

EDGES = np.linspace(-3, 3, 61)


def normal(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal(shape)


def density(rows: NDArray[Any]) -> NDArray[Any]:
    return np.histogram(rows, EDGES, density=True)[0]


def decoded(picture: dict[str, Any]) -> NDArray[Any]:
    kind, content = picture["uri"].split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(b64decode(content))).convert("RGBA"))


def of_codes(latent: int, labelled: bool) -> str:
    labels = np.arange(50) % 12 if labelled else np.full(50, -1)
    return "".join(code_space(normal(50, latent), labels, normal(50, latent) + 1).values())


DRAWINGS: dict[str, Callable[[], str]] = {
    "curves": lambda: curves(np.arange(1, 10), [normal(9), normal(9)]),
    "one epoch": lambda: curves(np.array([1]), [np.array([3.0]), np.array([np.nan])]),
    "far apart": lambda: curves(np.arange(1, 10), [np.logspace(0, 9, 9), np.ones(9)]),
    "histogram": lambda: histogram(EDGES, density(normal(99)), density(normal(99) / 50)),
    "codes of 1": lambda: of_codes(1, True),
    "codes of 2": lambda: of_codes(2, True),
    "codes of 8, no labels": lambda: of_codes(8, False),
    "constant codes": lambda: "".join(
        code_space(np.ones((9, 2)), np.zeros(9, int), np.ones((9, 2))).values()
    ),
    "constant code": lambda: "".join(
        code_space(np.ones((9, 1)), np.zeros(9, int), np.ones((9, 1))).values()
    ),
}


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_drawing_repeats_and_stands_alone(draw: Callable[[], str]) -> None:
    drawn = draw()
    assert drawn == draw()
    ElementTree.fromstring(f"<div>{drawn}</div>")
    for outside in (" id=", "http", "url(", "#m", "font-family", "\n"):
        assert outside not in drawn
    assert "currentColor" in drawn


def test_tick_labels_are_not_cut() -> None:
    drawn = curves(np.arange(1, 4), [np.array([0.484, 0.55, 0.622])])
    assert ">0.575<" in drawn


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


def test_image_is_grey_between_its_limits_and_clear_elsewhere() -> None:
    picture = image(np.array([[-5.0, 0.0, 1.0, 9.0, np.nan]]), (0, 1))
    pixels = decoded(picture)
    assert pixels[0, :, 0].tolist()[:4] == [0, 0, 255, 255]
    assert pixels[0, :, 3].tolist() == [255, 255, 255, 255, 0]
    assert picture["width"] == 5 * picture["height"]


def test_limits_of_constant_rows_are_a_range() -> None:
    low, high = limits(np.ones((3, 4)))
    assert low < 1 < high


@pytest.mark.parametrize("columns", [1, 3, 49, 784])
def test_samples_and_reconstructions_of_any_width(columns: int) -> None:
    rows = normal(20, columns).astype(np.float32)
    grids = samples(rows, rows + 1)["grids"]
    assert decoded(grids["real"]).shape == decoded(grids["generated"]).shape
    assert samples(rows, rows + 1) == samples(rows, rows + 1)
    assert reconstructions(rows[:5], rows[:5])["largest"] == 0


def test_difference_is_relative_to_the_range() -> None:
    rows = np.array([[0.0, 4.0], [2.0, 2.0]])
    assert reconstructions(rows, rows + 1)["largest"] == pytest.approx(0.25)
    assert np.isfinite(reconstructions(np.ones((2, 2)), np.zeros((2, 2)))["largest"])


def test_plane_keeps_the_directions_of_most_variance() -> None:
    codes = normal(500, 4) * [1, 9, 3, 0.1]
    flat, prior = plane(codes, normal(500, 4))
    assert flat.std(axis=0) == pytest.approx([9, 3], rel=0.2)
    assert prior.std(axis=0) == pytest.approx([1, 1], rel=0.2)
    assert plane(codes[:, :2], codes[:, :2])[0] is not None


def test_overview_repeats_and_is_1800_wide() -> None:
    real = density(normal(99))
    panel = {
        "title": "a_$x$",
        "edges": EDGES,
        "real": real,
        "control": "fine",
        "lines": {"v": real},
    }
    drawn = overview("what", [panel] * 5)
    assert drawn == overview("what", [panel] * 5)
    assert Image.open(io.BytesIO(drawn)).width == 1800
    assert b"matplotlib" not in drawn
