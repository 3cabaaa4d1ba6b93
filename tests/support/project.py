"""Temporary copies of the project, and commands run in them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COPIED = (
    *("conf", "src", "data/raw", ".dvc/config", ".dvc/plots", ".dvc/.gitignore", ".dvcignore"),
    *(
        ".gitignore",
        "reports/studies",
        "reports/floors/.gitignore",
        "reports/live/.gitignore",
        "dvc.yaml",
        "params.yaml",
        "pyproject.toml",
    ),
)

Completed = subprocess.CompletedProcess[str]
Run = Callable[..., Completed]


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
