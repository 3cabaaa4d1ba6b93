"""`aae compare` on a toy project under real DVC: words, exit codes, formats, bad cases."""

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from support.toy_runs import Toy

from aae.compare.comparison import BETTER, SAME, TOO_FEW, WORSE
from aae.compare.ranking import BEST, NOT_BEST
from aae.compare.versions import Compared, changed_params, exit_code, rank

SEEDS = list(range(10))


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Ten seeds of two names, with experiments, a branch and a tag."""
    found = Toy(tmp_path_factory.mktemp("toy") / "project", names=["one", "two"], seeds=SEEDS)
    found.run("git", "tag", "v1")
    found.run("dvc", "exp", "run", "--quiet", "--temp", "-n", "higher", "-S", "evaluate.level=3")
    found.branch("lower", {"level": 0.1})
    found.branch("again", {"seed": 1})
    found.branch("few", {"level": 3}, seeds=[10])
    found.branch("fewer_rows", {"level": 0.1, "rows": 50})
    found.branch("single", {"level": 3}, names=["one"])
    found.branch("broken", {"verdict": "error"})
    found.branch("tests", {"tests": ["energy", "marginals"]})
    return found


@pytest.fixture
def restored(toy: Toy) -> Iterator[Toy]:
    """The toy, which a test may change: all comes back."""
    yield toy
    toy.run("git", "checkout", "--quiet", "--force", "main")
    toy.run("git", "reset", "--hard", "--quiet", "v1")
    toy.run("dvc", "checkout", "--quiet", "--force")


def test_a_floor_that_is_no_longer_asked_for_is_no_matter(restored: Toy) -> None:
    """dvc.lock keeps the stage, and what it read has changed since."""
    path = restored.path / "dvc.lock"
    lock = yaml.safe_load(path.read_text())
    made = {"md5": "0" * 32, "path": "reports/floors/one/default/0.json"}
    read = {"md5": "1" * 32, "path": "src/judge"}
    lock["stages"]["floor@one-default-0"] = {"cmd": "x", "deps": [read], "outs": [made]}
    path.write_text(yaml.safe_dump(lock))
    assert restored.aae("v1", "workspace")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 0, "no parameter differs same within noise"),
        (("v1", "main"), 0, SAME),
        (("HEAD", "higher"), 1, WORSE),
        (("HEAD", "lower"), 0, BETTER),
        (("lower", "HEAD"), 1, WORSE),
        (("HEAD", "again"), 0, SAME),
        (("HEAD", "few"), 2, TOO_FEW),
        (("HEAD", "fewer_rows"), 2, "evaluated with real rows 100 in the base, 50, generated rows"),
        (("HEAD", "single"), 1, "only in the base: two/default"),
        (("HEAD", "tests"), 0, "not in all runs of both: AUC gap, marginals"),
        (("HEAD", "broken"), 2, "expected runs of broken that could be evaluated"),
        (("HEAD", "nowhere"), 2, "experiment, got 'nowhere'"),
        (("HEAD", "[/nowhere]"), 2, "experiment, got '[/nowhere]'"),
        (("HEAD", "[/nowhere]", "again"), 2, "[/nowhere] "),
        (("HEAD", ""), 2, "experiment, got ''"),
        (("HEAD", "HEAD:src"), 2, "got 'HEAD:src', which is no commit"),
        (("HEAD", "higher", "nowhere"), 1, "could not compare"),
        (("HEAD", "lower", "nowhere"), 2, "could not compare"),
    ],
)
def test_words_and_exit_codes(toy: Toy, words: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = toy.aae(*words)
    assert (found, err) == (code, ""), out + err
    assert said in out


def test_parameters_come_first(toy: Toy) -> None:
    _, out, _ = toy.aae("HEAD", "higher")
    assert out.index("evaluate.level") < out.index("energy")
    assert "evaluate.level: 1.0 -> 3" in out


def test_too_few_seeds_say_how_many_are_needed(toy: Toy) -> None:
    _, out, _ = toy.aae("HEAD", "few")
    assert "5 seeds of each revision are needed" in out


def test_an_unknown_base_is_one_line(toy: Toy) -> None:
    code, out, err = toy.aae("nowhere")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "error: expected a git revision, a branch or an experiment, got 'nowhere' "
        "(unknown Git revision 'nowhere')"
    ]


def test_an_experiment_name_that_two_commits_have_is_said(restored: Toy) -> None:
    commit = restored.run("git", "rev-parse", "lower").stdout.strip()
    for base in ("again", "few"):
        sha = restored.run("git", "rev-parse", base).stdout.strip()
        restored.run("git", "update-ref", f"refs/exps/{sha[:2]}/{sha[2:]}/twice", commit)
    code, out, _ = restored.aae("HEAD", "twice")
    assert code == 2
    assert "ambiguous" in out and "'twice'" in out


class Page(HTMLParser):
    """Collects what a page refers to, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for key, value in attrs if key in ("href", "src", "xlink:href")]


