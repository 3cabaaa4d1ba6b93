"""`aae sweep --best`: which experiment of this commit is best, and which may be as good."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aae.checks import expect
from aae.compare import changed_params, rank
from aae.configure import PARAMS
from aae.hub import git
from aae.ranking import Ranked

SEEDS = "seeds"


@dataclass(frozen=True)
class Placed:
    """An experiment's place, and the parameters that it changes: "key=value ...", "" for none."""

    place: Ranked
    changes: str


def best(metric: str) -> list[Placed]:
    """Rank HEAD, where it has runs, and its experiments by a metric of `aae compare`.

    Returns:
        A line for each, the best first.

    Raises:
        ValueError: HEAD has no experiments, or they have no runs with the metric in common.
    """
    project = Path.cwd()
    head = git(project, "rev-parse", "HEAD")
    top = f"refs/exps/{head[:2]}/{head[2:]}"
    names = git(project, "for-each-ref", "--format=%(refname:lstrip=4)", f"{top}/").split()
    expect(bool(names), "experiments of this commit (`aae sweep -m ...` makes them)", names)
    ran = {"HEAD": head} if git(project, "ls-tree", head, "dvc.lock") else {}
    revisions = ran | {name: f"{top}/{name}" for name in names}
    places = rank([*revisions], metric)
    return [Placed(it, changes(project, head, revisions[it.experiment])) for it in places]


def changes(project: Path, base: str, revision: str) -> str:
    """Parameters of a revision that differ from the base's; seeds are counted elsewhere."""
    both = (yaml.safe_load(git(project, "show", f"{each}:{PARAMS}")) for each in (base, revision))
    differing = changed_params(*both)
    return " ".join(f"{key}={value}" for key, _, value in differing if key != SEEDS)


def table(found: Sequence[Placed], metric: str) -> Any:
    """Lay out a ranking for the terminal: a rich renderable."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    grid = Table(box=SIMPLE_HEAD, title=f"{metric}, mean over names and variants, and over seeds")
    grid.add_column("experiment", no_wrap=True)  # to be copied
    for head in ("changes", "mean ± 95%", "behind", "chance", "seeds", ""):
        grid.add_column(head, overflow="fold")
    for each in found:
        place = each.place
        mean = f"{place.mean:.4g} ± {place.margin:.2g}"
        least = "any" if math.isinf(place.least) else f"{place.least:.3g}"
        figures = (mean, f"{place.behind:.3g}", least, str(len(place.seeds)))
        grid.add_row(place.experiment, each.changes, *figures, place.word)
    return grid
