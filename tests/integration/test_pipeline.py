"""The pipeline under real DVC, in a temporary clone with few names and small sizes.

The tests run in order on one clone; each leaves it as it found it.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml
from support.project import Completed, Run, contents, copied, runner

DISTRIBUTIONS = "uniform, normal, density, expon_neg, pooled"
SMALL = {
    r"\n    rows: \d+": "",
    r"\n    seed: \d+": r"\g<0>\n    rows: 150\n    test_rows: 120\n    columns: 8",
    "# epochs: 40": "epochs: 2\nbatch_size: 32\nsteps: 20",
    "# rows: 2000": "rows: 150\npermutations: 199\npart_permutations: 199",
    r"- distributions: .*": f"- distributions: [{DISTRIBUTIONS}]",
    r"- variants: .*": "- variants: [default]",
}
RUNNING = re.compile(r"Running stage '(.*?)'")


@dataclass(frozen=True)
class Clone:
    """A clone of the project, and ways to run commands in it."""

    path: Path
    run: Run

    def experiment(self, *overrides: str, fails: bool = False) -> Completed:
        """`dvc exp run -S ...`, which composes conf/ anew."""
        settings = [word for override in overrides for word in ("-S", override)]
        return self.run("dvc", "exp", "run", *settings, fails=fails)

    def stages(self, *overrides: str) -> set[str]:
        """Stages that an experiment really runs, not those that come out of the cache."""
        return set(RUNNING.findall(self.experiment(*overrides).stdout))

    def state(self) -> tuple[str, bytes, bytes]:
        """What git sees, and the two files that DVC writes."""
        params, lock = (self.path / name for name in ("params.yaml", "dvc.lock"))
        status = self.run("git", "status", "--porcelain").stdout
        return status, params.read_bytes(), lock.read_bytes()

    def python(self, *words: str, fails: bool = False) -> Completed:
        """Run a module of the package."""
        return self.run(sys.executable, "-m", *words, fails=fails)


def shrink(project: Path) -> None:
    """Make every size in conf/ small."""
    for path in (project / "conf").rglob("*.yaml"):
        text = path.read_text()
        for pattern, replacement in SMALL.items():
            text = re.sub(pattern, replacement, text)
        path.write_text(text)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which the whole pipeline has run and is committed."""
    project = copied(tmp_path_factory.mktemp("pipeline") / "project")
    found = Clone(project, runner(project))
    shrink(project)
    found.python("aae.pipeline.configure")
    found.run("git", "init", "--quiet")
    commit(found, "start")
    found.python("aae.pipeline.reproduce", "--jobs", "2")
    commit(found, "run")
    return found


def commit(clone: Clone, message: str) -> None:
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", message)


@pytest.fixture
def restored(clone: Clone) -> Iterator[Clone]:
    """The clone, which a test may change by experiments: all comes back, and from the cache."""
    before = clone.state()
    yield clone
    assert clone.stages() == set()
    assert clone.state() == before
    assert up_to_date(clone)


def up_to_date(clone: Clone) -> bool:
    return "up to date" in clone.run("dvc", "status").stdout


def of(name: str, kind: str = "generate") -> set[str]:
    """All stages of one name."""
    return {f"{kind}@{name}", f"reference@{name}"} | {
        f"{stage}@{name}-default-0" for stage in ("train", "evaluate")
    }


def test_everything_runs_and_is_up_to_date(clone: Clone) -> None:
    assert up_to_date(clone)
    assert (clone.path / "reports/index.html").stat().st_size > 0
    assert (clone.path / "reports/metrics.json").stat().st_size > 0
    assert "up to date" in clone.python("aae.pipeline.reproduce").stdout
    assert clone.stages() == set()


# Room -> stages that an edit makes out of date by itself.
JUDGED = {"reference", "evaluate", "floor"}
OUTDATED: dict[str, set[str]] = {
    "base": {"generate", "ingest", "train", "report"} | JUDGED,
    "dataset": {"generate", "ingest", "train"} | JUDGED,
    "laws": {"generate"},
    "tables": {"ingest"},
    "model": {"train", "floor"},
    "generator": JUDGED,
    "evaluation": JUDGED,
    "verdict": JUDGED,
    "report": {"report"},
    "stages": {"evaluate"},  # of its files, each is one stage's: the first is edited here
    **{room: set() for room in ("benchmark", "calibration", "check", "cli", "compare")},
    **{room: set() for room in ("api", "pipeline", "studies", "sweep")},
}


