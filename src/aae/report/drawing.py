"""Small drawings as SVG: axes, lines, steps and dots in the classes of the page's style.

Coordinates are whole numbers in a box of twice the drawing's size, paths are relative: a curve of
sixty points takes a few hundred bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

Array = NDArray[Any]

SCALE = 2  # units of the box for each pixel
LEFT, RIGHT, TOP, BOTTOM = 76, 16, 16, 40  # room around the plot, in units
DIGIT, LINE = 13, 8  # width of a tick label's character, half its height
MOST_POINTS = 60  # of a line


@dataclass(frozen=True)
class Axis:
    """A range of values, linear or logarithmic.

    Attributes:
        low, high: its ends, low < high.
        log: whether equal distances are equal ratios; both ends are positive then.
    """

    low: float
    high: float
    log: bool = False

    def share(self, values: Any) -> Array:
        """Return where values lie, 0 at the low end, 1 at the high one; outside, at the ends."""
        numbers = np.clip(np.asarray(values, dtype=float), self.low, self.high)
        low, high = self.low, self.high
        if self.log:
            numbers, low, high = np.log(numbers), float(np.log(low)), float(np.log(high))
        return np.asarray((numbers - low) / (high - low))

    def ticks(self) -> list[float]:
        """Return at most six round values within the range."""
        values = self._powers() if self.log else self._steps()
        return values[:: -(-len(values) // 6)] if values else values

    def _steps(self) -> list[float]:
        step = _round_step((self.high - self.low) / 4)
        first, last = np.ceil(self.low / step - 1e-9), np.floor(self.high / step + 1e-9)
        return [float(f"{step * i:.6g}") + 0.0 for i in np.arange(first, last + 1)]  # no -0

    def _powers(self) -> list[float]:
        low, high = (int(np.floor(np.log10(each))) for each in (self.low, self.high))
        digits = (1, 2, 5) if self.high < 100 * self.low else (1,)
        values = [digit * 10.0**power for power in range(low, high + 1) for digit in digits]
        return [each for each in values if self.low <= each <= self.high]


def _round_step(step: float) -> float:
    power = 10.0 ** np.floor(np.log10(step))
    return float(power * min((each for each in (1, 2, 5) if each * power >= step), default=10))


def axis(*values: Array, log: bool = False) -> Axis:
    """Return the axis that all finite values fit on, of some width."""
    together = np.concatenate([np.ravel(each) for each in values])
    together = together[np.isfinite(together)]
    low, high = (float(together.min()), float(together.max())) if len(together) else (0.0, 1.0)
    if not high > low:
        room = abs(low) / 2 or 0.5
        return Axis(low - room, high + room)
    return Axis(low, high, log)


@dataclass
class Plot:
    """A drawing on two axes, layer upon layer.

    Attributes:
        x, y: its axes.
        label: what it shows, a sentence.
        size: width and height, in pixels.
        names: of rows, at 0, 1, ... upwards, in place of the ticks of y.
        left: room for the labels beside the plot, in units.
    """

    x: Axis
    y: Axis
    label: str
    size: tuple[int, int] = (300, 180)
    names: Sequence[str] = ()
    left: int = LEFT
    layers: list[str] = field(default_factory=list)

    def line(self, x: Array, y: Array, style: str) -> None:
        """Draw a line through the finite ones of some points, thinned."""
        known = np.isfinite(y)
        x, y = np.asarray(x)[known], np.asarray(y)[known]
        if len(x) > MOST_POINTS:
            kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
            x, y = x[kept], y[kept]
        if len(x) == 1:  # a level, across
            x, y = np.array([self.x.low, self.x.high]), y.repeat(2)
        if len(x):
            self._path(f"l {style}", _relative(self._across(x), self._up(y)))

    def steps(self, edges: Array, heights: Array, style: str, *, filled: bool = False) -> None:
        """Draw a histogram's outline, or its area."""
        across, up = self._across(np.repeat(edges, 2)), self._up(np.repeat(heights, 2))
        floor = self._up(np.array([max(self.y.low, 0.0)]))
        up = np.concatenate([floor, up, floor])
        self._path(f"{'a' if filled else 'l'} {style}", _relative(across, up))

    def dots(self, x: Array, y: Array, style: str) -> None:
        """Draw a dot for each point."""
        across, up = self._across(x), self._up(y)
        moves = np.diff(np.stack([across, up], axis=1), axis=0, prepend=0)
        self._path(f"d {style}", "".join(f"m{a} {b}h0" for a, b in moves.tolist()))

    def svg(self) -> Markup:
        """Return the drawing."""
        width, height = (SCALE * each for each in self.size)
        head = (
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" style="max-width:min(100%,{}px)">'
        )
        return Markup("{}{}{}</svg>").format(
            Markup(head).format(width, height, self.label, self.size[0]),
            Markup(self._grid()),
            Markup("".join(self.layers)),
        )

    def _path(self, style: str, moves: str) -> None:
        self.layers.append(f'<path class="{style}" d="{moves}"/>')

    def _across(self, x: Any) -> NDArray[np.int64]:
        width = SCALE * self.size[0] - self.left - RIGHT
        return (self.left + width * self.x.share(x)).round().astype(int)

    def _up(self, y: Any) -> NDArray[np.int64]:
        height = SCALE * self.size[1] - TOP - BOTTOM
        return (TOP + height * (1 - self.y.share(y))).round().astype(int)

    def _grid(self) -> str:
        width, height = (SCALE * each for each in self.size)
        across, up = self.x.ticks(), self.y.ticks()
        if self.names:
            up = [float(place) for place in range(len(self.names))]
        lines = [f"M{self.left} {y}H{width - RIGHT}" for y in self._up(up).tolist()]
        lines += [f"M{x} {TOP}V{height - BOTTOM}" for x in self._across(across).tolist()]
        grid = f'<path class="g" d="{"".join(lines)}"/>'
        return grid + "".join(self._below(across) + self._beside(up))

    def _below(self, across: Sequence[float]) -> list[str]:
        """Labels of the ticks across, as many as there is room for."""
        names = [tick_label(each) for each in across]
        most = (SCALE * self.size[0] - self.left - RIGHT) / (
            DIGIT * (max(map(len, names), default=1) + 2)
        )
        step = max(1, int(np.ceil(len(names) / max(most, 1))))
        bottom = SCALE * self.size[1] - LINE
        places = [*zip(self._across(across).tolist(), names, strict=True)][::step]
        return [f'<text class="m" x="{x}" y="{bottom}">{name}</text>' for x, name in places]

    def _beside(self, up: Sequence[float]) -> list[str]:
        names = self.names or [tick_label(each) for each in up]
        return [
            f'<text class="e" x="{self.left - 8}" y="{y + LINE}">{escape(name)}</text>'
            for y, name in zip(self._up(up).tolist(), names, strict=True)
        ]


def tick_label(value: float) -> str:
    """Return a round number in few characters, with a minus sign."""
    return f"{value:.4g}".replace("e+0", "e").replace("e-0", "e-").replace("-", "−")


def _relative(x: NDArray[np.int64], y: NDArray[np.int64]) -> str:
    """Return path data: the first point, then differences; points that repeat are left out."""
    points = np.stack([x, y], axis=1)
    moves = np.diff(points, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    parts = "".join(f"{a}{b if b < 0 else f' {b}'} " for a, b in moves.tolist()).rstrip()
    return f"M{points[0, 0]} {points[0, 1]}" + (f"l{parts}" if parts else "h0")
