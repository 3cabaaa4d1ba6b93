"""Runs of git revisions, branches, tags and DVC experiments, read through DVC's cache."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from aae.base.checks import expect
from aae.compare.contents import WORKSPACE, Contents, contents_of, one_line
from aae.compare.lock import PARAMS, Lock
from aae.compare.metrics import comparable
from aae.compare.objects import Objects
from aae.compare.pairing import Cell, Values

if TYPE_CHECKING:
    from dvc.repo import Repo

REPORTS = "reports"
ERROR = "error"  # a verdict: rows that are not finite, say
SETTINGS = "permutations", "alpha", "resolution"  # of `evaluate`: a metric means less without
Place = tuple[str, str, int]  # name, variant and seed
Evaluation = Mapping[str, Any]


@dataclass
class Revision:
    """What one revision is made of.

    Attributes:
        name: as the user gave it.
        params: content of its params.yaml.
        runs: metrics by name and variant, then by seed.
        evaluated: how these were evaluated: numbers of rows, permutations, level.
        notes: what is missing of it.
    """

    name: str
    params: dict[str, Any]
    runs: dict[Cell, dict[int, Values]] = field(default_factory=dict)
    evaluated: dict[Cell, Evaluation] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_revisions(names: Sequence[str]) -> Iterator[Revision | ValueError]:
    """Read revisions one by one; one that cannot be compared is given as its error.

    Raises:
        ValueError: this is no DVC repository.
    """
    with opened() as store:
        for name in names:
            try:
                yield store.revision(name)
            except ValueError as error:
                yield error


@contextmanager
def opened() -> Iterator["Store"]:
    """Open the repository of the working folder.

    Raises:
        ValueError: this is no DVC repository.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # what is missing, an error says in one line
    try:
        repo = Repo()
    except DvcException as error:
        raise ValueError(one_line(error)) from None
    with repo:
        yield Store(repo)


