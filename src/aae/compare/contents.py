"""Files and folders of a commit or of the workspace, and their MD5 as DVC computes it."""

import hashlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dvc.ignore import DvcIgnorePatterns
    from dvc.repo import Repo

WORKSPACE = "workspace"
Entries = Mapping[str, str]  # path below a folder -> MD5; a file has itself, as ""


class Contents(Protocol):
    """What a revision holds, by paths in the project."""

    def read(self, path: str) -> bytes:
        """Content of a file.

        Raises:
            FileNotFoundError: there is no such file.
        """

    def md5s(self, path: str) -> Entries:
        """MD5 of the files in a folder, but for those that .dvcignore names; empty for no path."""


def contents_of(repo: "Repo", name: str) -> Contents:
    """Open a git revision, a branch, a tag, a DVC experiment, or `WORKSPACE`.

    Raises:
        ValueError: there is no such revision.
    """
    from dvc.scm import NoSCMError, RevError, resolve_rev

    if name == WORKSPACE:
        return Workspace(repo)
    text = f"expected a git revision, a branch or an experiment, got {name!r}"
    if not name:  # git takes nothing for HEAD
        raise ValueError(text)
    try:
        scm = repo.scm
        tree = scm.pygit2.repo[resolve_rev(scm, name)].tree
    except (RevError, NoSCMError) as error:
        raise ValueError(f"{text} ({one_line(error)})") from None
    except AttributeError:  # a file or a folder
        raise ValueError(f"{text}, which is no commit") from None
    root = Path(repo.root_dir)
    return Commit(tree, root.relative_to(Path(scm.root_dir).resolve()).as_posix())


def one_line(error: BaseException) -> str:
    """Return an error's message, and its cause's, in one line."""
    causes = [str(each) for each in (error, error.__cause__) if each and str(each)]
    return " ".join(": ".join(dict.fromkeys(causes)).split())


class Workspace:
    """What lies in the user's folder, by DVC's own eyes."""

    def __init__(self, repo: "Repo") -> None:
        """Use an open DVC repository."""
        self._repo = repo
        self._root = Path(repo.root_dir)

    def read(self, path: str) -> bytes:
        """Content of a file; FileNotFoundError."""
        return (self._root / path).read_bytes()

    def md5s(self, path: str) -> Entries:
        """MD5 of a file, or of each in a folder."""
        top = self._root / path
        if top.is_file():
            return {"": self._md5(top)}
        walk = self._repo.dvcignore.walk(self._repo.fs, str(top))
        files = [Path(folder, name) for folder, _, names in walk for name in names]
        return {file.relative_to(top).as_posix(): self._md5(file) for file in files}

    def _md5(self, file: Path) -> str:
        from dvc_data.hashfile.hash import hash_file

        return str(hash_file(str(file), self._repo.fs, "md5", self._repo.state)[1].value)


class Commit:
    """What git holds of the project at a commit."""

    def __init__(self, tree: Any, project: str) -> None:
        """Use a pygit2 tree; the project is a folder of it, "." for all.

        scmrepo's file system takes a thread for each commit, too many for a hundred.
        """
        self._tree = tree if project == "." else _get(tree, project)

    def read(self, path: str) -> bytes:
        """Content of a file; FileNotFoundError."""
        try:
            content: bytes = _get(self._tree, path).data
        except AttributeError:  # a folder
            raise FileNotFoundError(path) from None
        return content

    def md5s(self, path: str) -> Entries:
        """MD5 of a file, or of each in a folder."""
        try:
            return _md5s(_get(self._tree, path), path, self._ignored)
        except FileNotFoundError:
            return {}

    @cached_property
    def _ignored(self) -> "DvcIgnorePatterns":
        try:
            return _patterns(self.read(".dvcignore"))
        except FileNotFoundError:
            return _patterns(b"")


def _get(tree: Any, path: str) -> Any:
    try:
        return tree[path]
    except KeyError:
        raise FileNotFoundError(path) from None


@lru_cache
def _patterns(dvcignore: bytes) -> "DvcIgnorePatterns":
    from dvc.ignore import DvcIgnorePatterns

    lines = (line.strip() for line in dvcignore.decode().splitlines())
    return DvcIgnorePatterns([line for line in lines if line and line[0] != "#"], "", "/")


@lru_cache(maxsize=10_000)
def _md5s(node: Any, path: str, ignored: "DvcIgnorePatterns") -> Entries:
    """Of a git object, which two commits share where it did not change."""
    if node.type_str == "blob":
        return {"": hashlib.md5(node.data, usedforsecurity=False).hexdigest()}
    if node.type_str != "tree":  # a submodule
        return {}
    return {
        f"{child.name}/{below}".rstrip("/"): md5
        for child in node
        if not ignored.matches(f"/{path}", child.name, is_dir=child.type_str == "tree")
        for below, md5 in _md5s(child, f"{path}/{child.name}", ignored).items()
    }


@lru_cache(maxsize=10_000)
def folder_md5(entries: frozenset[tuple[str, str]]) -> str:
    """MD5 that DVC gives to a folder of files: pairs of path and MD5."""
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    tree = Tree()  # type: ignore[no-untyped-call]
    for path, md5 in entries:
        tree.add(tuple(path.split("/")), None, HashInfo("md5", md5))
    return hashlib.md5(tree.as_bytes(), usedforsecurity=False).hexdigest() + ".dir"
