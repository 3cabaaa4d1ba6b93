"""Small drawings of one metric over revisions, of a sweep's parameters, and verdict rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from aae.compare.metrics import PASSED
from aae.compare.pairing import Cell
from aae.compare.ranking import BEST, Ranked
from aae.compare.revisions import Revision
from aae.report.drawing import Axis, Plot, axis
from aae.report.wording import listed, number

LETTER, FEW, WIDE, HIGH = 12, 20.0, 620, 46  # of a name's letter; of parallel coordinates
BESIDE = 1.15  # room beside the outermost values of a parameter, as a ratio
ROOM, FEWEST = (
    0.5,
    3,
)  # beside the first and the last revision; of fewer, ticks are no whole numbers
SMALL = 180, 110  # pixels of a small multiple


@dataclass(frozen=True)
class Rate:
    """How many seeds of a run have the verdict `PASSED`, and the 95% interval of their share."""

    passed: int
    seeds: int

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper-Pearson."""
        from scipy.stats import binomtest

        low, high = binomtest(self.passed, self.seeds).proportion_ci()
        return float(low), float(high)

    def __str__(self) -> str:
        """Return the count, and the interval in %."""
        low, high = self.interval
        return f"{self.passed} of {self.seeds} ({low:.0%} to {high:.0%})"


def rate(revision: Revision, cell: Cell) -> Rate | None:
    """Verdict rate of a name and variant over seeds, where there is one."""
    values = [each[PASSED] for each in revision.runs.get(cell, {}).values()]
    return Rate(round(sum(values)), len(values)) if values else None


def cells(revisions: Sequence[Revision]) -> list[Cell]:
    """Every name and variant that any of these has."""
    return list(dict.fromkeys(cell for each in revisions for cell in each.runs))


def metric_over(revisions: Sequence[Revision], cell: Cell, metric: str) -> Markup:
    """Draw a metric of each revision, 1 the oldest: a dot for each seed, a line through means."""
    values = {
        place: np.array([each[metric] for each in runs.values() if metric in each])
        for place, revision in enumerate(revisions, 1)
        if (runs := revision.runs.get(cell))
    }
    values = {place: each for place, each in values.items() if len(each)}
    means = [number(float(each.mean())) for each in values.values()]
    label = f"{metric} of {'/'.join(cell)} over {len(values)} runs, means {listed(means)}."
    up = axis(np.zeros(1), *(BESIDE * each for each in values.values()))
    plot = Plot(_runs(revisions), up, label, SMALL)
    plot.line(np.array([*values], dtype=float), np.array([v.mean() for v in values.values()]), "k0")
    for place, each in values.items():
        plot.dots(np.full(len(each), float(place)), each, "real")
    return plot.svg()


def rate_over(revisions: Sequence[Revision], cell: Cell) -> Markup:
    """Draw the verdict rate of each revision with its 95% interval."""
    rates = {
        place: each for place, revision in enumerate(revisions, 1) if (each := rate(revision, cell))
    }
    said = listed([f"{each.passed} of {each.seeds}" for each in rates.values()])
    label = f"Seeds of {'/'.join(cell)} that are {PASSED}, over {len(rates)} runs: {said}."
    plot = Plot(_runs(revisions), Axis(0.0, 1.0), label, SMALL)
    for place, each in rates.items():
        plot.line(np.full(2, float(place)), np.array(each.interval), "real")
        plot.dots(np.array([float(place)]), np.array([each.passed / each.seeds]), "k0")
    return plot.svg()


def _runs(revisions: Sequence[Revision]) -> Axis:
    return Axis(ROOM, max(len(revisions), FEWEST) + ROOM)


def against(key: str, values: Mapping[str, Any], places: Sequence[Ranked], metric: str) -> Markup:
    """Draw a metric of each experiment over a parameter, with 95% intervals over seeds.

    Args:
        key: of the parameter; values: of each experiment, where not numbers drawn in their order.
        places: mean and margin of each experiment.
        metric: which these are of.
    """
    across = positions([values[each.experiment] for each in places])
    ends = [each.mean + side * each.margin for each in places for side in (-1, 1)]
    best = min(places, key=lambda each: each.word != BEST)
    label = (
        f"{metric} of {len(places)} experiments over {key}; the best has {number(best.mean)} at "
        f"{values[best.experiment]}."
    )
    plot = Plot(_parameter_axis(across), axis(np.array(ends)), label)
    for x, each in sorted(zip(across, places, strict=True), key=lambda pair: pair[1] is best):
        interval = np.array([each.mean - each.margin, each.mean + each.margin])
        plot.line(np.full(2, x), interval, "better" if each is best else "real")
        plot.dots(np.array([x]), np.array([each.mean]), "better" if each is best else "k0")
    return plot.svg()


def positions(values: Sequence[Any]) -> np.ndarray:
    """Numbers as they are; anything else by its place among the values, 1, 2, ..."""
    if _numbers(values):
        return np.array(values, dtype=float)
    order = sorted({str(each) for each in values})
    return np.array([order.index(str(each)) + 1.0 for each in values])


def legend(values: Sequence[Any]) -> str:
    """Say which place is which value, where they are no numbers."""
    if _numbers(values):
        return ""
    order = sorted({str(each) for each in values})
    return ", ".join(f"{place} {each}" for place, each in enumerate(order, 1))


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in values)


def _parameter_axis(values: np.ndarray) -> Axis:
    """Return an axis with room beside the outermost values."""
    if values.min() > 0 and values.max() > FEW * values.min():
        return axis(values / BESIDE, values * BESIDE, log=True)
    room = (BESIDE - 1) * (np.ptp(values) or 1.0) / 2
    return axis(values - room, values + room)


def parallel(
    values: Mapping[str, Mapping[str, Any]], places: Sequence[Ranked], metric: str
) -> Markup:
    """Draw parallel coordinates: a line an experiment, through its parameters and the metric.

    Each coordinate goes from its least value, left, to its largest; the best one is drawn last.
    """
    keys = [*next(iter(values.values()))]
    columns = {key: [values[each.experiment][key] for each in places] for key in keys}
    scaled = [_shares(positions(column)) for column in columns.values()]
    scaled.append(_shares(np.array([each.mean for each in places])))
    names = [f"{key} {_range(column)}" for key, column in columns.items()]
    names.append(f"{metric} {_range([each.mean for each in places])}")
    best = min(range(len(places)), key=lambda place: places[place].word != BEST)
    said = listed([f"{key} {columns[key][best]}" for key in keys])
    label = f"Parallel coordinates of {len(places)} experiments; the best has {said}."
    size = WIDE, HIGH * len(names) + 30
    left = LETTER * max(map(len, names)) + 20
    up = Axis(-0.3, len(names) - 0.7)
    plot = Plot(Axis(0.0, 1.0), up, label, size, names[::-1], left)
    height = np.arange(len(names), dtype=float)[::-1]
    for place in sorted(range(len(places)), key=lambda each: each == best):
        line = np.array([column[place] for column in scaled])
        plot.line(line, height, "better wide" if place == best else "real")
    return plot.svg()


def _shares(values: np.ndarray) -> np.ndarray:
    span = float(np.ptp(values)) or 1.0
    return np.asarray((values - values.min()) / span)


def _range(values: Sequence[Any]) -> str:
    places = positions(values)
    low, high = values[int(places.argmin())], values[int(places.argmax())]
    shown = (number(each) if isinstance(each, float) else str(each) for each in (low, high))
    return " … ".join(shown)
