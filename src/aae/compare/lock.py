"""What dvc.lock says of a revision: which outputs there are, and whether they are up to date."""

import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from aae.base.checks import expect
from aae.compare.contents import Contents, Entries, folder_md5

PARAMS = "params.yaml"
FOLDER = ".dir"  # end of a folder's MD5
Folders = Callable[[str], Entries]  # what a folder of that MD5 holds, FileNotFoundError


@dataclass(frozen=True)
class Stage:
    """One stage as it last ran: path -> MD5 of what it read and wrote, key -> value of params."""

    deps: Mapping[str, str]
    outs: Mapping[str, str]
    params: Mapping[str, Any]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Stage":
        """Take what dvc.lock says of a stage."""
        deps, outs = (
            {each["path"]: each["md5"] for each in content.get(key, [])} for key in ("deps", "outs")
        )
        return cls(deps, outs, content.get("params", {}).get(PARAMS, {}))


class Lock:
    """Stages of a dvc.lock, by what they wrote."""

    def __init__(self, text: str) -> None:
        """Find the stage of each output.

        Raises:
            ValueError: this is no dvc.lock.
        """
        self._producers: dict[str, Stage] = {}
        self._below: defaultdict[str, list[str]] = defaultdict(list)  # folder -> outputs in it
        for stage in _stages(text):
            self._producers |= dict.fromkeys(stage.outs, stage)
        for out in self._producers:
            parts = out.split("/")
            for length in range(1, len(parts)):
                self._below["/".join(parts[:length])].append(out)

    def md5(self, out: str) -> str | None:
        """MD5 of an output, with `FOLDER` for a folder; None where no stage wrote it."""
        stage = self._producers.get(out)
        return stage.outs[out] if stage else None

    def shared_folders(self, outs: Iterable[str]) -> set[str]:
        """MD5 of the folders that `outdated` has to look into.

        Where a stage depends on a folder in which others write (data/NAME, which has
        data/NAME/train and more), its MD5 follows from theirs; that of a file in a folder which
        another stage wrote (power.json of reports/reference/NAME) stands in that one's list.
        """
        within = [
            self._producers[out].outs[out]
            for stage in self._upstream(outs)
            for dep in stage.deps
            for out in self._around(dep)
        ]
        return {md5 for md5 in within if md5.endswith(FOLDER)}

    def outdated(
        self, outs: Iterable[str], params: Mapping[str, Any], held: Contents, folders: Folders
    ) -> tuple[str | None, list[str]]:
        """Look for what changed since these outputs, or any they come from, were made.

        Args:
            outs: paths of outputs.
            params: content of params.yaml.
            held: files of the same revision.
            folders: looks into `shared_folders`.

        Returns:
            The first change, or None; and inputs of which nothing is known: the revision holds
            neither these nor PATH.dvc, or `folders` lacks what is in them.
        """
        unknown, known = dict[str, None](), dict[str, str | None]()
        for stage in self._upstream(outs):
            for path, md5 in stage.deps.items():
                if path not in known:
                    within = self.md5(path) or self._md5_within(path, folders)
                    known[path] = within or self._md5_of(path, held, folders)
                if known[path] is None:
                    unknown[path] = None
                elif known[path] != md5:
                    return path, [*unknown]
            key = changed_param(stage.params, params)
            if key:
                return key, [*unknown]
        return None, [*unknown]

    def _upstream(self, outs: Iterable[str]) -> Iterator[Stage]:
        """Stages that wrote these outputs, and those that wrote what they read."""
        waiting, seen = [*outs], set[str]()
        while waiting:
            out = waiting.pop()
            stage = self._producers.get(out)
            if out in seen or stage is None:
                continue
            seen |= {*stage.outs}
            yield stage
            waiting += [each for dep in stage.deps for each in (dep, *self._around(dep))]

    def _around(self, path: str) -> list[str]:
        """Outputs below a folder, and the one that a path lies in."""
        parts = path.split("/")
        above = ("/".join(parts[:length]) for length in range(1, len(parts)))
        return [*self._below.get(path, ()), *(each for each in above if each in self._producers)]

    def _md5_within(self, path: str, folders: Folders) -> str | None:
        """MD5 of a file in a folder that a stage wrote; None where this is none, or unknown."""
        for out in self._around(path):
            if path.startswith(f"{out}/"):
                with suppress(FileNotFoundError):
                    return folders(self._producers[out].outs[out]).get(path[len(out) + 1 :])
        return None

    def _md5_of(self, path: str, held: Contents, folders: Folders) -> str | None:
        """MD5 of a file or a folder; None where nothing is known of it."""
        outs, entries = self._below.get(path, ()), {}
        for below, md5 in held.md5s(path).items():
            if below == "":
                return md5
            if not any(f"{path}/{below}/".startswith(f"{out}/") for out in outs):
                entries[below] = md5
        try:
            for out in outs:
                entries |= self._entries(out, out[len(path) + 1 :], folders)
            return folder_md5(frozenset(entries.items())) if entries else _added(held, path)
        except FileNotFoundError:
            return None

    def _entries(self, out: str, name: str, folders: Folders) -> Entries:
        md5 = self._producers[out].outs[out]
        if not md5.endswith(FOLDER):
            return {name: md5}
        return {f"{name}/{path}": each for path, each in folders(md5).items()}


def _stages(text: str) -> list[Stage]:
    gc.disable()  # it would look in vain, and half of the time, at what the parser builds
    try:
        content = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    finally:
        gc.enable()
    whole = isinstance(content, dict) and "stages" in content
    expect(whole, "a mapping with the key `stages`", str(content)[:40])
    try:
        return [Stage.of(each) for each in content["stages"].values()]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"expected stages as DVC writes them, got others ({error!r})") from None


def _added(held: Contents, path: str) -> str | None:
    """MD5 in the file of `dvc add`; FileNotFoundError."""
    match = re.search(rb"md5: (\w{32}(?:\.dir)?)", held.read(f"{path}.dvc"))
    return match[1].decode() if match else None


def changed_param(locked: Mapping[str, Any], params: Mapping[str, Any]) -> str | None:
    """Return the first key whose value is another one than dvc.lock's, or None."""
    for key, value in locked.items():
        node: Any = params
        for name in key.split("."):
            node = node.get(name) if isinstance(node, Mapping) else None
        if node != value:
            return f"{key} in {PARAMS}"
    return None