def test_json_and_html(toy: Toy, tmp_path: Path) -> None:
    file, page = tmp_path / "new" / "found.json", tmp_path / "found.html"
    code, _, _ = toy.aae("HEAD", "higher", "again", "--json", str(file), "--html", str(page))
    assert code == 1
    worse, same = json.loads(file.read_text())
    assert [worse["word"], same["word"]] == [WORSE, SAME]
    assert {"key": "evaluate.level", "base": "1.0", "other": "3"} in worse["params"]
    for line in worse["lines"]:
        low, high = line["interval"]
        assert low <= line["difference"] <= high
        assert len(line["base_seeds"]) == len(line["other_seeds"]) == 10
    html = Page(page.read_text())
    assert "svg" in html.tags and "table" in html.tags
    assert all(link.startswith("data:") for link in html.links)


def test_the_workspace_is_compared_with_head(restored: Toy) -> None:
    found = restored.params()
    restored.write(found | {"evaluate": found["evaluate"] | {"level": 3.0}})
    restored.run("dvc", "repro", "--quiet")
    assert restored.aae()[0] == 1
    assert restored.aae("workspace", "HEAD")[0] == 0


@pytest.mark.parametrize("kind", ["params", "code", "no code"])
def test_what_did_not_run_is_not_compared(restored: Toy, kind: str) -> None:
    if kind == "params":
        found = restored.params()
        restored.write(found | {"evaluate": found["evaluate"] | {"level": 3.0}})
    elif kind == "code":
        path = restored.path / "src/judge/main.py"
        path.write_text(path.read_text() + "# edited\n")
    else:
        (restored.path / "src/judge/main.py").unlink()
    code, out, _ = restored.aae()
    assert code == 2
    assert "up to date, got a change of" in out


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("src/judge/main.py", "src/judge"),
        ("src/judge/part/words.py", "src/judge"),
        ("src/judge/part/new.py", "src/judge"),
        ("src/generate.py", "src/generate.py"),
        ("data/rows/train/mine.csv", None),  # of a folder that a stage writes, the lock is asked
        ("data/rows/mine.csv", "data/rows"),
        ("src/judge/__pycache__/words.pyc", None),
        ("src/judge/.gitignore", None),
        ("src/other/main.py", None),
    ],
)
def test_a_commit_whose_code_did_not_run_is_not_compared(
    restored: Toy, file: str, changed: str | None
) -> None:
    path = restored.path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "# edited\n")
    restored.run("git", "add", "--force", file)
    restored.run("git", "commit", "--quiet", "--message", "an edit alone")
    for revision in ("HEAD", "workspace"):
        code, out, _ = restored.aae("v1", revision)
        assert (code, f"got a change of {changed} since" in out) == (
            (2, True) if changed else (0, False)
        ), out


def test_what_an_experiment_ran_with_a_new_room_is_compared(restored: Toy) -> None:
    path = restored.path / "src/judge/part/words.py"
    path.write_text("WORD = 2\n")
    restored.commit("an edit that ran")
    assert restored.aae("v1", "HEAD")[:2] == restored.aae("HEAD", "v1")[:2]
    assert SAME in restored.aae("v1", "HEAD")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<<<<<<< ours\n", "got '<<<<<<< ours'"),
        ("stages: [\n", "while parsing a flow"),
        ("stages:\n  evaluate: {outs: [1]}\n", "expected stages as DVC writes them, got others"),
    ],
)
def test_a_lock_that_cannot_be_read_is_one_line(restored: Toy, text: str, said: str) -> None:
    (restored.path / "dvc.lock").write_text(text)
    code, _, err = restored.aae("workspace", "HEAD")
    assert code == 2 and said in err
    assert err.startswith("error: dvc.lock of workspace cannot be read: ") and err.count("\n") == 1


def test_rows_that_are_nowhere_are_noted(restored: Toy, tmp_path: Path) -> None:
    clone = restored.copied(tmp_path / "clone")
    lock = yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"]["generate"]
    (md5,) = (each["md5"] for each in lock["outs"] if each["path"] == "data/rows/train")
    (clone.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    code, out, _ = clone.aae("v1", "HEAD")
    assert code == 0 and "HEAD: git lacks data/rows, which may have changed" in out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"moments": ', '"figures": ', "as this version writes them, got others ('moments')"),
        ('/ "metrics.json")', '/ "found.json")', "expected metrics.json in each run's folder"),
    ],
)
def test_metrics_of_another_version(restored: Toy, old: str, new: str, said: str) -> None:
    path = restored.path / "src/judge/main.py"
    path.write_text(path.read_text().replace(old, new))
    restored.commit("as once")
    code, out, _ = restored.aae("v1", "HEAD")
    assert code == 2
    assert said in out


