"""conf/ composes into params.yaml, refuses what is wrong, and differences are listed by key."""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from dvc.utils.hydra import compose_and_dump
from hydra.errors import HydraException
from hypothesis import given, settings
from hypothesis import strategies as st
from support.project import PROJECT, Completed, contents, copied, runner

from aae.laws.contract import Sizes
from aae.laws.registry import LAWS
from aae.pipeline.configure import differences, leaves

names = st.text("abc", min_size=1, max_size=2)
values = st.integers() | st.lists(st.integers())
trees = st.recursive(values, lambda inner: st.dictionaries(names, inner), max_leaves=8)


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """Undo `leaves`."""
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        *path, last = key.split(".")
        branch = tree
        for name in path:
            branch = branch.setdefault(name, {})
        branch[last] = value
    return tree


@settings(deadline=None)
@given(st.dictionaries(names, trees, min_size=1))
def test_leaves_are_the_whole_tree(tree: dict[str, Any]) -> None:
    flat = leaves(tree)
    assert nested(flat) == tree
    assert not any(isinstance(value, dict) and value for value in flat.values())


def dumped(path: Path, tree: Any) -> Path:
    path.write_text(yaml.safe_dump(tree))
    return path


def test_differences(tmp_path: Path) -> None:
    composed = {"train": {"epochs": 3, "new": 1}, "seeds": [0], "same": 1}
    present = {"train": {"epochs": 2, "old": None}, "seeds": [0, 1], "same": 1}
    found = differences(
        dumped(tmp_path / "composed", composed), dumped(tmp_path / "present", present)
    )
    assert sorted(found) == [
        "  seeds: conf/ [0], params.yaml [0, 1]",
        "  train.epochs: conf/ 3, params.yaml 2",
        "  train.new: conf/ 1, params.yaml (absent)",
        "  train.old: conf/ (absent), params.yaml None",
    ]


@settings(deadline=None)
@given(st.dictionaries(names, trees, min_size=1))
def test_a_file_does_not_differ_from_itself(tree: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = dumped(Path(folder) / "params.yaml", tree)
        assert differences(path, path) == []


@pytest.fixture
def compose(tmp_path: Path) -> Callable[..., tuple[Completed, Path]]:
    """Return a function that edits one file of conf/ and composes."""
    project = copied(tmp_path / "project")

    def edited(file: str, old: str, new: str, fails: bool = False) -> tuple[Completed, Path]:
        path = project / "conf" / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        done = runner(project)(sys.executable, "-m", "aae.pipeline.configure", fails=fails)
        return done, project / "params.yaml"

    return edited


def test_an_edit_of_conf_reaches_params(compose: Callable[..., tuple[Completed, Path]]) -> None:
    _, params = compose("train/default.yaml", "# epochs: 40", "epochs: 7")
    assert yaml.safe_load(params.read_text())["train"]["epochs"] == 7


def test_interpolations_are_resolved(compose: Callable[..., tuple[Completed, Path]]) -> None:
    _, params = compose("distributions/uniform.yaml", "seed: 1", "low: -3.0")
    pooled = yaml.safe_load(params.read_text())["distributions"]["pooled"]
    assert pooled["components"]["uniform"]["low"] == -3.0
    assert "${" not in params.read_text()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("train/default.yaml", "# epochs: 40", "epochs: 0", "train.epochs"),
        ("train/default.yaml", "# epochs: 40", "epoch: 300", "epoch"),
        ("train/default.yaml", "# epochs: 40", "epochs: many", "many"),
        ("model/default.yaml", "# latent: 8", "adversary: nobody", "model.adversary"),
        ("variants/article.yaml", "likelihood: mse", "likelihod: mse", "variants.article.model"),
        ("config.yaml", "seeds: [0]", "seeds: []", "at least one seed"),
        ("distributions/normal.yaml", "seed: 2", "rho: .nan", "rho"),
        ("distributions/density.yaml", "seed: 3", "columns: 783", "even number of columns"),
        ("tables/digits.yaml", "digits.csv", "digits.xls", "tables.digits"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\nevaluate: null", "evaluate to be a mapping"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\ntrain: null", "train to be a mapping"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\ntables: {digits: 3}", "TableSource"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\nvariants: {default: 3}", "variants.default"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\ndistributions: {a: 3}", "distributions.a"),
        ("config.yaml", "seeds: [0]", "seeds: [0]\ndistributions: {a: {kind: normal}}", "/law@"),
    ],
)
def test_bad_conf_is_refused_in_one_line(
    compose: Callable[..., tuple[Completed, Path]], file: str, old: str, new: str, message: str
) -> None:
    done, params = compose(file, old, new, fails=True)
    assert done.stderr.startswith("error in conf/: ") and done.stderr.count("\n") == 1
    assert message in done.stderr
    assert params.read_text() == (Path(__file__).parents[3] / "params.yaml").read_text()


