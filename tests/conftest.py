"""Shared by the tests: a temporary copy of the project, and TensorFlow as in `train`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import aae.stages  # noqa: F401  (one thread a process, as all stages have)

if TYPE_CHECKING:
    from toy_pipeline import Toy

PROJECT = Path(__file__).parents[1]
COPIED = (
    *("conf", "src", "data/raw", ".dvc/config", ".dvc/plots", ".dvc/.gitignore", ".dvcignore"),
    *(
        ".gitignore",
        "reports/calibration.json",
        "reports/studies",
        "dvc.yaml",
        "params.yaml",
        "pyproject.toml",
    ),
)

Completed = subprocess.CompletedProcess[str]
Run = Callable[..., Completed]


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist keep the tests of one `xdist_group` in one process."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadgroup"


def copied(target: Path) -> Path:
    """Copy what the pipeline needs of the project, without any output of it."""
    for name in COPIED:
        source = PROJECT / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy(source, target / name)
    return target


def environment(folder: Path) -> dict[str, str]:
    """Variables under which a copy of the project runs by itself, whatever the user has set."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("DVC_", "GIT_", "HYDRA_", "PYTEST_"))
    }
    name, mail = "test", "test@localhost"
    return kept | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]]),
        "PYTHONPATH": "src",
        "DVC_SITE_CACHE_DIR": str(folder / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(folder / "config"),
        "DVC_SYSTEM_CONFIG_DIR": str(folder / "config"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": mail for role in ("AUTHOR", "COMMITTER")},
    }


def runner(project: Path) -> Run:
    """Return a function that runs a command in a copy of the project."""
    variables = environment(project.parent)

    def run(*command: str | Path, fails: bool = False) -> Completed:
        words = [str(word) for word in command]
        done = subprocess.run(words, cwd=project, env=variables, capture_output=True, text=True)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    return run


def contents(project: Path, *paths: str) -> dict[str, bytes]:
    """Bytes of all files at or below the paths; a path without any is an error."""
    found: dict[str, bytes] = {}
    for path in paths:
        top = project / path
        files = [top] if top.is_file() else [each for each in top.rglob("*") if each.is_file()]
        assert files, f"nothing in {path}"
        found |= {str(each.relative_to(project)): each.read_bytes() for each in files}
    return found


@pytest.fixture(scope="session")
def tensorflow() -> ModuleType:
    """TensorFlow, deterministic and on one thread, as the train stage sets it."""
    from aae.stages.train import import_tensorflow

    import_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    return tf


@pytest.fixture
def toy(tmp_path: Path) -> "Toy":
    """A toy project (see toy_pipeline.py) of the test's own."""
    from toy_pipeline import Toy

    return Toy.made(tmp_path)
