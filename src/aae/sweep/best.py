"""`aae sweep --best`: which experiment of this commit is best, and which may be as good."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aae.base.checks import expect
from aae.compare.metrics import AUC
from aae.compare.ranking import BEST, NOT_BEST, UNDISTINGUISHED, Ranked
from aae.compare.revisions import Revision, read_revisions
from aae.compare.versions import in_common, ranked
from aae.pipeline.configure import leaves
from aae.sweep.hub import git

HEAD = "HEAD"
FIGURES = "    {:<22}{:>10}{:>10}{:>7}  {}"
HEADINGS = "mean ± 95%", "behind", "chance", "seeds", ""
WORDS = {BEST: "best", UNDISTINGUISHED: "undecided", NOT_BEST: "not best"}
LEGEND = (
    "undecided: not distinguishable from the best, which is not the same as equal; behind: how "
    "much worse than the best on common seeds; chance: how much of that may be chance."
)
SWEPT = "distributions", "tables", "variants", "model", "train", "evaluate"


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
    project = Path.cwd()
    head = git(project, "rev-parse", HEAD)
    top = f"refs/exps/{head[:2]}/{head[2:]}"
    names = git(project, "for-each-ref", "--format=%(refname:lstrip=4)", f"{top}/").split()
    expect(bool(names), "experiments of this commit (`aae sweep -m ...` makes them)", names)
    read, left_out = dict[str, Revision](), []
    for name, each in zip([HEAD, *names], read_revisions([HEAD, *names]), strict=True):
        if isinstance(each, ValueError):
            left_out.append(f"{name} is left out: {each}")
        else:
            read[name] = each
    base = read.pop(HEAD, None)
    if not read:
        raise ValueError(left_out[-1])
    rankings = []
    for alike in groups(read.values()):
        try:
            rankings.append(rank_alike(alike, base, metric or AUC))
        except ValueError as error:
            left_out.append(f"{', '.join(each.name for each in alike)} are left out: {error}")
    if not rankings:
        raise ValueError(left_out[-1])
    return rankings, left_out


def groups(revisions: Iterable[Revision]) -> list[list[Revision]]:
    """Revisions with the same names and variants that were evaluated alike, together."""
    alike: list[list[Revision]] = []
    for each in revisions:
        place = next((group for group in alike if group[0].evaluated == each.evaluated), None)
        if place is None:
            alike.append([each])
        else:
            place.append(each)
    return alike


def rank_alike(revisions: Sequence[Revision], base: Revision | None, metric: str) -> Ranking:
    """Rank revisions that were evaluated alike, with HEAD where it has the same runs.

    Raises:
        ValueError: no name and variant has the metric.
    """
    beside = [base] if base and revisions[0].evaluated.items() <= base.evaluated.items() else []
    all_ = [*revisions, *beside]
    cells = ", ".join(map("/".join, in_common(all_, metric)))
    title = f"{metric}, mean over {cells} and seeds"
    return Ranking(title, ranked(all_, metric), differing(all_))


def differing(revisions: Sequence[Revision]) -> dict[str, str]:
    """Values of the parameters that all revisions have and in which they differ.

    Not what is run (`names`, `variants`, `seeds`), which the title and the seeds' column say.
    """
    flat = {
        each.name: leaves({key: each.params.get(key, {}) for key in SWEPT}) for each in revisions
    }
    first, *others = flat.values()
    keys = [
        key
        for key, value in first.items()
        if all(key in each for each in others) and any(each[key] != value for each in others)
    ]
    return {name: " ".join(f"{key}={values[key]}" for key in keys) for name, values in flat.items()}


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
