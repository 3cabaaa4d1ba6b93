"""`aae check` needs the light dependencies alone: neither TensorFlow nor DVC nor Hydra."""

import subprocess
import sys
import tomllib

import numpy as np
from support.project import PROJECT

BLOCKED = """
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from aae.cli.commands import main
main()
"""
MODULES = {"hydra-core": "hydra", "ruamel.yaml": "ruamel"}


def names(requirements):
    """Names of packages, without extras, versions and comments."""
    return {each.partition(">")[0].partition("[")[0] for each in requirements}


def light(*words, folder):
    """What `aae` does where only the light dependencies are installed."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    heavy = names(project["optional-dependencies"]["pipeline"])
    assert {"tensorflow", "dvc", "hydra-core"} <= heavy
    assert not heavy & names(project["dependencies"])
    blocked = {MODULES.get(name, name) for name in heavy} | {"omegaconf", "yaml"}
    command = [sys.executable, "-c", BLOCKED.format(blocked=blocked), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_a_check_runs_with_the_light_dependencies(tmp_path):
    rng = np.random.default_rng(0)
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(60, 3)) + (name == "b"))
    words = (
        "check",
        "a.npy",
        "b.npy",
        "--tolerance",
        "0.2",
        "--html",
        "a.html",
        "--json",
        "a.json",
    )
    done = light(*words, folder=tmp_path)
    assert done.returncode == 1 and "different" in done.stdout and not done.stderr
    assert (tmp_path / "a.html").exists() and (tmp_path / "a.json").exists()


def test_what_needs_more_says_so_in_one_line(tmp_path):
    done = light("sweep", "-m", "model.latent=2,8", folder=tmp_path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: expected the package hydra")
    assert "pip install '.[pipeline]'" in done.stderr
