"""The example CI files, as they are, talk to a forge on loopback by `gh` and `curl` themselves."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support.ci import FILES, scripts
from support.forge import forge
from support.project import environment, runner

CLIENT = {"github": "gh", "gitlab": "curl"}
COMPARE = '#!/bin/sh\necho "push $PUSH: it\'s worse, 100% & <b>é</b>"\nexit 1\n'
OTHERS = {id: f"comment {id}" for id in range(1, 36)}  # more than one page of GitHub


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with an origin, and a comparison that says which push it is of."""
    path = tmp_path / "clone"
    (path / ".venv/bin").mkdir(parents=True)
    compare = path / ".venv/bin/aae"
    compare.write_text(COMPARE)
    compare.chmod(0o755)
    run = runner(path)
    run("git", "init", "--quiet", "--initial-branch", "main")
    run("git", "commit", "--quiet", "--allow-empty", "--message", "start")
    run("git", "clone", "--quiet", "--bare", ".", str(tmp_path / "origin"))
    run("git", "remote", "add", "origin", str(tmp_path / "origin"))
    run("git", "checkout", "--quiet", "--detach")
    return path


def push(file: Path, clone: Path, address: str, number: int) -> list[int]:
    """Run the job of one push; return the exit codes of its scripts."""
    variables = environment(clone.parent) | {"BASE": "main", "PUSH": str(number)}
    variables |= {"GH_HOST": "github.localhost", "GH_TOKEN": "secret", "GITHUB_REPOSITORY": "o/r"}
    variables |= {"PULL": "7", "GITHUB_STEP_SUMMARY": "/dev/null", "http_proxy": address}
    variables |= {"CI_API_V4_URL": f"{address}/api/v4", "CI_PROJECT_ID": "5"}
    variables |= {"CI_MERGE_REQUEST_IID": "7", "COMMENT_TOKEN": "secret", "no_proxy": "127.0.0.1"}
    return [
        subprocess.run(["bash", "-e", "-c", script], cwd=clone, env=variables).returncode
        for script in scripts(file)
    ]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    if not shutil.which(CLIENT[path.stem]):
        pytest.skip(f"{CLIENT[path.stem]} is not installed")
    return path


def test_each_push_edits_the_comment_of_the_first(file: Path, clone: Path) -> None:
    with forge(dict(OTHERS)) as server:
        for number in (1, 2, 3):
            codes = push(file, clone, server.address, number)
            assert sorted(codes) == [0] * (len(codes) - 1) + [1]  # the comparison's own
            said = f"push {number}: it's worse, 100% & <b>é</b>"
            assert server.comments == OTHERS | {36: f"<!-- aae compare -->\n```\n{said}\n```\n"}
    edit = "PATCH" if file.stem == "github" else "PUT"
    assert server.written == [("POST", 36), (edit, 36), (edit, 36)]


def test_what_cannot_be_looked_up_is_not_posted_again(file: Path, clone: Path) -> None:
    with forge(dict(OTHERS)) as server:
        server.lists = False
        assert push(file, clone, server.address, 1)[-1] != 0
    assert server.written == []