@pytest.mark.parametrize("seeds", [3, {"0": 1}, []])
def test_parameters_of_another_kind_are_one_line(restored: Toy, seeds: object) -> None:
    text = yaml.safe_dump(restored.params() | {"seeds": seeds})
    (restored.path / "params.yaml").write_text(text)
    code, _, err = restored.aae("workspace", "HEAD")
    assert code == 2
    assert err == f"error: expected a list of seeds in params.yaml of workspace, got {seeds!r}\n"


def test_without_git_there_are_no_revisions(toy: Toy, tmp_path: Path) -> None:
    alone = toy.copied(tmp_path / "alone")
    shutil.rmtree(alone.path / ".git")
    alone.run("dvc", "config", "core.no_scm", "true")
    code, _, err = alone.aae("HEAD", "workspace")
    assert code == 2
    assert err.startswith("error: expected a git revision") and err.count("\n") == 1


def test_an_input_that_git_lacks_is_noted_and_one_of_dvc_is_checked(restored: Toy) -> None:
    stage = yaml.safe_load((restored.path / "dvc.yaml").read_text())
    stage["stages"]["evaluate"]["deps"] += ["table.csv"]
    (restored.path / "dvc.yaml").write_text(yaml.safe_dump(stage))
    (restored.path / ".gitignore").write_text("/table.csv\n")
    (restored.path / "table.csv").write_text("1\n")
    restored.commit("a table that git does not see")
    code, out, _ = restored.aae("HEAD", "workspace")
    assert code == 0 and "HEAD: git lacks table.csv, which may have changed" in out
    restored.run("dvc", "add", "--quiet", "table.csv")
    restored.commit("now DVC does")
    code, out, _ = restored.aae("HEAD", "workspace")
    assert code == 0 and "git lacks" not in out
    (restored.path / "table.csv").write_text("2\n")
    restored.run("dvc", "add", "--quiet", "table.csv")
    restored.run("git", "commit", "--quiet", "--all", "--message", "another table, not run")
    code, out, _ = restored.aae("v1", "HEAD")
    assert code == 2 and "got a change of table.csv since they were made" in out
    (restored.path / "table.csv").unlink()
    (restored.path / "table.csv.dvc").unlink()


def test_a_revision_without_metrics(restored: Toy) -> None:
    restored.write(restored.params() | {"names": ["three"]})
    restored.run("git", "commit", "--quiet", "--all", "--message", "nothing ran")
    code, out, _ = restored.aae("v1", "HEAD")
    assert code == 2
    assert "expected metrics of HEAD, got none" in out


