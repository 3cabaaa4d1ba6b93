"""Pictures of the report: rows as images, curves, histograms and codes.

Images are PNG as data URIs, drawings are SVG for use inside a page: their text and axes take the
page's colour and font. The same arrays give the same bytes.
"""

import io
import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]

LINES = ("#3b7dd8", "#e07b39", "#3a9d5d", "#a05bc7", "#c2486b", "#8c7a3d")
CLASSES = tuple(LINES) + ("#4fb3bf", "#7f7f7f", "#b5a42e", "#d88fc0")
REAL = "#9aa3ad"
WIDEST = 64  # pixels a side of one row's image; more are thinned
_INK = "#010203"  # stands for the page's own colour
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "aae"}


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


def image(pixels: Array, scale: tuple[float, float], colours: str = "gray") -> dict[str, Any]:
    """Return pixels as a PNG with a palette: its data URI, and its size on the page."""
    low, high = scale
    shades = np.clip((pixels - low) / (high - low), 0, 1) * 254
    indices = np.where(np.isfinite(pixels), np.nan_to_num(shades), 255).astype(np.uint8)
    picture = Image.fromarray(indices)
    palette = (colormaps[colours](np.arange(255) / 254)[:, :3] * 255).round().astype(np.uint8)
    picture.putpalette([*palette.ravel().tolist(), 128, 128, 128])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True, transparency=255)
    (height, width), zoom = pixels.shape, max(1, 300 // pixels.shape[1])
    uri = "data:image/png;base64," + b64encode(buffer.getvalue()).decode()
    return {"uri": uri, "width": width * zoom, "height": height * zoom}


def bar(colours: str) -> str:
    """Return a colour bar, low to high from left to right, as a data URI."""
    uri: str = image(np.linspace(0, 1, 64)[None], (0, 1), colours)["uri"]
    return uri


def samples(real: Array, generated: Array) -> dict[str, Any]:
    """Real and generated rows as grids of 5 x 4 images on the grey scale of the real rows."""
    scale = limits(real)
    grids = {"real": image(tiles(real, 4), scale), "generated": image(tiles(generated, 4), scale)}
    return {"grids": grids, "scale": scale, "shape": rectangle(real.shape[1])}


def reconstructions(original: Array, reconstruction: Array) -> dict[str, Any]:
    """Rows, their reconstructions and |x - xhat| / (max x - min x), max and min of all shown."""
    across, scale = len(original), limits(original)
    span = float(np.ptp(original)) or 1.0
    difference = np.abs(original.astype(np.float64) - reconstruction) / span
    return {
        "original": image(tiles(original, across), scale),
        "reconstruction": image(tiles(reconstruction, across), scale),
        "difference": image(tiles(difference, across), (0, 1), "magma"),
        "scale": scale,
        "largest": float(difference.max()),
    }


def curves(x: Array, lines: Sequence[Array]) -> str:
    """Draw up to six lines over epochs; where all are positive and far apart, logarithmically."""
    figure, axes = panel(2.9, 1.75)
    for place, y in enumerate(lines):
        known = np.isfinite(y)
        at, height = x[known], y[known]
        if len(at) == 1:  # a short line, since a marker would need an id
            at, height = at + np.array([-0.5, 0.5]), height.repeat(2)
        look: Any = {"color": LINES[place], "ls": "-" if place % 2 == 0 else (0, (3, 1.5))}
        axes.plot(at, height, lw=1.3, clip_on=False, **look)
    values = np.concatenate([y[np.isfinite(y)] for y in lines])
    if values.min() > 0 and values.max() > 20 * values.min():
        axes.set_yscale("log")
        ticks = (1, 2, 5) if values.max() < 100 * values.min() else (1,)
        axes.yaxis.set_major_locator(LogLocator(subs=ticks))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return svg(figure)


def histogram(edges: Array, real: Array, generated: Array) -> str:
    """Draw densities of all cells: real filled, generated as a line."""
    figure, axes = panel(4.4, 1.9)
    _steps(axes, edges, real, [generated])
    return svg(figure)


def plane(codes: Array, prior: Array) -> tuple[Array, Array]:
    """Reduce codes of more than two dimensions, and the prior's, to the codes' principal axes."""
    if codes.shape[1] <= 2:
        return codes, prior
    mean = codes.mean(axis=0, dtype=np.float64)
    axes = np.linalg.svd(codes - mean, full_matrices=False)[2][:2]
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    return (codes - mean) @ axes.T, (prior - mean) @ axes.T


def code_space(codes: Array, labels: Array, prior: Array) -> dict[str, str]:
    """Draw codes of real rows, coloured by label, and codes of the prior, on the same axes.

    Args:
        codes: shape (rows, latent); of one dimension, both become one histogram.
        labels: shape (rows,), negative without labels.
        prior: shape (rows, latent).
    """
    codes, prior = plane(codes, prior)
    together = np.concatenate([codes, prior])
    if codes.shape[1] == 1:
        low, high = limits(together)
        bins = np.linspace(low, high, 41)
        inside = (np.clip(each, low, high) for each in (codes, prior))
        drawn, law = (np.histogram(each, bins, density=True)[0] for each in inside)
        return {"codes of real rows (line), prior (filled)": histogram(bins, law, drawn)}
    colours = np.array([CLASSES[max(each, 0) % len(CLASSES)] for each in labels])
    box = together.min(axis=0), together.max(axis=0)
    grey = np.full(len(prior), REAL)
    return {
        "codes of real rows": _scatter(codes, colours, box),
        "prior": _scatter(prior, grey, box),
    }


def overview(heading: str, panels: Sequence[Mapping[str, Any]]) -> bytes:
    """Draw one histogram a name with the verdicts beneath it, as a PNG 1800 pixels wide.

    Args:
        heading: one or two lines.
        panels: for each name its `title`, `edges`, `real`, what `control` says of real rows, and
            `lines`: what is said of a variant -> its density.
    """
    down, words = -(-len(panels) // 4), 1 + max(len(each["lines"]) for each in panels)
    inches = 1.6 + 0.165 * words
    figure = Figure(figsize=(9, 0.42 + inches * down), dpi=200)
    high = figure.get_figheight()
    for place, panel in enumerate(panels):
        top = 0.75 + inches * (place // 4)
        axes = figure.add_axes((place % 4 / 4 + 0.012, 1 - (top + 0.95) / high, 0.226, 0.95 / high))
        _summarise(axes, panel)
    figure.text(0.012, 1 - 0.08 / high, heading, fontsize=8, va="top", color="#444444")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _summarise(axes: Axes, panel: Mapping[str, Any]) -> None:
    _steps(axes, panel["edges"], panel["real"], panel["lines"].values())
    axes.set_yticks([])
    axes.tick_params(labelsize=7, length=2, colors="#444444")
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.set_title(panel["title"], fontsize=10, weight="bold", loc="left", pad=4)
    colours = "#666666", *LINES * len(panel["lines"])
    for line, text in enumerate([panel["control"], *panel["lines"]]):
        down = -(0.25 + 0.165 * line) / 0.95
        said = axes.text(0, down, text, transform=axes.transAxes, fontsize=7.8, va="top")
        said.set(color=colours[line], parse_math=False)


def panel(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of so many inches and its axes, in the page's colours."""
    figure = Figure(figsize=(width, height))
    left, bottom = 0.42 / width, 0.2 / height
    axes = figure.add_axes((left, bottom, 1 - left - 0.14 / width, 1 - bottom - 0.08 / height))
    axes.patch.set_visible(False)
    axes.tick_params(length=0, labelsize=7.5, colors=_INK)
    axes.grid(color=REAL, lw=0.3)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _steps(axes: Axes, edges: Array, filled: Array, lines: Collection[Array]) -> None:
    # A spike of what is generated must not flatten what is real.
    top = min(max(each.max() for each in (filled, *lines)), 2.2 * filled.max())
    axes.stairs(np.minimum(filled, top), edges, fill=True, color=REAL, alpha=0.5)
    for place, density in enumerate(lines):
        colour, width = LINES[place % len(LINES)], 1.8 if place == 0 < len(lines) - 1 else 1.0
        axes.stairs(np.minimum(density, top), edges, color=colour, lw=width)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.03 * top)


def _scatter(points: Array, colours: Array, box: tuple[Array, Array]) -> str:
    figure, axes = panel(2.4, 2.1)
    axes.scatter(
        points[:, 0], points[:, 1], s=5, c=colours, lw=0, alpha=0.7, rasterized=True, clip_on=False
    )
    margin = 0.04 * (box[1] - box[0]) + 1e-9
    axes.set_xlim(box[0][0] - margin[0], box[1][0] + margin[0])
    axes.set_ylim(box[0][1] - margin[1], box[1][1] + margin[1])
    return svg(figure)


def svg(figure: Figure) -> str:
    """Return a figure as SVG that can stand in a page many times: no ids, no addresses."""

    def shorter(coordinates: re.Match[str]) -> str:
        return re.sub(r"(\.\d\d)\d+", r"\1", coordinates[0])

    buffer = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(buffer, format="svg", transparent=True, dpi=160)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>.*?</defs>", "", text, flags=re.S)
    text = re.sub(r' (?:id|xmlns|xmlns:xlink|version|clip-path)="[^"]*"', "", text)
    text = re.sub(r"font-family: [^;]*;|<g/>", "", text)
    text = re.sub(r' (?:d|x|y|transform)="[^"]*"', shorter, text).replace("xlink:href", "href")
    return re.sub(r"\s*\n\s*", " ", text).replace(_INK, "currentColor")
