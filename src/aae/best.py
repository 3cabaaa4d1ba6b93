"""`aae sweep --best`: which experiment of this commit is best, and which may be as good."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aae.checks import expect
from aae.compare import ranked
from aae.configure import leaves
from aae.hub import git
from aae.metrics import AUC
from aae.ranking import Ranked
from aae.revisions import Revision, read_revisions

HEAD = "HEAD"
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
    """Rank the experiments of HEAD by a metric of `aae compare`, `AUC` unless told.

    Returns:
        A ranking for each set of names and variants, and why others are left out, a line each.

    Raises:
        ValueError: HEAD has no experiments, none can be read, or none has the metric.
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
    rankings = [rank_alike(alike, base, metric or AUC) for alike in groups(read.values())]
    return rankings, left_out


def groups(found: Iterable[Revision]) -> list[list[Revision]]:
    """Revisions with the same names and variants, together."""
    alike: dict[frozenset[Any], list[Revision]] = {}
    for each in found:
        alike.setdefault(frozenset(each.runs), []).append(each)
    return list(alike.values())


def rank_alike(found: Sequence[Revision], base: Revision | None, metric: str) -> Ranking:
    """Rank revisions with the same names and variants, with HEAD where it has them too."""
    cells = found[0].runs
    beside = [base] if base and set(cells) <= set(base.runs) else []
    title = f"{metric}, mean over {', '.join(map('/'.join, cells))} and seeds"
    return Ranking(title, ranked([*found, *beside], metric), differing([*found, *beside]))


def differing(found: Sequence[Revision]) -> dict[str, str]:
    """Values of the parameters that all revisions have and in which they differ.

    Not what is run (`names`, `variants`, `seeds`), which the title and the seeds' column say.
    """
    flat = {each.name: leaves({key: each.params.get(key, {}) for key in SWEPT}) for each in found}
    first, *others = flat.values()
    keys = [
        key
        for key, value in first.items()
        if all(key in each for each in others) and any(each[key] != value for each in others)
    ]
    return {name: " ".join(f"{key}={values[key]}" for key in keys) for name, values in flat.items()}


def table(found: Ranking) -> Any:
    """Lay out a ranking for the terminal: a rich renderable."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    grid = Table(box=SIMPLE_HEAD, title=found.title)
    grid.add_column("experiment", no_wrap=True)  # to be copied
    for head in ("differs in", "mean ± 95%", "behind", "chance", "seeds", ""):
        grid.add_column(head, overflow="fold")
    for place in found.places:
        mean = f"{place.mean:.4g} ± {place.margin:.2g}"
        least = "any" if math.isinf(place.least) else f"{place.least:.3g}"
        figures = (mean, f"{place.behind:.3g}", least, str(len(place.seeds)))
        grid.add_row(place.experiment, found.values[place.experiment], *figures, place.word)
    return grid
