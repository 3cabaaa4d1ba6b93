"""Rows as images: grids of them on a common scale, each grid one PNG with a palette."""

import io
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]

WIDEST = 64  # pixels a side of one row's image; more are thinned
SHADES = 15  # of a palette: with the clear one, four bits a cell
CLEAR = 255  # stands for a pixel that belongs to no row
DIVERGING = "RdBu_r"


@dataclass(frozen=True)
class Picture:
    """A PNG as data URI, its size on the page, and what it shows, a sentence."""

    uri: str
    width: int
    height: int
    label: str


def rectangle(columns: int) -> tuple[int, int]:
    """Height and width of the image of a row: a square, or the next larger rectangle."""
    height = max(1, int(np.sqrt(columns)))
    return height, -(-columns // height)


def tiles(rows: Array, across: int) -> Array:
    """Lay rows, shape (rows, columns), out as images in a grid; what belongs to none is NaN."""
    height, width = rectangle(rows.shape[1])
    step = -(-max(height, width) // WIDEST)
    padded = np.full((len(rows), height * width), np.nan)
    padded[:, : rows.shape[1]] = rows
    images = padded.reshape(-1, height, width)[:, ::step, ::step]
    down = -(-len(rows) // across)
    high, wide = images.shape[1] + 1, images.shape[2] + 1
    canvas = np.full((down * high - 1, across * wide - 1), np.nan)
    for place, image in enumerate(images):
        top, left = place // across * high, place % across * wide
        canvas[top : top + high - 1, left : left + wide - 1] = image
    return canvas


def limits(rows: Array) -> tuple[float, float]:
    """Range of a colour scale: all cells but the outermost 0.5% on either side."""
    low, high = (float(each) for each in np.quantile(rows, [0.005, 0.995]))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shades(pixels: Array, scale: tuple[float, float], first: int = 0) -> NDArray[np.uint8]:
    """Number the shade of each pixel, from `first`; `CLEAR` where it is NaN."""
    low, high = scale
    at = np.clip((pixels - low) / (high - low), 0, 1) * (SHADES - 1)
    return np.where(np.isfinite(pixels), np.nan_to_num(at).round() + first, CLEAR).astype(np.uint8)


def picture(indices: NDArray[np.uint8], colours: tuple[str, ...], label: str, zoom: int) -> Picture:
    """Return numbered shades of one palette after another as a PNG."""
    ramp = np.linspace(0, 1, SHADES)
    palette = np.concatenate([colormaps[name](ramp)[:, :3] for name in colours])
    clear = len(palette)
    image = Image.fromarray(np.where(indices == CLEAR, clear, indices).astype(np.uint8))
    colours_and_clear = np.concatenate([palette, np.zeros((1, 3))])
    image.putpalette((colours_and_clear * 255).round().astype(np.uint8).ravel().tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, transparency=clear)
    uri = "data:image/png;base64," + b64encode(buffer.getvalue()).decode()
    return Picture(uri, indices.shape[1] * zoom, indices.shape[0] * zoom, label)


def grid(rows: Array, scale: tuple[float, float], label: str, across: int = 10) -> Picture:
    """Return rows as images on a grey scale."""
    pixels = tiles(rows, across)
    return picture(shades(pixels, scale), ("gray",), label, _zoom(pixels.shape[1], 460))


def triptych(originals: list[Array], reconstructions: list[Array], label: str) -> Picture:
    """Return a line for each group: originals, reconstructions, normalised differences.

    The difference is |x - xhat| / (max x - min x), max and min of all originals. Each line has its
    own grey scale where there are several, the same for originals and reconstructions.
    """
    span = float(np.ptp(np.concatenate(originals))) or 1.0
    lines = []
    for original, reconstruction in zip(originals, reconstructions, strict=True):
        scale, across = limits(original), len(original)
        greys = [shades(tiles(each, across), scale) for each in (original, reconstruction)]
        difference = np.abs(original.astype(np.float64) - reconstruction) / span
        last = shades(tiles(difference, across), (0, 1), SHADES)
        lines.append(_beside([*greys, last], 4))
    stacked = _beside([line.T for line in lines], 3).T
    return picture(stacked, ("gray", "magma"), label, _zoom(stacked.shape[1], 560))


def matrices(sides: Array, label: str) -> Picture:
    """Return matrices of correlations beside one another, -1 blue, 1 red."""
    drawn = _beside([shades(each, (-1, 1)) for each in sides], 2)
    return picture(drawn, (DIVERGING,), label, _zoom(drawn.shape[1], 330))


def bar(colours: str) -> Picture:
    """Return a colour bar, low to high from left to right."""
    return picture(np.arange(SHADES, dtype=np.uint8)[None], (colours,), "to", 5)


def _beside(parts: list[NDArray[np.uint8]], gap: int) -> NDArray[np.uint8]:
    """Join images of one height, with a transparent gap; narrower ones are filled up."""
    high = max(len(each) for each in parts)
    filled = [np.pad(p, ((0, high - len(p)), (0, gap)), constant_values=CLEAR) for p in parts]
    return np.ascontiguousarray(np.concatenate(filled, axis=1)[:, :-gap])


def _zoom(pixels: int, wanted: int) -> int:
    return max(1, wanted // pixels)