def test_the_same_name_twice_is_refused(compose: Callable[..., tuple[Completed, Path]]) -> None:
    done, _ = compose("tables/digits.yaml", "  digits:", "  uniform:", fails=True)
    assert "expected each name once, got 'uniform'" in done.stderr


def composed(conf: Path, *overrides: str) -> dict[str, Any]:
    """What `dvc exp run -S ...` would write, with the schema of this project."""
    target, plugins = conf.parent / "composed.yaml", str(PROJECT / "src/plugins")
    compose_and_dump(target, str(conf), None, "config", plugins, list(overrides))
    content: dict[str, Any] = yaml.safe_load(target.read_text())
    return content


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A copy of conf/ that a test may change."""
    return shutil.copytree(PROJECT / "conf", tmp_path / "conf")


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("train.epochs=40", "train.epochs", 40),
        ("model.encoder=[8,4]", "model.encoder", [8, 4]),
        ("evaluate.noise_levels=[0.5]", "evaluate.noise_levels", [0.5]),
        ("distributions.normal.rho=0.5", "distributions.normal.rho", 0.5),
        ("distributions.density.rows=64", "distributions.density.rows", 64),
        ("tables.digits.test_share=0.25", "tables.digits.test_share", 0.25),
    ],
)
def test_any_key_can_be_overridden(conf: Path, override: str, key: str, value: Any) -> None:
    before, after = leaves(composed(conf)), leaves(composed(conf, override))
    changed = {each for each in before if before[each] != after[each]}
    assert after[key] == value
    assert changed == {key} | {each for each in changed if each.startswith("distributions.pooled.")}


@pytest.mark.parametrize("override", ["names=[uniform]", "++names=[../x]", "+names=x"])
def test_names_follow_from_what_is_selected(conf: Path, override: str) -> None:
    """Given otherwise, no value would be checked."""
    with pytest.raises(HydraException, match="names"):
        composed(conf, override)


@pytest.mark.parametrize("section", ["model", "train", "evaluate"])
def test_a_file_of_ones_own_holds_what_differs(conf: Path, section: str) -> None:
    """Its example is that of default.yaml, without the comment sign."""
    example = (conf / section / "default.yaml").read_text().splitlines()[-1].removeprefix("# ")
    (conf / section / "mine.yaml").write_text(example)
    before, after = leaves(composed(conf)), leaves(composed(conf, f"{section}=mine"))
    assert before | leaves({section: yaml.safe_load(example)}) == after != before


def test_a_distribution_of_ones_own_needs_its_kind_alone(conf: Path) -> None:
    text = "# @package _global_\ndefaults:\n  - /law@distributions.mine: normal\n"
    (conf / "distributions/mine.yaml").write_text(text)
    made = composed(conf, "distributions=[mine]")["distributions"]
    assert made == {"mine": {**asdict(Sizes()), **asdict(LAWS["normal"]())}}


BROKEN = {
    "bracket": "tables: [\n",
    "tag": "a: !!python/object/apply:os.system ['touch ran']\n",
    "class": "a: {_target_: os.system}\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("file", ["conf/tables/mine.yaml", "params.yaml", "dvc.yaml"])
def test_what_is_no_plain_yaml_stops_every_command(tmp_path: Path, file: str, content: str) -> None:
    project = copied(tmp_path / "project")
    (project / file).write_text(content)
    other = "stages.generate name=uniform" if file == "params.yaml" else "pipeline.configure"
    for words in ("pipeline.reproduce", other):
        done = runner(project)(sys.executable, "-m", *f"aae.{words}".split(), fails=True)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith(f"error: {file}, line ") and done.stderr.count("\n") == 1
    assert not (project / "ran").exists()


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "x;ls", "$(ls)", "<b>"])
def test_names_that_are_none_run_nothing(tmp_path: Path, name: str) -> None:
    project = copied(tmp_path / "project")
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["distributions"][name] = params["distributions"]["uniform"]
    params["names"] = [name]
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    run = runner(project)
    quoted = f"name='{name}'"
    for words in (["reproduce", "--params", "keep"], ["generate", quoted]):
        room = "pipeline" if words[0] == "reproduce" else "stages"
        done = run(sys.executable, "-m", f"aae.{room}.{words[0]}", *words[1:], fails=True)
        assert done.stderr.count("\n") == 1 and "a name of letters" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"project", "site", "config"}
    assert [path.name for path in (project / "data").iterdir()] == ["raw"]


@pytest.mark.parametrize("path", ["../evil.parquet", "/evil.parquet", "http://127.0.0.1:9/x.csv"])
def test_paths_that_lead_elsewhere_are_refused_before_anybody_looks(
    tmp_path: Path, path: str
) -> None:
    project = copied(tmp_path / "project")
    whole = yaml.safe_load((project / "params.yaml").read_text())
    run = runner(project)
    for changed in ({"packaged": {"mnist_5k": path}}, {"tables": {"mine": {"path": path}}}):
        (project / "params.yaml").write_text(yaml.safe_dump(whole | changed))
        stage = ("unpack", "name=mnist_5k") if "packaged" in changed else ("ingest", "name=mine")
        for words in (("pipeline.reproduce", "--params", "keep"), (f"stages.{stage[0]}", stage[1])):
            done = run(sys.executable, "-m", f"aae.{words[0]}", *words[1:], fails=True)
            assert done.stderr.count("\n") == 1 and "a relative path inside" in done.stderr
    assert not (tmp_path / "evil.parquet").exists()


OVERRIDES = {
    "train.epochs=0": "expected train.epochs to be a whole number >= 1, got 0",
    "train.epoch=3": "expected train's key to be one of epochs, batch_size, .*, got 'epoch'",
    "+train.epoch=3": "expected train's key to be one of epochs, batch_size, .*, got 'epoch'",
    "nosuch=1": "expected params.yaml's key to be one of .*names, seeds, .*, got 'nosuch'",
    "+nosuch=1": "expected params.yaml's key to be one of names, seeds, .*, got 'nosuch'",
    "distributions.nosuch.low=1": "expected distributions's key to be one of uniform, .*'nosuch'",
    "packaged.nosuch=x": r"expected packaged's key to be a new one \(\+KEY=VALUE\), got 'nosuch'",
    "variants=nosuch": "expected .*, got: .*'variants/nosuch' Available options .* article .*",
    "names=[a]": "expected .*, got: .* names=\\[a\\]: ListConfig is read-only",
    "train=3": "Config group override must be a string or a list. Got int",
    "seeds=": "expected seeds to be a list, each a whole number >= 0, got ''",
}


def test_what_an_experiment_may_not_set_is_one_line(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    run = runner(project)
    run("git", "init", "--quiet")
    run("git", "add", "conf", "src", "params.yaml", "dvc.yaml", ".dvc")
    run("git", "commit", "--quiet", "-m", "start")
    (project / "conf/train/default.yaml").write_text("epochs: 7\n")  # a change of the user's

    def state() -> object:
        words = ("status", "--porcelain"), ("stash", "list"), ("for-each-ref",)
        return contents(project, "conf", "params.yaml"), [
            run("git", *each).stdout for each in words
        ]

    before = state()
    for override, said in OVERRIDES.items():
        done = run("dvc", "exp", "run", "-S", override, fails=True)
        assert re.fullmatch(f"error: {said}\n", done.stderr) and done.stdout == "", done
        assert state() == before
