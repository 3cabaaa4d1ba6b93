"""What a measurement is of, and where."""

import subprocess
from pathlib import Path

import pytest

from aae.benchmark.machine import machine, processor
from aae.benchmark.revision import code


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for key in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{key}_NAME", "test")
        monkeypatch.setenv(f"{key}_EMAIL", "test@localhost")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/code.py").write_text("1\n")
    commit("init", "--quiet")
    return save(tmp_path, "first")


def commit(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def save(path: Path, message: str) -> Path:
    commit("add", "--all")
    commit("commit", "--quiet", "--message", message)
    return path


def test_a_commit_of_documents_is_the_same_code(repository: Path) -> None:
    before = code()
    (repository / "README").write_text("more\n")
    assert code() == before
    save(repository, "second")
    assert code() == before
    (repository / "src/code.py").write_text("2\n")
    save(repository, "third")
    assert code() != before


def test_code_that_is_not_committed_has_no_name(repository: Path) -> None:
    (repository / "src/code.py").write_text("2\n")
    with pytest.raises(ValueError, match="changes that are not committed.*src/code.py"):
        code()


def test_a_processor_has_a_name(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: An Abacus: 2 rods\nmodel name\t: other\n")
    assert processor(file) == "An Abacus: 2 rods"
    assert processor(tmp_path / "none")
    assert machine()["cores"] >= 1 and machine()["memory"] > 0