class Store:
    """Reads revisions of one repository; what they share is read once."""

    def __init__(self, repo: "Repo") -> None:
        """Use an open DVC repository."""
        self.repo = repo
        self._objects = Objects(repo)
        self._sought = set[str]()  # on the remote, once for all revisions

    def revision(self, name: str) -> Revision:
        """Read the runs of one revision, for exactly its names, variants and seeds.

        Raises:
            ValueError: there is no such revision, it has no runs, they are out of date, or their
                metrics are neither in the cache nor on the remote.
        """
        held = contents_of(self.repo, name)
        params = _params(name, held)
        places = list(_places(params))
        lock = _lock(name, held)
        folders = {place: f"{REPORTS}/runs/{'/'.join(map(str, place))}" for place in places}
        made = {place: lock.md5(folder) for place, folder in folders.items()}
        refitted = _with_floor(params)
        paths = {place: f"{REPORTS}/floors/{'/'.join(map(str, place))}.json" for place in refitted}
        floors = {place: md5 for place, path in paths.items() if (md5 := lock.md5(path))}
        known = {place: md5 for place, md5 in made.items() if md5}
        if not known:
            raise ValueError(f"expected metrics of {name}, got none: `dvc repro` makes them")
        controls = {one: lock.md5(f"{REPORTS}/reference/{one}") for one, _, _ in known}
        outs = [*(folders[place] for place in known), *(paths[place] for place in floors)]
        changed, unknown = self._outdated(lock, outs, params, held)
        if name == WORKSPACE:
            gone = [path for path in unknown if not Path(self.repo.root_dir, path).exists()]
            changed = changed or next(iter(gone), None)
        if changed:
            text = f"metrics of {name} that are up to date, got a change of {changed} since they"
            raise ValueError(f"expected {text} were made: `dvc repro` makes them")
        revision = Revision(name, params)
        revision.notes += [f"{name}: git lacks {path}, which may have changed" for path in unknown]
        self._fill(revision, known, controls, floors)
        missing = ["/".join(map(str, place)) for place in places if place not in known]
        if missing:
            revision.notes.append(f"{name} has no metrics of {', '.join(missing)}")
        return revision

    def params(self, name: str) -> dict[str, Any]:
        """Content of a revision's params.yaml.

        Raises:
            ValueError: there is no such revision, or its params.yaml selects nothing.
        """
        return _params(name, contents_of(self.repo, name))

    def outputs(self, name: str, paths: Iterable[str]) -> dict[str, Any]:
        """Read outputs of a revision that are one JSON file each.

        Returns:
            Path -> content, as dvc.lock of the revision says that it was written.

        Raises:
            ValueError: there is no such revision, no stage of it has written an output, or an
                output is neither in the cache nor on the remote.
        """
        lock = _lock(name, contents_of(self.repo, name))
        written = {path: lock.md5(path) for path in paths}
        lacking = [path for path, md5 in written.items() if not md5]
        expect(not lacking, f"outputs of {name}", f"none of {', '.join(lacking)}")
        self._objects.fetch(name, [md5 for md5 in written.values() if md5])
        return {path: self._objects.json(md5) for path, md5 in written.items() if md5}

    def _outdated(
        self, lock: Lock, outs: Sequence[str], params: Mapping[str, Any], held: Contents
    ) -> tuple[str | None, list[str]]:
        wanted = lock.shared_folders(outs) - self._sought
        self._sought |= wanted
        with suppress(ValueError):  # what is nowhere is unknown to `outdated`
            self._objects.fetch("inputs", wanted)
        return lock.outdated(outs, params, held, self._objects.entries)

    def _fill(
        self,
        revision: Revision,
        runs: Mapping[Place, str],
        controls: Mapping[str, str | None],
        floors: Mapping[Place, str],
    ) -> None:
        folders = dict.fromkeys([*runs.values(), *(md5 for md5 in controls.values() if md5)])
        self._objects.fetch(revision.name, folders)
        files = {folder: self._metrics_file(revision.name, folder) for folder in folders}
        self._objects.fetch(revision.name, [*files.values(), *floors.values()])
        contents = {folder: self._objects.json(file) for folder, file in files.items()}
        for (name, variant, seed), folder in runs.items():
            metrics, control = contents[folder], contents.get(controls[name] or "", {})
            measured = floors.get((name, variant, seed))
            floor = self._objects.json(measured) if measured else None
            if metrics["verdict"] == ERROR:
                text = (
                    f"runs of {revision.name} that could be evaluated, got {name}/{variant}/{seed}"
                )
                raise ValueError(f"expected {text}: {metrics['reason']}")
            try:
                values = comparable(metrics, control.get("control", {}), floor)
                rows = {f"{side} rows": metrics["rows"][side] for side in ("real", "generated")}
            except (KeyError, TypeError) as error:
                text = f"metrics of {revision.name} as this version writes them"
                raise ValueError(f"expected {text}, got others ({one_line(error)})") from None
            settings = revision.params.get("evaluate") or {}
            revision.runs.setdefault((name, variant), {})[seed] = values
            revision.evaluated[name, variant] = rows | {key: settings.get(key) for key in SETTINGS}

    def _metrics_file(self, name: str, folder: str) -> str:
        md5 = self._objects.entries(folder).get("metrics.json")
        if not md5:
            raise ValueError(f"expected metrics.json in each run's folder of {name}, got none")
        return md5


def _content(name: str, file: str, held: Contents) -> str:
    try:
        return held.read(file).decode()
    except FileNotFoundError:
        raise ValueError(f"expected {file} in {name}, got no such file") from None


def _params(name: str, held: Contents) -> dict[str, Any]:
    try:
        params = yaml.load(_content(name, PARAMS, held), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"{PARAMS} of {name} cannot be read: {one_line(error)}") from None
    for key, kinds in (("names", list), ("variants", dict), ("seeds", list)):
        value = params.get(key) if isinstance(params, dict) else None
        if not isinstance(value, kinds) or not value:
            text = f"a {'mapping' if kinds is dict else 'list'} of {key} in {PARAMS} of {name}"
            raise ValueError(f"expected {text}, got {value!r}")
    return dict(params)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Lock:
    return Lock(text)


def _lock(name: str, held: Contents) -> Lock:
    text = _content(name, "dvc.lock", held)
    try:
        return _parsed(text)
    except ValueError as error:
        raise ValueError(f"dvc.lock of {name} cannot be read: {error}") from None


def _with_floor(params: Mapping[str, Any]) -> Iterator[Place]:
    """Those that params.yaml asks a floor of: dvc.lock keeps what was asked for once."""
    asked = params.get("floors", {"names": (), "variants": ()})
    for name, variant, seed in _places(params):
        if name in asked["names"] and variant in asked["variants"]:
            yield name, variant, seed


def _places(params: Mapping[str, Any]) -> Iterator[Place]:
    for name in params["names"]:
        for variant in params["variants"]:
            for seed in params["seeds"]:
                yield name, variant, seed
