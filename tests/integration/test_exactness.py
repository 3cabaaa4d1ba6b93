"""Every stage declares in dvc.yaml the parameters, files and rooms that it reads, and no others.

What a stage reads is found without dvc.yaml: by running it under a recorder, by changing all that
it does not declare, and by following its imports.
"""

import ast
import copy
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.project import PROJECT, contents, copied, runner

from aae.laws.registry import LAWS
from aae.pipeline.configure import leaves

STAGES = (
    *("generate", "unpack", "ingest", "reference", "train", "evaluate", "floor", "measure"),
    "report",
)
RECORDER = PROJECT / "tests/support/recorder.py"
PIPELINE = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"]
PARAMS = yaml.safe_load((PROJECT / "params.yaml").read_text())
NAMES = ("pooled", "digits")  # that models are trained on
# What studies select; by default params.yaml has none of it. `peers`, whose environment need not be
# there, reads what `baselines` does.
PACKAGED = {"mnist_5k": "data/raw/mnist_5k.parquet"}
STUDY = {
    "measures": ["verdicts", "modes", "robustness", "images", "closeness", "baselines"],
    "verdicts": {"pairs": 1, "permutations": 199},
    "modes": {"folds": 3},
    "robustness": {"permutations": 219, "radii": [2.0]},
    "images": {"generated": 70, "validation": 20, "white": 16.0},
    "closeness": {"folds": 2, "permutations": 199},
    "baselines": {"folds": 2, "permutations": 199},
}

# What another valid value is where a little more or less is not one.
OTHERS: dict[str, Any] = {
    "model.adversary": "both",
    "model.likelihood": "mse",
    "model.sampling": "prior",
    "model.prior": "uniform",
    "model.posterior": "noise",
    "model.labels": "adversary",
    "train.schedule": "plateau",
    "train.device": "cpu",
    "variants.default": {"model": {"latent": 3}, "train": {"epochs": 1}},
    "distributions.normal_mixture.weights": [0.25, 0.75],
    "distributions.pooled.shares.uniform": 0.5,
    "distributions.pooled.shares.normal": 0.25,
    "distributions.pooled.shares.density": 0.25,
    "tables.digits.path": "data/raw/other.csv",
    "tables.digits.label": None,
    "tables.digits.group": "digit",
    "names": ["uniform"],
    "packaged.mnist_5k": "data/raw/other.parquet",
    "study.measures": [],
    "floors.names": [],
    "floors.variants": [],
}


@dataclass(frozen=True)
class Instance:
    """One stage of dvc.yaml with its placeholders filled in."""

    stage: str
    name: str = ""
    measure: str = ""

    def filled(self, text: str) -> str:
        """Replace dvc.yaml's placeholders."""
        item = self.name if PIPELINE[self.stage].get("foreach") == "${names}" else ""
        item = PACKAGED.get(self.name, item)
        values = {"key": self.name, "item": item, "item.name": self.name}
        values |= {"item.variant": "default", "item.seed": "0", "item.measure": self.measure}
        values |= {"item.path": PARAMS["tables"].get(self.name, {}).get("path", "")}
        return re.sub(r"\$\{(.*?)\}", lambda match: values[match[1]], text)

    def listed(self, section: str) -> list[str]:
        """Entries of one of the stage's lists."""
        definition = PIPELINE[self.stage]
        entries = definition.get("do", definition).get(section, [])
        return [
            self.filled(each if isinstance(each, str) else next(iter(each))) for each in entries
        ]

    @property
    def outputs(self) -> list[str]:
        """All that the stage writes."""
        return [path for section in ("outs", "metrics", "plots") for path in self.listed(section)]

    @property
    def code(self) -> set[str]:
        """Rooms among the stage's dependencies, and its own module."""
        return {path for path in self.listed("deps") if path.startswith("src/")}

    @property
    def files(self) -> set[str]:
        """Data among the stage's dependencies."""
        return set(self.listed("deps")) - self.code

    def declares(self, key: str) -> bool:
        """Whether the stage declares a parameter, or a mapping that holds it."""
        return any(f"{key}.".startswith(f"{each}.") for each in self.listed("params"))

    @property
    def command(self) -> list[str]:
        """Module and overrides of the stage's command."""
        definition = PIPELINE[self.stage]
        words = self.filled(definition.get("do", definition)["cmd"]).split()
        return words[words.index("-m") + 1 :]

    def __str__(self) -> str:
        return f"{self.stage}-{self.measure}-{self.name}".replace("--", "-").strip("-")


GENERATED = [Instance("generate", name) for name in PARAMS["distributions"]]
TRAINED = [Instance(stage, name) for name in NAMES for stage in ("reference", "train", "evaluate")]
MEASURED = [Instance("measure", "pooled", measure) for measure in STUDY if measure != "measures"]
OTHER = [Instance("unpack", "mnist_5k"), Instance("ingest", "digits")]
FLOOR = Instance("floor", "pooled")
ALL = [*GENERATED, *OTHER, *TRAINED, FLOOR, *MEASURED, Instance("report")]
# A second training run takes long and shows nothing new.
RERUN = [each for each in ALL if each.name != "digits" or each.stage == "ingest"]
FITTING = ("train", "floor")
ids = {"ids": str}