def test_outside_of_a_repository(toy: Toy, tmp_path: Path) -> None:
    code, out, err = toy.aae(folder=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and len(err.splitlines()) == 1


def test_missing_metrics_come_from_the_remote(toy: Toy, tmp_path: Path) -> None:
    clone = toy.copied(tmp_path / "clone")
    clone.run("dvc", "remote", "add", "--default", "--local", "store", str(tmp_path / "store"))
    clone.run("dvc", "push", "--quiet", "--all-commits")
    clone.forget()
    assert clone.aae("HEAD", "workspace")[0] == 0
    pulled = [each for each in (clone.path / ".dvc/cache").rglob("*") if each.is_file()]
    assert len(pulled) > 0 and all(each.read_bytes() != b"x" * 1000 for each in pulled)
    clone.forget()
    shutil.rmtree(tmp_path / "store")
    code, _, err = clone.aae("HEAD", "workspace")
    assert code == 2
    assert err.startswith("error: expected the metrics of HEAD in DVC's cache or on its remote")
    clone.run("dvc", "remote", "remove", "--local", "store")
    assert clone.aae("HEAD", "workspace")[0] == 2
    clone.run("dvc", "remote", "add", "-d", "--local", "gone", "http://127.0.0.1:9/store")
    code, _, err = clone.aae("HEAD", "workspace")
    assert code == 2
    assert err.startswith("error: expected the metrics of HEAD") and len(err.splitlines()) == 1


def test_revisions_are_ranked(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toy.path)
    found = rank(["higher", "main", "lower"], "energy")
    assert [each.experiment for each in found] == ["lower", "main", "higher"]
    assert [each.word for each in found] == [BEST, NOT_BEST, NOT_BEST]
    with pytest.raises(ValueError, match="runs with 'nothing' of all revisions"):
        rank(["higher", "main"], "nothing")
    with pytest.raises(ValueError, match="got 'nowhere'"):
        rank(["higher", "nowhere"])


def experiment(toy: Toy, name: str, branch: str) -> None:
    """Make what a branch holds an experiment of HEAD."""
    head, found = (toy.run("git", "rev-parse", each).stdout.strip() for each in ("HEAD", branch))
    toy.run("git", "update-ref", f"refs/exps/{head[:2]}/{head[2:]}/{name}", found)


def test_the_best_experiment_and_head(restored: Toy) -> None:
    experiment(restored, "low", "lower")
    code, out, err = restored.aae("--best", command="sweep")
    assert (code, err) == (0, "")
    assert "AUC gap, mean over one/default, two/default and seeds" in out
    assert "HEAD evaluate.level=1.0" in out and "higher evaluate.level=3" in out
    _, out, _ = restored.aae("--best", "--by", "energy", command="sweep")
    assert re.search("low evaluate.level=0.1 .* best HEAD .* not best higher", out)


def test_the_page_has_the_runs_of_the_branch_and_the_sweep(restored: Toy, tmp_path: Path) -> None:
    restored.run("git", "merge", "--quiet", "--ff-only", "lower")
    experiment(restored, "also", "again")
    file = tmp_path / "found.html"
    code, _, err = restored.aae("HEAD", "v1", "--html", str(file), "--runs", "8")
    assert (code, err) == (1, "")
    text = file.read_text()
    assert "The last 2 runs of this branch" in text and "0 of 10 (0% to 31%)" in text
    assert "2 experiments of this commit" in text and "AUC gap over evaluate.level" in text
    assert restored.aae("HEAD", "v1", "--runs", "8")[0] == 2


def test_experiments_with_other_runs_are_ranked_apart(restored: Toy) -> None:
    experiment(restored, "part", "single")
    code, out, _ = restored.aae("--best", "--by", "energy", command="sweep")
    assert code == 0
    assert "mean over one/default and seeds" in out
    assert "mean over one/default, two/default and seeds" in out
    assert out.count("HEAD") == 2


def test_experiments_that_were_evaluated_otherwise_are_ranked_apart(restored: Toy) -> None:
    experiment(restored, "easier", "fewer_rows")
    code, out, _ = restored.aae("--best", "--by", "energy", command="sweep")
    assert code == 0
    (easier,) = (part for part in out.split("energy, mean over")[1:] if "easier" in part)
    assert "HEAD" not in easier and "higher" not in easier


def test_experiments_without_the_metric_are_left_out(restored: Toy) -> None:
    experiment(restored, "part", "single")
    code, out, err = restored.aae("--best", "--by", "marginals", command="sweep")
    assert code == 2 and out == ""
    assert "expected runs with 'marginals' of all revisions, got none" in err
    experiment(restored, "more", "tests")
    code, out, err = restored.aae("--best", "--by", "AUC gap", command="sweep")
    assert code == 0 and "part" in out
    assert "more" in err and "are left out: expected runs with 'AUC gap'" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "energy"), "expected --best where --by is given, got 'energy'"),
        (("--best", "model.latent=2"), "nothing beside --best but --by, got ['model.latent=2']"),
        (("--best", "--hub", "there"), "nothing beside --best but --by, got ['there']"),
    ],
)
def test_best_stands_alone(toy: Toy, words: tuple[str, ...], said: str) -> None:
    code, out, err = toy.aae(*words, command="sweep")
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1


def test_best_leaves_out_what_cannot_be_read(restored: Toy) -> None:
    experiment(restored, "worthless", "broken")
    code, out, err = restored.aae("--best", "--by", "energy", command="sweep")
    assert code == 0 and "worthless" not in out and "higher" in out
    assert err.startswith("worthless is left out: expected runs of ") and err.count("\n") == 1


def test_a_section_that_is_absent_is_one_line() -> None:
    base, other = {"a": {"b": {"c": 1, "d": 2}}, "e": 1}, {"a": {}, "e": 2}
    assert changed_params(base, other) == [("a.b", "(present)", "(absent)"), ("e", "1", "2")]


@pytest.mark.parametrize(
    ("words", "code"),
    [([SAME, BETTER], 0), ([TOO_FEW, BETTER], 2), ([TOO_FEW, WORSE], 1), (["could not"], 2)],
)
def test_worse_outweighs_what_cannot_be_told(words: list[str], code: int) -> None:
    class Said(Compared):
        word = property(lambda self: self.reason)

    assert exit_code([Said("a", "b", (), None, word) for word in words]) == code
