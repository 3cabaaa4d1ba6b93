"""MD5 of files and folders of a commit and of the workspace: those that DVC writes."""

from pathlib import Path

import pygit2
import pytest
from dvc.repo import Repo
from support.project import runner

from aae.compare.contents import Commit, Contents, Workspace, folder_md5

FILES = {
    ".dvcignore": "# byte code\n__pycache__/\n.gitignore\n*.log\n!kept.log\n",
    ".gitignore": "*.pyc\n",
    "room/b.py": "b\n",
    "room/a.py": "a\r\n",
    "room/deep/er/c.py": "",
    "room/ü b.py": "",
    "room/.gitignore": "",
    "room/old.log": "",
    "room/kept.log": "",
    "room/__pycache__/b.pyc": "",
    "room/deep/__pycache__/c.txt": "",
    "roomy/a.py": "",
    "file.txt": "text",
}


@pytest.fixture(scope="module", params=[".", "below/here"], ids=["top", "folder"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DVC project at the top of a repository, or below, whose one stage read a folder."""
    top = tmp_path_factory.mktemp("contents") / "top"
    path = top / request.param
    path.mkdir(parents=True)
    run = runner(top)
    run("git", "init", "--quiet")
    run("dvc", "init", "--quiet", "--subdir", path)
    for name, text in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(text.encode())
    stage = "stages:\n  all:\n    cmd: 'true'\n    deps: [room, file.txt]\n"
    (path / "dvc.yaml").write_text(stage)
    run("dvc", "--cd", path, "repro", "--quiet")
    run("git", "add", "--all")
    run("git", "add", "--force", *(path.rglob("*/__pycache__/*")))
    run("git", "commit", "--quiet", "--message", "all")
    return path


@pytest.fixture(params=[Commit, Workspace])
def held(request: pytest.FixtureRequest, project: Path) -> Contents:
    if request.param is Workspace:
        return Workspace(Repo(str(project)))
    git = pygit2.Repository(str(project))
    tree = git.head.peel(pygit2.Tree)
    return Commit(tree, project.relative_to(Path(git.workdir)).as_posix())


def test_md5s_are_those_of_dvc(held: Contents, project: Path) -> None:
    lock = (project / "dvc.lock").read_text()
    assert f"md5: {folder_md5(frozenset(held.md5s('room').items()))}\n" in lock
    assert f"md5: {held.md5s('file.txt')['']}\n" in lock


def test_what_dvc_ignores_is_left_out(held: Contents) -> None:
    inside = {"a.py", "b.py", "deep/er/c.py", "kept.log", "ü b.py"}
    assert held.md5s("room").keys() == inside
    assert held.md5s("nothing") == {} and held.md5s("file.txt/below") == {}


def test_files_are_read_and_folders_are_none(held: Contents) -> None:
    assert held.read("room/a.py") == b"a\r\n"
    for path in ("nothing", "room/nothing"):
        with pytest.raises(FileNotFoundError):
            held.read(path)
