"""`aae sweep --best`: which experiment of this commit is best, and which may be as good."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aae.compare.history import HEAD, alike, differing, read_experiments
from aae.compare.metrics import AUC
from aae.compare.ranking import BEST, NOT_BEST, UNDISTINGUISHED, Ranked
from aae.compare.revisions import Revision
from aae.compare.versions import in_common, ranked

FIGURES = "    {:<22}{:>10}{:>10}{:>7}  {}"
HEADINGS = "mean ± 95%", "behind", "chance", "seeds", ""
WORDS = {BEST: "best", UNDISTINGUISHED: "undecided", NOT_BEST: "not best"}
LEGEND = (
    "undecided: not distinguishable from the best, which is not the same as equal; behind: how "
    "much worse than the best on common seeds; chance: how much of that may be chance."
)


@dataclass(frozen=True)
class Ranking:
    """Experiments that ran the same names and variants.

    Attributes:
        title: these, and the metric.
        places: the best first; HEAD is among them where it has all of these runs.
        values: of the parameters in which they differ, "key=value ..." for each.
    """

    title: str
    places: list[Ranked]
    values: dict[str, str]


def best(metric: str | None = None) -> tuple[list[Ranking], list[str]]:
    """Rank the experiments of HEAD by a metric of `aae compare`, `AUC` by default.

    Returns:
        A ranking for each set of names and variants, and why others are left out, a line each.

    Raises:
        ValueError: HEAD has no experiments, or none can be read and has the metric.
    """
    history = read_experiments()
    read, left_out = {each.name: each for each in history.experiments}, history.left_out
    base = read.pop(HEAD, None)
    if not read:
        raise ValueError(left_out[-1])
    rankings = []
    for group in alike([*read.values()]):
        try:
            rankings.append(rank_alike(group, base, metric or AUC))
        except ValueError as error:
            left_out.append(f"{', '.join(each.name for each in group)} are left out: {error}")
    if not rankings:
        raise ValueError(left_out[-1])
    return rankings, left_out


def rank_alike(revisions: Sequence[Revision], base: Revision | None, metric: str) -> Ranking:
    """Rank revisions that were evaluated alike, with HEAD where it has the same runs.

    Raises:
        ValueError: no name and variant has the metric.
    """
    beside = [base] if base and revisions[0].evaluated.items() <= base.evaluated.items() else []
    all_ = [*revisions, *beside]
    cells = ", ".join(map("/".join, in_common(all_, metric)))
    title = f"{metric}, mean over {cells} and seeds"
    values = {
        name: " ".join(f"{key}={value}" for key, value in each.items())
        for name, each in differing(all_).items()
    }
    return Ranking(title, ranked(all_, metric), values)


def layout(rankings: Sequence[Ranking]) -> Any:
    """Lay out rankings for the terminal, in 80 columns: a rich renderable.

    An experiment has two lines: its name (to be copied) with its parameters, and its figures.
    """
    from rich.console import Group
    from rich.text import Text

    parts = []
    for each in rankings:
        parts += [Text(each.title, style="bold"), Text(FIGURES.format(*HEADINGS), style="dim")]
        parts += [part for place in each.places for part in _lines(place, each.values)]
    return Group(*parts, Text(LEGEND, style="dim"))


def _lines(place: Ranked, values: Mapping[str, str]) -> list[Any]:
    from rich.text import Text

    margin = f" ± {place.margin:.2g}" if len(place.seeds) > 1 else ""
    least = "any" if math.isinf(place.least) else f"{place.least:.3g}"
    figures = f"{place.mean:.4g}{margin}", f"{place.behind:.3g}", least, len(place.seeds)
    name = Text.assemble((place.experiment, "bold"), " ", values[place.experiment])
    return [name, Text(FIGURES.format(*figures, WORDS[place.word]))]