def small(name: str = "") -> dict[str, Any]:
    """params.yaml with sizes that take seconds."""
    params = copy.deepcopy(PARAMS)
    for sizes in params["distributions"].values():
        sizes |= {"rows": 64, "test_rows": 130, "columns": 8}
    params["train"] |= {"epochs": 2, "steps": 20, "batch_size": 16}
    if name == "pooled":  # what is read only where columns share parameters
        params["model"]["likelihood"] = "residual"
    if name == "digits":  # what is read only by another schedule, or of rows without labels
        params["train"]["schedule"], params["model"]["labels"] = "plateau", "ignored"
    params["evaluate"] |= {"rows": 30, "permutations": 199, "part_permutations": 219}
    params |= {"study": copy.deepcopy(STUDY), "packaged": dict(PACKAGED)}
    params["floors"] = {"names": [FLOOR.name], "variants": ["default"]}
    return params | {"names": list(NAMES), "variants": {"default": {}}, "seeds": [0]}


def other(key: str, value: Any) -> Any:
    """Another valid value of a parameter."""
    if key in OTHERS:
        return OTHERS[key]
    match value:
        case bool():
            return not value
        case int():
            return value + 2  # an even number of columns stays even
        case float():
            return value * 0.9 + (0.05 if value == 0 else 0)
        case list():
            return [other(key, each) for each in value]
        case str() if key.endswith(".kind"):
            return next(kind for kind in LAWS if kind != value)
    raise AssertionError(f"no other value of {key}")


