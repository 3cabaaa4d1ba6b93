"""Speed of two revisions: shown where both were measured, on one machine."""

import io
import subprocess
from pathlib import Path

import pytest
from rich.console import Console
from support.bench_results import result

from aae.base.files import write_json
from aae.benchmark.result import keep
from aae.compare import versions
from aae.compare.revisions import Revision
from aae.compare.speed import Figure, code, common, speed
from aae.compare.versions import Compared
from aae.compare.view import layout, page

FIGURE = Figure("make reproduce, 9 stages / alone", 1.5, 3.0)


def commit(folder: Path, content: str) -> None:
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src/code.py").write_text(content)
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for words in (["init", "-q"], ["add", "--all", "src"], [*who, "commit", "-qm", content]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two revisions, and reports/bench.json with the results of both."""
    monkeypatch.chdir(tmp_path)
    for content, pythae in (("one", 0.02), ("two", 0.04)):
        commit(tmp_path, content)
        keep(result(pythae, code=code("HEAD") or ""), tmp_path / "reports/bench.json")
    return tmp_path


def test_figures_of_both_revisions(two: Path) -> None:
    (found,) = (each for each in speed("HEAD~1", "HEAD") if each.notable)
    assert found.name == "pythae / ours"
    assert found.ratio == pytest.approx(2)
    assert speed("HEAD~1", "workspace") == speed("HEAD~1", "HEAD")


def test_none_without_both(two: Path) -> None:
    assert speed("HEAD", "HEAD") == ()
    assert {code(name) for name in ("no-such-branch", "", "--all", "HEAD:src")} == {None}
    assert speed("HEAD", "no-such-branch") == ()
    (two / "src/code.py").write_text("changed")
    assert speed("HEAD~1", "workspace") == ()
    write_json(two / "reports/bench.json", {})
    assert speed("HEAD~1", "HEAD") == ()


def test_none_of_two_machines() -> None:
    one, other = result().to_dict(), result().to_dict()
    assert common(one, other)
    other["machine"] |= {"cores": 64}
    assert common(one, other) == ()


def test_noise_is_within_a_tenth() -> None:
    assert [Figure("", 10, other).notable for other in (9.0, 9.2, 10.9, 11.1)] == [
        *(True, False, False, True)
    ]


def test_it_is_printed_in_80_columns_beside_the_answer() -> None:
    file = io.StringIO()
    figures = FIGURE, Figure("train stage, processor s", 8.0, 8.1)
    shown = Compared("main", "HEAD", (), None, "no runs", figures)
    Console(file=file, width=80).print(layout([shown]))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert any(FIGURE.name in line and "x 2.00" in line for line in lines)
    assert "train stage" not in file.getvalue() and "1 of 2 figures" in file.getvalue()
    assert shown.to_dict()["speed"][1] == {"name": figures[1].name, "base": 8.0, "other": 8.1}


def test_the_page_has_all_figures() -> None:
    figures = FIGURE, Figure("train stage, processor s", 8.0, 8.1)
    text = page([Compared("main", "HEAD", (), None, "no runs", figures)])
    assert all(each.name in text for each in figures)


def test_each_comparison_has_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    read = [Revision("main", {}), ValueError("no runs"), ValueError("no runs")]
    monkeypatch.setattr(versions, "read_revisions", lambda names: iter(read))
    monkeypatch.setattr(versions, "speed", lambda *names: (Figure(" ".join(names), 1, 2),))
    found = versions.compare("main", ["one", "two"])
    assert [each.speed[0].name for each in found] == ["main one", "main two"]
