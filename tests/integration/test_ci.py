"""The example CI files: they parse, name what exists, and their commands run on a toy project."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.ci import FILES, scripts
from support.project import PROJECT, environment
from support.toy_runs import Toy
from typer.main import get_command

import aae.cli.commands  # noqa: F401 (all subcommands)
from aae.cli.app import app

# Two forges in a file, comments.json: id -> text. One comment there is somebody else's.
FORGE = """
import json, sys
from pathlib import Path

STORE = Path("comments.json")
comments = json.loads(STORE.read_text()) if STORE.exists() else {"3": "fine"}

def written(id):
    comments[id or str(4 + len(comments))] = Path("compare.md").read_text()
    STORE.write_text(json.dumps(comments))

def gh(words):
    marker = "<!-- aae compare -->"
    if "--method" not in words:
        assert f'startswith("{marker}")' in words[words.index("--jq") + 1]
        print(*(f"https://f/{id}" for id, text in comments.items() if text.startswith(marker)))
        return
    assert "body=@compare.md" in words
    written({"POST": "", "PATCH": words[4].rpartition("/")[2]}[words[words.index("--method") + 1]])

def curl(words):
    if "--request" not in words:
        print(json.dumps([{"id": int(id), "body": text} for id, text in comments.items()]))
        return
    assert "body@compare.md" in words
    written({"POST": "", "PUT": words[-1].rpartition("/")[2]}[words[words.index("--request") + 1]])
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A clone as CI has it, without the target branch, with stubs for what posts the table."""
    folder = tmp_path_factory.mktemp("ci")
    toy = Toy(folder / "origin", seeds=list(range(8)))
    toy.branch("lower", {"level": 0.1})
    toy.branch("higher", {"level": 3})
    toy.branch("few", {"level": 3}, seeds=[10])
    found = toy.copied(folder / "clone")
    found.run("git", "remote", "add", "origin", str(toy.path))
    for name, script in {
        ".venv/bin/aae": f"#!{sys.executable}\nfrom aae.cli.commands import main; main()\n",
        "stubs/gh": f"#!{sys.executable}\n{FORGE}gh(sys.argv[1:])\n",
        "stubs/curl": f"#!{sys.executable}\n{FORGE}curl(sys.argv[1:])\n",
    }.items():
        path = found.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
    return found


@pytest.fixture
def cleaned(clone: Toy) -> Iterator[Toy]:
    yield clone
    for name in ("comments.json", "compare.md", "compare.txt", "compare.html"):
        (clone.path / name).unlink(missing_ok=True)


@pytest.mark.parametrize(("head", "code"), [("lower", 0), ("higher", 1), ("few", 2)])
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_commands_compare_and_post(cleaned: Toy, file: Path, head: str, code: int) -> None:
    cleaned.run("git", "checkout", "--quiet", "--detach", head)
    cleaned.run("git", "update-ref", "-d", "refs/heads/main")
    variables = environment(cleaned.path.parent)
    variables |= {
        "PATH": f"{cleaned.path / 'stubs'}:{variables['PATH']}",
        "PYTHONPATH": str(PROJECT / "src"),
        "BASE": "main",
        "PULL": "7",
        "GITHUB_STEP_SUMMARY": str(cleaned.path.parent / "summary"),
    }
    done = [
        subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=cleaned.path,
            env=variables,
            capture_output=True,
            text=True,
        )
        for _ in range(2)  # two pushes
        for script in scripts(file)
    ]
    assert max(each.returncode for each in done) == code, [each.stderr for each in done]
    table = (cleaned.path / "compare.md").read_text()
    assert table.startswith("<!-- aae compare -->\n```\n") and table.endswith("```\n")
    assert "evaluate.level" in table
    assert (cleaned.path / "compare.html").exists()
    comments = json.loads((cleaned.path / "comments.json").read_text())
    assert [*comments.values()] == ["fine", table]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_targets_and_options_exist(file: Path) -> None:
    text = file.read_text()
    targets = re.findall(r"(?:run:|-) make (\w+)", text)
    makefile = (PROJECT / "Makefile").read_text()
    assert targets and all(re.search(rf"^{each}:", makefile, re.M) for each in targets)
    (command,) = re.findall(r"bin/aae (compare .*?) [>|]", text)
    name, *words = command.split()
    known = get_command(app).commands[name].params  # type: ignore[attr-defined]
    options = {option for parameter in known for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_no_secret_is_written_down() -> None:
    for file in FILES:
        for line in file.read_text().splitlines():
            if re.search(r"^\s*\w*(KEY|TOKEN|SECRET|PASSWORD)\w*:", line):
                assert "${{" in line