def changed(instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    """Change all parameters that a stage does not declare."""
    result = copy.deepcopy(params)
    for key, value in leaves(params).items():
        if not instance.declares(key):
            *path, last = key.split(".")
            branch = result
            for name in path:
                branch = branch[name]
            branch[last] = other(key, value)
    return result


def write_params(project: Path, params: dict[str, Any]) -> None:
    (project / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


@dataclass(frozen=True)
class Recorded:
    """All stages, run once each under the recorder: the folder, and what each of them read."""

    project: Path
    records: dict[Instance, dict[str, list[str]]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    project = copied(tmp_path_factory.mktemp("exactness") / "project")
    run, records = runner(project), {}
    out = project.parent / "record.json"
    for instance in ALL:
        params = small(instance.name)
        if instance in GENERATED:  # of equal mappings the recorder cannot tell which was read
            params["distributions"] = {instance.name: params["distributions"][instance.name]}
        write_params(project, params)
        run(sys.executable, RECORDER, out, *instance.command)
        records[instance] = json.loads(out.read_text())
    return Recorded(project, records)


@pytest.mark.parametrize("instance", RERUN, **ids)
def test_output_does_not_depend_on_undeclared_parameters(
    instance: Instance, recorded: Recorded, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(recorded.project, project)
    shutil.copy(project / "data/raw/digits.csv", project / "data/raw/other.csv")
    wanted = contents(project, *instance.outputs)
    for path in instance.outputs:
        shutil.rmtree(project / path) if (project / path).is_dir() else (project / path).unlink()
    write_params(project, changed(instance, small(instance.name)))
    runner(project)(sys.executable, "-m", *instance.command)
    found = contents(project, *instance.outputs)
    assert found.keys() == wanted.keys()
    assert [path for path in wanted if found[path] != wanted[path]] == []


@pytest.mark.parametrize("instance", ALL, **ids)
def test_every_declared_parameter_is_read(instance: Instance, recorded: Recorded) -> None:
    """By a stage with one of its names: what a training reads depends on labels and schedule."""
    declared = {key for key in leaves(small()) if instance.declares(key)}
    assert declared, "declares no parameter that exists"
    alike = (
        [instance] if instance.stage != "train" else [each for each in ALL if each.stage == "train"]
    )
    assert declared - {key for each in alike for key in recorded.records[each]["keys"]} == set()


@pytest.mark.parametrize("instance", ALL, **ids)
def test_every_declared_key_exists(instance: Instance) -> None:
    keys = leaves(small())
    for declared in instance.listed("params"):
        assert any(f"{key}.".startswith(f"{declared}.") for key in keys), declared


@pytest.mark.parametrize("instance", ALL, **ids)
def test_files_read_are_dependencies(instance: Instance, recorded: Recorded) -> None:
    read = set(recorded.records[instance]["files"])
    within = {path: {each for each in read if below(each, path)} for path in instance.files}
    own = {each for each in read for path in instance.outputs if below(each, path)}
    assert read - own - set().union(*within.values()) == set(), "reads what it does not declare"
    # Where a library opens files by itself (ONNX graphs, tables), the recorder does not see it.
    seen = [path for path in instance.files if not path.startswith(("models", "data/raw"))]
    assert [path for path in seen if not within[path]] == [], "declares what it does not read"


def below(path: str, folder: str) -> bool:
    """Whether a path is a folder's or its own; a temporary folder counts as what it becomes."""
    return Path(re.sub(r"/\.\d+-", "/", path)).is_relative_to(folder)


@pytest.mark.parametrize("instance", [each for each in ALL if each.stage not in FITTING], **ids)
def test_only_training_imports_tensorflow(instance: Instance, recorded: Recorded) -> None:
    assert not {"tensorflow", "keras", "tf2onnx"} & set(recorded.records[instance]["modules"])


@pytest.mark.parametrize("stage", FITTING)
def test_training_imports_tensorflow(stage: str, recorded: Recorded) -> None:
    assert "tensorflow" in recorded.records[Instance(stage, "pooled")]["modules"]


@pytest.mark.parametrize(
    "module",
    ["cli.commands", "check.page", "pipeline.reproduce", "compare.versions", "generator.graphs"],
)
def test_commands_do_not_import_tensorflow(module: str) -> None:
    code = f"import sys, aae.{module}; sys.exit(bool({{'tensorflow', 'keras'}} & set(sys.modules)))"
    runner(PROJECT)(sys.executable, "-c", code)


def source(module: str) -> Path | None:
    """File of a first-party module, relative to the project."""
    path = Path("src", *module.split("."))
    candidates = [path / "__init__.py", path.with_suffix(".py")]
    return next((each for each in candidates if (PROJECT / each).exists()), None)


def imported(path: Path) -> Iterator[str]:
    """All modules that a file imports anywhere, or may import: `from a import b` gives a, a.b."""
    for node in ast.walk(ast.parse((PROJECT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def closure(module: str) -> set[Path]:
    """Source files that importing a module can load, but for those that hold no code."""
    waiting, found = [module], set[Path]()
    while waiting:
        parts = waiting.pop().split(".")
        chain = (source(".".join(parts[:size])) for size in range(1, len(parts) + 1))
        fresh = {path for path in chain if path is not None} - found
        found |= fresh
        waiting += [name for path in fresh for name in imported(path)]
    return {path for path in found if not is_prose(path)}


def is_prose(path: Path) -> bool:
    """Whether a file holds a docstring and nothing else, so that no result depends on it.

    As the package's own, which does nothing before `aae.fit` or the like is asked for.
    """
    if path == Path("src/aae/__init__.py"):
        return True
    body = ast.parse((PROJECT / path).read_text()).body
    return len(body) == 1 and isinstance(body[0], ast.Expr)


def dependencies(sources: set[Path]) -> set[str]:
    """What dvc.yaml lists of source files: their rooms; of the stages each file by itself."""
    return {str(path if path.parent.name == "stages" else path.parent) for path in sources}


@pytest.mark.parametrize("stage", STAGES)
def test_dependencies_are_the_rooms_that_can_be_imported(stage: str) -> None:
    assert Instance(stage, "pooled").code == dependencies(closure(f"aae.stages.{stage}"))


@pytest.mark.parametrize("instance", ALL, **ids)
def test_modules_really_imported_are_dependencies(instance: Instance, recorded: Recorded) -> None:
    loaded = {source(name) for name in recorded.records[instance]["modules"] if name[:3] == "aae"}
    code = {path for path in loaded if path and not is_prose(path)}
    assert dependencies(code) <= instance.code


JUDGING = (
    *("evaluation", "report", "compare", "sweep", "studies", "api", "cli", "verdict"),
    "calibration",
)


@pytest.mark.parametrize("room", JUDGING)
def test_an_edit_of_what_judges_does_not_retrain(room: str) -> None:
    assert (PROJECT / "src/aae" / room).is_dir()
    for stage in ("generate", "ingest", "train"):
        assert f"src/aae/{room}" not in Instance(stage, "pooled").code


def test_the_stages_are_those_of_dvc_yaml() -> None:
    assert set(PIPELINE) == set(STAGES)
    files = {path.stem for path in (PROJECT / "src/aae/stages").glob("*.py")}
    assert files - {"__init__"} == set(STAGES)


DATA = "data/pooled"
RUN = "pooled/default/0"
FILES = {
    Instance("generate", "pooled"): set(),
    Instance("ingest", "digits"): {"data/raw/digits.csv"},
    Instance("reference", "pooled"): {DATA},
    Instance("train", "pooled"): {f"{DATA}/train"},
    Instance("evaluate", "pooled"): {
        *(DATA, f"models/{RUN}", "reports/reference/pooled/power.json"),
    },
    FLOOR: {f"{DATA}/train", f"{DATA}/test", f"models/{RUN}"},
    Instance("measure", "pooled", "modes"): {DATA, f"models/{RUN}"},
    Instance("unpack", "mnist_5k"): set(),
    Instance("report"): {
        *("models", "reports/floors", "reports/reference", "reports/runs", "reports/studies")
    },
}


@pytest.mark.parametrize("instance", FILES, **ids)
def test_data_dependencies(instance: Instance) -> None:
    assert instance.files == FILES[instance]


def test_params_are_the_composed_configuration(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    (project / "params.yaml").unlink()
    runner(project)(sys.executable, "-m", "aae.pipeline.configure")
    assert (project / "params.yaml").read_text() == (PROJECT / "params.yaml").read_text()
