"""Runs over revisions: the last of this branch, and the experiments of HEAD."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from aae.base.checks import expect
from aae.compare.revisions import Revision, Store, opened
from aae.report.runs import flat

HEAD = "HEAD"
SWEPT = "distributions", "tables", "variants", "model", "train", "evaluate"


@dataclass
class History:
    """What was run before, and beside.

    Attributes:
        branch: the last runs of this branch, the oldest first, by their commits.
        experiments: those of HEAD, with HEAD where it has been run.
        left_out: which could not be read, and why, a line each.
    """

    branch: list[Revision] = field(default_factory=list)
    experiments: list[Revision] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_history(count: int) -> History:
    """Read the last `count` runs of this branch and all experiments of HEAD.

    Raises:
        ValueError: this is no DVC repository, or not a git one.
    """
    history = History()
    with opened() as store:
        history.branch = _read(store, last_runs(store, count), history.left_out)
        names = experiments(store)
        if names:
            history.experiments = _read(store, [HEAD, *names], history.left_out)
    return history


def read_experiments() -> History:
    """Read all experiments of HEAD.

    Raises:
        ValueError: this is no DVC repository, or HEAD has no experiments.
    """
    history = History()
    with opened() as store:
        names = experiments(store)
        expect(bool(names), "experiments of this commit (`aae sweep -m ...` makes them)", names)
        history.experiments = _read(store, [HEAD, *names], history.left_out)
    return history


def _read(store: Store, names: Sequence[str], left_out: list[str]) -> list[Revision]:
    read = []
    for name in names:
        try:
            read.append(store.revision(name))
        except ValueError as error:
            left_out.append(f"{name} is left out: {error}")
    return read


def experiments(store: Store) -> list[str]:
    """Names of the experiments of HEAD."""
    git = _git(store)
    head = str(git.head.target)
    top = f"refs/exps/{head[:2]}/{head[2:]}/"
    return sorted(each[len(top) :] for each in git.references if each.startswith(top))


def last_runs(store: Store, count: int) -> list[str]:
    """Last commits of this branch that brought another dvc.lock, the oldest first."""
    return [*islice(_runs(_git(store), _lock_path(store)), count)][::-1]


def _git(store: Store) -> Any:
    """The repository as pygit2 has it; ValueError where DVC is used without git."""
    from dvc.scm import NoSCM

    expect(not isinstance(store.repo.scm, NoSCM), "a git repository", "none")
    return store.repo.scm.pygit2.repo


def _lock_path(store: Store) -> str:
    """Where dvc.lock is in the git repository."""
    top = Path(store.repo.scm.root_dir).resolve()
    return (Path(store.repo.root_dir).relative_to(top) / "dvc.lock").as_posix()


def _runs(git: Any, path: str) -> Iterator[str]:
    walk = git.walk(git.head.target)
    walk.simplify_first_parent()
    for commit in walk:
        lock = _blob(commit, path)
        if lock and lock != (_blob(commit.parents[0], path) if commit.parents else None):
            yield commit.short_id


def _blob(commit: Any, path: str) -> str | None:
    try:
        return str(commit.tree[path].id)
    except KeyError:
        return None


def differing(revisions: Sequence[Revision]) -> dict[str, dict[str, Any]]:
    """Values of the parameters that all revisions have and in which they differ, by revision.

    Not what is run (`names`, `variants`, `seeds`), which a title and the number of seeds say.
    """
    every = {
        each.name: flat({key: each.params.get(key) or {} for key in SWEPT}) for each in revisions
    }
    first, *others = every.values()
    keys = [
        key
        for key, value in first.items()
        if all(key in each for each in others) and any(each[key] != value for each in others)
    ]
    return {name: {key: values[key] for key in keys} for name, values in every.items()}


def alike(revisions: Sequence[Revision]) -> list[list[Revision]]:
    """Revisions with the same names and variants that were evaluated alike, together."""
    groups: list[list[Revision]] = []
    for each in revisions:
        place = next((group for group in groups if group[0].evaluated == each.evaluated), None)
        if place is None:
            groups.append([each])
        else:
            place.append(each)
    return groups
