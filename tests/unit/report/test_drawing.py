"""Laws of the drawings: values land where the axis says, SVG stands alone and is described."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from aae.report.drawing import BOTTOM, LEFT, MOST_POINTS, RIGHT, SCALE, TOP, Axis, Plot, axis
from aae.report.plots import APART, curves, neighbours, on_axes, pair, plane, quantiles

EDGES = np.linspace(-3, 3, 61)
UNIT = Axis(0.0, 1.0)


def normal(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal(shape)


def plotted(**layers: Any) -> str:
    plot = Plot(UNIT, UNIT, "<a> & b.")
    for kind, arguments in layers.items():
        getattr(plot, kind)(*arguments)
    return str(plot.svg())


def points(svg: str, style: str) -> list[list[int]]:
    """Absolute points of the first path of a style, in units of the box."""
    (data,) = re.findall(rf'<path class="{style}" d="([^"]*)"', svg)[:1]
    start, _, rest = data.partition("l")
    first = [int(each) for each in start[1:].split()]
    moves = [int(each) for each in re.findall(r"-?\d+", rest)]
    return np.cumsum([first, *zip(moves[::2], moves[1::2], strict=True)], axis=0).tolist()


@pytest.mark.parametrize("log", [False, True])
def test_an_axis_maps_its_ends_to_0_and_1_and_keeps_order(log: bool) -> None:
    known = Axis(0.5, 800.0, log)
    shares = known.share(np.array([0.0, 0.5, 20.0, 800.0, 900.0]))
    assert shares[[0, 1, 3, 4]].tolist() == [0, 0, 1, 1] and 0 < shares[2] < 1
    assert shares[2] == pytest.approx(np.log(40) / np.log(1600) if log else 19.5 / 799.5)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("ends", [(0.484, 0.622), (1e-7, 3e5), (2.0, 2.001), (1e5, 2e5)])
def test_ticks_are_a_few_round_values_within_the_axis(ends: tuple[float, float], log: bool) -> None:
    ticks, slack = Axis(*ends, log).ticks(), 1e-6 * (ends[1] - ends[0]) * (not log)
    assert len(ticks) <= 6 and (log or len(ticks) >= 2)
    assert all(ends[0] - slack <= each <= ends[1] + slack for each in ticks)


def test_no_tick_is_a_negative_zero() -> None:
    assert "−0<" not in str(Plot(Axis(-2.0, 2.0), Axis(-0.001, 5.0), "").svg())


@pytest.mark.parametrize("values", [[], [np.nan], [3.0, 3.0], [0.0], [-1.0, 2.0]])
def test_any_values_make_an_axis(values: list[float]) -> None:
    known = axis(np.array(values))
    assert known.high > known.low


def test_lines_go_through_their_points() -> None:
    drawn = points(plotted(line=(np.array([0, 0.5, 1]), np.array([0, 1, 0.5]), "k0")), "l k0")
    width, height = (SCALE * each for each in (300, 180))
    right, low = width - RIGHT, height - BOTTOM
    assert drawn == [[LEFT, low], [(LEFT + right) // 2, TOP], [right, (TOP + low) // 2]]


def test_long_lines_are_thinned_and_keep_their_ends() -> None:
    x = np.linspace(0, 1, 5000)
    drawn = points(plotted(line=(x, x, "k0")), "l k0")
    assert len(drawn) <= MOST_POINTS
    assert drawn[0][0] == LEFT and drawn[-1][0] == SCALE * 300 - RIGHT


def test_what_is_not_finite_is_left_out() -> None:
    x = np.array([0, 0.5, 1])
    assert len(points(plotted(line=(x, np.array([0, np.nan, 1]), "k0")), "l k0")) == 2
    assert "l k0" not in plotted(line=(x, np.full(3, np.nan), "k0"))


def test_dots_are_one_path() -> None:
    svg = plotted(dots=(np.linspace(0, 1, 9), np.linspace(0, 1, 9), "c1"))
    assert svg.count("h0") == 9 and svg.count('class="d c1"') == 1


def test_a_histogram_starts_and_ends_on_the_floor() -> None:
    drawn = points(plotted(steps=(np.linspace(0, 1, 4), np.array([1, 0.5, 1]), "k0")), "l k0")
    assert drawn[0][1] == drawn[-1][1] == SCALE * 180 - BOTTOM


DRAWINGS: dict[str, Callable[[], Any]] = {
    "curves": lambda: curves(
        {"epoch": np.arange(9), "a": normal(9), "b": normal(9)}, {"train": "a", "<b>": "b"}, "x"
    ),
    "one epoch": lambda: curves(
        {"epoch": np.arange(1), "a": np.array([3.0]), "b": np.array([np.nan])},
        {"train": "a", "validation": "b"},
        "x",
    ),
    "far apart": lambda: curves(
        {"epoch": np.arange(9), "a": np.logspace(0, 9, 9)}, {"a": "a"}, "x"
    ),
    "quantiles": lambda: quantiles(np.sort(normal(2, 50)), "all cells"),
    "constant quantiles": lambda: quantiles(np.ones((2, 50)), "all cells"),
    "neighbours": lambda: neighbours(np.sort(np.abs(normal(2, 50)))),
    "copies": lambda: neighbours(np.zeros((2, 50))),
    "pair": lambda: pair(normal(2, 30, 2), ("a<", "b&")),
    "constant pair": lambda: pair(np.ones((2, 30, 2)), ("a", "b")),
}


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_a_drawing_repeats_stands_alone_and_says_what_it_shows(draw: Callable[[], Any]) -> None:
    drawn = str(draw())
    assert drawn == str(draw())
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img" and (root.get("aria-label") or "").endswith(".")
    for outside in (" id=", "http", "url(", "nan", "\n"):
        assert outside not in drawn


def test_far_apart_positive_curves_are_logarithmic() -> None:
    history = {"epoch": np.arange(3), "a": np.array([1.0, 1e3, 1e6])}
    ups = [up for _, up in points(str(curves(history, {"a": "a"}, "x")), "l k0")]
    assert ups[0] - ups[1] == pytest.approx(ups[1] - ups[2], abs=1)


def test_curves_say_where_they_begin_and_end() -> None:
    history = {"epoch": np.arange(3), "a": np.array([9.0, 5.0, 2.0])}
    assert "Loss over 3 epochs: train from 9.00 to 2.00." in str(
        curves(history, {"train": "a"}, "Loss")
    )


def test_equal_quantiles_are_said_to_be_equal() -> None:
    assert "at most 0% of the real range" in str(quantiles(np.stack([EDGES, EDGES]), "x"))


def test_plane_keeps_the_directions_of_most_variance() -> None:
    codes = normal(500, 4) * [1, 9, 3, 0.1]
    flat, prior = plane(codes, normal(500, 4))
    assert flat.std(axis=0) == pytest.approx([9, 3], rel=0.2)
    assert prior.std(axis=0) == pytest.approx([1, 1], rel=0.2)
    assert plane(codes[:, :2], codes[:, :2])[0] is not None


def test_dots_of_few_values_are_spread_within_their_steps_and_others_stay() -> None:
    few, many = 2.0 * np.random.default_rng(0).integers(0, 9, (2, 400)), normal(2, 400)
    clouds = np.stack([few, many], axis=2)
    spread, (across, up) = on_axes(clouds)
    off = np.stack(spread) - clouds
    assert 0 < np.abs(off[..., 0]).max() <= 2 * APART and not off[..., 1].any()
    assert len(np.unique(spread[0][:, 0])) == 400
    assert across.low < 0 and across.high > 16 and up.low >= many.min()


def test_a_constant_column_stays() -> None:
    assert on_axes(np.ones((2, 5, 1)))[0][0].tolist() == [[1.0]] * 5
