"""The drawings of one run, each with a sentence that says what it shows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from aae.report.drawing import Axis, Plot, axis
from aae.report.runs import ModelRun
from aae.report.wording import listed, number

Array = NDArray[Any]

CLASSES = 10  # colours of classes in the style, c0, c1, ...
SHOWN_CODES = 300  # dots of the code space
SQUARE, SMALL = (250, 220), (170, 150)
EDGES = (0.005, 0.995)  # quantiles between which dots of a pair are drawn
FEW_VALUES, APART = 50, 0.35  # whose dots are spread, by so many of their steps at most


def curves(history: Mapping[str, Array], lines: Mapping[str, str], title: str) -> Markup:
    """Draw columns of the history over epochs; positive and far apart, logarithmically."""
    epochs, values = history["epoch"] + 1, [history[key] for key in lines.values()]
    known = np.concatenate([each[np.isfinite(each)] for each in values])
    log = bool(len(known) and known.min() > 0 and known.max() > 20 * known.min())
    ends = {name: each[np.isfinite(each)] for name, each in zip(lines, values, strict=True)}
    paths = [f"{name} from {number(y[0])} to {number(y[-1])}" for name, y in ends.items() if len(y)]
    label = f"{title} over {len(epochs)} epochs: {listed(paths)}."
    plot = Plot(axis(epochs), axis(*values, log=log), label)
    for place, each in enumerate(values):
        plot.line(epochs, each, f"k{place}")
    return plot.svg()


def marginal(run: ModelRun) -> Markup:
    """Draw densities of all cells: real filled, generated a line, the law dashed where known."""
    arrays, cells = run.arrays, run.metrics["moments"]["cells"]
    real, drawn = arrays["real_density"], arrays["generated_density"]
    # A spike of what is generated must not flatten what is real.
    top = min(max(real.max(), drawn.max()), 2.2 * real.max()) * 1.03
    sides = [
        f"{side} cells have mean {number(cells['mean'][side])} and standard deviation "
        f"{number(cells['std'][side])}"
        for side in ("real", "generated")
    ]
    distance = number(run.metrics["moments"]["ks_cells"])
    label = f"Values of all cells: {listed(sides)}; Kolmogorov-Smirnov distance {distance}."
    edges = arrays["edges"]
    plot = Plot(Axis(float(edges[0]), float(edges[-1])), Axis(0.0, float(top)), label)
    plot.steps(edges, real, "real", filled=True)
    plot.steps(edges, drawn, "k0")
    if "law_density" in arrays:
        plot.steps(edges, arrays["law_density"], "k1")
    return plot.svg()


def quantiles(sides: Array, of: str, size: tuple[int, int] = SQUARE) -> Markup:
    """Draw quantiles of generated values (up) over real ones; on the grey line they agree.

    Args:
        sides: real and generated quantiles, shape (2, levels).
        of: what they are of.
        size: of the drawing.
    """
    real, generated = sides
    span = float(real[-1] - real[0]) or 1.0
    off = float(np.abs(generated - real).max()) / span
    label = f"Quantiles of {of}, generated over real: at most {off:.0%} of the real range apart."
    both = axis(sides)
    plot = Plot(both, both, label, size)
    ends = np.array([both.low, both.high])
    plot.line(ends, ends, "real")
    plot.line(real, generated, "k0")
    return plot.svg()


def neighbours(sides: Array) -> Markup:
    """Draw the share of rows whose nearest training row is within a distance."""
    real, generated = sides
    shares = np.linspace(0, 1, sides.shape[1])
    middle = [number(float(np.median(each))) for each in sides]
    label = (
        "Distance to the nearest training row, in standard deviations of a cell: "
        f"half of the unseen real rows are within {middle[0]}, of the generated rows {middle[1]}."
    )
    plot = Plot(axis(sides), Axis(0.0, 1.0), label, SQUARE)
    plot.line(real, shares, "real")
    plot.line(generated, shares, "k0")
    return plot.svg()


def pair(points: Array, names: Sequence[str]) -> Markup:
    """Draw two columns of real rows (grey) and of generated rows on the same axes."""
    phrases = [f"{side} {number(_correlation(p))}" for side, p in zip(SIDES, points, strict=True)]
    label = f"{names[0]} (across) and {names[1]} (up), correlation of the dots: {listed(phrases)}."
    clouds, (x, y) = on_axes([*points])
    plot = Plot(x, y, label, SMALL)
    for cloud, style in zip(clouds, ("real", "k0"), strict=True):
        plot.dots(cloud[:, 0], cloud[:, 1], style)
    return plot.svg()


def on_axes(clouds: Sequence[Array]) -> tuple[list[Array], list[Axis]]:
    """Spread the dots of columns with few values within their steps, so that all are seen.

    Returns:
        Clouds of the shapes given, (dots, columns), and the axis of each column.
    """
    steps = [_step(column) for column in np.concatenate(clouds).T]
    rng = np.random.default_rng(0)
    spread = [each + steps * rng.uniform(-APART, APART, each.shape) for each in clouds]
    ends = np.quantile(np.concatenate(spread), EDGES, axis=0)
    return spread, [axis(column) for column in ends.T]


def _step(column: Array) -> float:
    """Least distance of two values; 0 where there are many, or one."""
    values = np.unique(column)
    return float(np.diff(values).min()) if 1 < len(values) <= FEW_VALUES else 0.0


SIDES = ("real", "generated")


def _correlation(points: Array) -> float:
    moving = bool((points.std(axis=0) > 0).all())
    return float(np.corrcoef(points.T)[0, 1]) if moving else 0.0


def plane(codes: Array, prior: Array) -> tuple[Array, Array]:
    """Reduce codes of more than two dimensions, and the prior's, to the codes' principal axes."""
    if codes.shape[1] <= 2:
        return codes, prior
    mean = codes.mean(axis=0, dtype=np.float64)
    axes = np.linalg.svd(codes - mean, full_matrices=False)[2][:2]
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    return (codes - mean) @ axes.T, (prior - mean) @ axes.T


def code_space(run: ModelRun) -> Markup:
    """Draw codes of real rows, coloured by label, over codes of the prior (grey)."""
    arrays, metrics = run.arrays, run.metrics
    sides = ("codes of real rows", metrics["codes"]), ("the prior", metrics["prior"])
    phrases = [
        f"{name}: mean {number(side['mean'][0])}, standard deviation {number(side['std'][0])}"
        for name, side in sides
    ]
    label = f"Codes of real rows and of the prior; first dimension of {'; of '.join(phrases)}."
    codes, prior = plane(arrays["codes"][:SHOWN_CODES], arrays["prior_codes"][:SHOWN_CODES])
    if codes.shape[1] == 1:
        return _one_dimension(codes[:, 0], prior[:, 0], label)
    together = np.concatenate([codes, prior])
    plot = Plot(axis(together[:, 0]), axis(together[:, 1]), label, SQUARE)
    plot.dots(prior[:, 0], prior[:, 1], "real")
    labels = arrays["code_labels"][:SHOWN_CODES]
    for each in np.unique(labels):
        points = codes[labels == each]
        plot.dots(points[:, 0], points[:, 1], class_style(int(each)))
    return plot.svg()


def class_style(label: int) -> str:
    """Style of a class's dots; of rows without labels, that of generated rows."""
    return f"c{label % CLASSES}" if label >= 0 else "k0"


def _one_dimension(codes: Array, prior: Array, label: str) -> Markup:
    across = axis(codes, prior)
    bins = np.linspace(across.low, across.high, 41)
    drawn, law = (np.histogram(each, bins, density=True)[0] for each in (codes, prior))
    plot = Plot(across, Axis(0.0, float(max(drawn.max(), law.max())) * 1.03), label, SQUARE)
    plot.steps(bins, law, "real", filled=True)
    plot.steps(bins, drawn, "k0")
    return plot.svg()