def test_every_room_has_its_stages(clone: Clone) -> None:
    folders = (clone.path / "src/aae").iterdir()
    assert {each.name for each in folders if each.is_dir()} - {"__pycache__"} == set(OUTDATED)


@pytest.mark.parametrize("room", OUTDATED)
def test_an_edit_of_a_room_makes_its_stages_out_of_date(clone: Clone, room: str) -> None:
    files = sorted((clone.path / "src/aae" / room).glob("[!_]*.py"))
    kept = files[0].read_text()
    files[0].write_text(f"{kept}# edited\n")
    stages = json.loads(clone.run("dvc", "status", "--json").stdout)
    files[0].write_text(kept)
    everything = yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"]
    assert {*stages} == {each for each in everything if each.split("@")[0] in OUTDATED[room]}


def test_outputs_but_the_metrics_are_not_in_git(clone: Clone) -> None:
    tracked = clone.run("git", "ls-files", "data", "models", "reports").stdout.split()
    kept = [path for path in tracked if not path.endswith((".gitignore", ".json", ".csv", ".png"))]
    assert kept == []
    assert "reports/metrics.json" in tracked
    assert not [path for path in tracked if path.startswith("models") and path.endswith(".json")]


def test_a_changed_parameter_reruns_what_reads_it(restored: Clone) -> None:
    ran = restored.stages("distributions.uniform.low=-2")
    assert ran == of("uniform") | of("pooled") | {"report"}


def test_a_parameter_of_evaluation_trains_nothing(restored: Clone) -> None:
    names = [*DISTRIBUTIONS.split(", "), "digits"]
    judged = {f"reference@{name}" for name in names} | {f"evaluate@{n}-default-0" for n in names}
    assert restored.stages("evaluate.seed=1") == judged | {"floor@digits-default-0", "report"}


def test_fewer_names_run_the_report_alone(restored: Clone) -> None:
    assert restored.stages("distributions=[uniform]", "tables=[]") == {"report"}


def test_new_seeds_alone_are_trained_and_summarised(clone: Clone, tmp_path: Path) -> None:
    path = shutil.copytree(clone.path, tmp_path / "copy", symlinks=True)  # the new runs stay there
    copy = Clone(path, runner(path))
    ran = copy.stages("distributions=[uniform]", "tables=[]", "seeds=[0,1,2]")
    new = {f"{stage}@uniform-default-{seed}" for stage in ("train", "evaluate") for seed in (1, 2)}
    assert ran == new | {"report"}
    found = json.loads((path / "reports/metrics.json").read_text())
    assert sum(found[word] for word in ("passed", "underpowered", "different")) == 3
    assert found["models"][0]["model"] == "uniform.default"
    assert found["models"][0]["auc_margin"] >= 0


NUMBERS = ["passed", "underpowered", "different", "auc.default"]


def test_what_dvc_shows_is_narrow(restored: Clone) -> None:
    restored.experiment("distributions=[uniform]", "tables=[]")
    header = restored.run("dvc", "exp", "show").stdout.splitlines()[1]
    assert header[:120].split()[:6] == ["Experiment", "Created", *NUMBERS]
    shown = restored.run("dvc", "metrics", "show").stdout
    assert sorted(shown.splitlines()[0].split()) == sorted(["Path", *NUMBERS])
    changed = restored.run("dvc", "metrics", "diff").stdout
    assert {line.split()[1] for line in changed.splitlines()[1:]} <= {*NUMBERS}
    assert max(map(len, f"{shown}{changed}".splitlines())) <= 120


EXPECTED = "expected .+, got "


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epochs=-1", EXPECTED + "-1"),
        ("seeds=[]", EXPECTED + r"\[\]"),
        ("seeds=[-1]", EXPECTED + "-1"),
        ("variants=[]", EXPECTED),
        ("model.latent=zero", EXPECTED + "'zero'"),
        ("model.foo=1", "expected model's key to be one of .+, got 'foo'"),
        ("evaluate.alpha=nan", EXPECTED + "nan"),
        ("train.learning_rate=inf", EXPECTED + "inf"),
        ("distributions.uniform.low=nan", EXPECTED + "nan"),
        ("distributions.uniform.kind=gamma", "unknown distribution kind 'gamma': expected one of"),
        ("distributions.density.columns=7", EXPECTED + "7"),
        ("tables.digits.test_share=1.5", EXPECTED + "1.5"),
        ("+variants.default.model.latent=0", EXPECTED + "0"),
        ("tables=[nowhere]", "Could not load 'tables/nowhere'"),
    ],
)
def test_bad_values_leave_everything_as_it_was(clone: Clone, override: str, message: str) -> None:
    before = clone.state()
    error = clone.experiment(override, fails=True).stderr
    assert re.search(message, error), error
    assert "Traceback" not in error
    assert clone.state() == before


