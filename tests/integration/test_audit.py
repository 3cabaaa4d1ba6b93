"""`make audit`: a weakness fails it, and nothing looked up is never taken for nothing found."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support.project import PROJECT

# In the place of pip-audit: what it does with the release whose weaknesses are known, and the lock.
STUB = """#!/bin/sh
case "$*" in
  *known.txt) {known};;
  *--strict*requirements.lock) {locked};;
  *) exit 3;;
esac
"""
REACHED = """echo '{"dependencies": [{"vulns": [{"id": "X-1"}]}]}'; exit 1"""
ABSENT = """echo '{"dependencies": [{"skip_reason": "not found"}]}'"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    return tmp_path


def audited(clone: Path, known: str, locked: str) -> tuple[int, str]:
    """Exit code and output with such a pip-audit."""
    tools = clone / ".venv-audit/bin"
    tools.mkdir(parents=True)
    stub = STUB.replace("{known}", known).replace("{locked}", locked)
    for name, text in {"pip": "#!/bin/sh\n", "pip-audit": stub}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    words = ["make", "--silent", "audit", "PYTHON=true"]
    done = subprocess.run(words, cwd=clone, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_weakness_fails(clone: Path) -> None:
    code, output = audited(clone, REACHED, "echo weak; exit 1")
    assert code != 0 and output == "weak\n"


def test_none_is_found(clone: Path) -> None:
    assert audited(clone, REACHED, "echo none") == (0, "none\n")


@pytest.mark.parametrize("known", [ABSENT, "echo unreachable >&2; exit 1"])
def test_nothing_can_be_looked_up(clone: Path, known: str) -> None:
    code, output = audited(clone, known, "echo none")
    assert code == 0 and output.startswith("not audited: the network does not allow it")
    assert len(output.splitlines()) == 1