def test_pooled_without_a_component_says_so(clone: Clone) -> None:
    before = clone.state()
    error = clone.experiment("distributions=[uniform,pooled]", fails=True).stderr
    assert "distributions.normal" in error
    assert clone.state() == before


@pytest.fixture
def table(clone: Clone) -> Iterator[Callable[[str], None]]:
    """A function that adds a table `mine` of the given text, which goes away afterwards."""
    csv, entry = clone.path / "data/raw/mine.csv", clone.path / "conf/tables/mine.yaml"

    def add(text: str | None) -> None:
        if text is not None:
            csv.write_text(text)
        entry.write_text("# @package _global_\ntables:\n  mine: {path: data/raw/mine.csv}\n")

    yield add
    clone.run("git", "checkout", "--quiet", ".")
    clone.run("git", "clean", "--quiet", "--force", "data", "conf", "models", "reports")
    made = [f"reports/{kind}/mine" for kind in ("runs", "reference", "floors")]
    for folder in ("data/mine", "models/mine", *made):
        shutil.rmtree(clone.path / folder, ignore_errors=True)
    clone.run("dvc", "checkout", "--quiet", "--force")


def csv_text(rows: int = 150) -> str:
    cells = np.random.default_rng(0).normal(size=(rows, 5))
    return "\n".join(["a,b,c,d,e", *(",".join(map(str, row)) for row in cells)]) + "\n"


def test_a_table_of_ones_own_needs_one_file(clone: Clone, table: Callable[[str], None]) -> None:
    table(csv_text())
    ran = clone.stages("tables=[digits,mine]")
    assert ran == of("mine", "ingest") | {"floor@mine-default-0", "report"}
    assert (clone.path / "reports/runs/mine/default/0/metrics.json").exists()
    assert "mine" in (clone.path / "reports/index.html").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "data/raw/mine.csv"),
        ("a,b\n", EXPECTED + "no rows"),
        ("a,b\n1,2\n3\n", EXPECTED + "1 cell in row 2, 2 in the header"),
        ("a,b\n1,2\n3,inf\n", EXPECTED + "inf in row 2, column 'b'"),
    ],
)
def test_bad_tables_are_named(
    clone: Clone, table: Callable[[str | None], None], text: str | None, message: str
) -> None:
    table(text)
    command = ["dvc", "exp", "run", "ingest@mine", "-S", "tables=[digits,mine]"]
    done = clone.run(*command, fails=True)
    assert re.search(message, done.stdout + done.stderr), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone.path / "data/mine/train").exists()


def test_a_table_smaller_than_a_batch_is_one_batch(
    clone: Clone, table: Callable[[str], None]
) -> None:
    table(csv_text(40))
    clone.run("dvc", "exp", "run", "train@mine-default-0", "-S", "tables=[digits,mine]")
    assert (clone.path / "models/mine/default/0/generator.onnx").exists()


def test_conf_that_params_do_not_follow_stops_the_run(clone: Clone) -> None:
    path = clone.path / "conf/train/default.yaml"
    kept = path.read_text()
    path.write_text(kept.replace("epochs: 2", "epochs: 3"))
    before = clone.state()
    error = clone.python("aae.pipeline.reproduce", fails=True).stderr
    assert "  train.epochs: conf/ 3, params.yaml 2" in error.splitlines()
    assert sum(line.startswith("  ") for line in error.splitlines()) == 1
    assert clone.state() == before
    assert "up to date" in clone.python("aae.pipeline.reproduce", "--params", "keep").stdout
    path.write_text(kept)


def test_from_scratch_the_same_bytes_come_out(clone: Clone, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "again"
    subprocess.run(["git", "clone", "--quiet", clone.path, path], check=True)
    again = Clone(path, runner(path))
    folders = []
    for name in ("pooled", "digits"):
        again.run("dvc", "repro", f"evaluate@{name}-default-0", f"reference@{name}")
        folders += [f"data/{name}", f"models/{name}"]
        folders += [f"reports/runs/{name}", f"reports/reference/{name}"]
    found, wanted = contents(path, *folders), contents(clone.path, *folders)
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if found[name] != wanted[name]] == []
