"""Sweeps of a toy project through the command line: all there, nothing twice, nothing lost."""

import os
import re
import shutil
import subprocess

import pytest
from support.toy_pipeline import Toy

GRID = ("model.latent=2,5", "train.learning_rate=1e-3,3e-4")


def test_all_experiments_are_shown_and_none_runs_again(toy: Toy) -> None:
    toy.sweep(*GRID, "seeds=[0,1]")
    errors = {each["toy"]["default"]["error"] for each in toy.shown().values()}
    assert errors == {9.001, 9.0003, 0.001, 0.0003}
    assert {each["toy"]["default"]["seeds"] for each in toy.shown().values()} == {2}
    before = toy.ran()
    assert sum(before.values()) == 2 + 4  # the cache keeps `prepare` for both values of latent
    again = toy.sweep(*reversed(GRID), "seeds=[0,1]").stdout
    assert "All 4 experiments were done before" in again
    assert toy.ran() == before
    assert toy.clones() == []
    assert toy.git("status", "--porcelain") == ""


def test_a_larger_sweep_runs_what_is_new(toy: Toy) -> None:
    toy.sweep("model.latent=2,5")
    before = toy.ran()
    out = toy.sweep("model.latent=2,5,8").stdout
    assert len(re.findall(": done before after", out)) == 2
    assert toy.ran() - before == {"measure 0.001 8": 1}


def test_a_failure_is_named_and_the_others_end(toy: Toy) -> None:
    done = toy.sweep("model.latent=13,2,5", fails=True)
    assert done.returncode == 1
    (name,) = re.findall(r"(sweep-\w+) model.latent=13: FAILED", done.stdout)
    assert "expected any latent but 13, got 13" in done.stdout
    assert f"error: 1 failed: {name}" in done.stderr
    assert len(toy.shown()) == 2 and name not in toy.shown()
    assert toy.clones() == []


def test_a_hub_elsewhere_gets_and_gives_all(toy: Toy) -> None:
    hub = toy.path.parent / "hub"
    toy.git("init", "--quiet", "--bare", hub)
    toy.git("remote", "add", "team", "../hub")
    toy.sweep("--hub", "team", "model.latent=2,5")
    assert len(toy.shown()) == 2
    held = toy.git("ls-remote", hub, "refs/exps/*").splitlines()
    assert {line.split("/")[-1] for line in held} == set(toy.shown())
    colleague = Toy(toy.path.parent / "colleague", toy.variables)
    subprocess.run(["git", "clone", "--quiet", toy.path, colleague.path], check=True)
    before = toy.ran()
    colleague.sweep("--hub", str(hub), "model.latent=5,2")
    assert colleague.shown() == toy.shown()
    assert toy.ran() == before


def test_words_for_hydra_are_no_part_of_an_experiment(toy: Toy) -> None:
    words = ("+hydra.job.env_set.SOME=1", "++hydra.verbose=false", "model.latent=2")
    toy.sweep(*words)
    before = toy.ran()
    assert "All 1 experiments were done before" in toy.sweep("model.latent=2", *words[:1]).stdout
    assert toy.ran() == before


@pytest.mark.parametrize("hub", ["nowhere", "ssh://127.0.0.1:9/nowhere"])
def test_an_unreachable_hub_stops_before_anything_runs(toy: Toy, hub: str) -> None:
    done = toy.sweep("--hub", hub, "model.latent=2,5", fails=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: git push: ") and done.stderr.count("\n") == 1
    assert toy.ran() == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("model.layers=2,3",), "expected model's key to be one of latent"),
        (("model.latent=2,(",), "mismatched input|no viable alternative|extraneous input"),
        (("hydra/launcher=nowhere", "model.latent=2"), "Could not find 'hydra/launcher/nowhere'"),
        (("--cfg", "job"), "expected overrides like model.latent=2,8, got"),
    ],
)
def test_wrong_words_are_refused_in_one_line(toy: Toy, words: tuple[str], message: str) -> None:
    done = toy.sweep(*words, fails=True)
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1
    assert toy.ran() == {}


def test_changes_that_are_not_committed_are_refused(toy: Toy) -> None:
    (toy.path / "notes.txt").write_text("of no matter")
    (toy.path / "conf/extra.yaml").write_text("a: 1")
    (toy.path / "data/mine").mkdir(parents=True)
    (toy.path / "data/mine/.gitignore").write_text("/train\n")  # as DVC writes it
    (toy.path / "params.yaml").write_text("a: 1")
    done = toy.sweep("model.latent=2", fails=True)
    assert done.returncode == 2
    assert "got ['params.yaml', 'conf/extra.yaml']" in done.stderr


def test_another_users_folder_is_not_trusted(toy: Toy) -> None:
    folder = toy.path.parent / f"aae-sweep-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    done = toy.sweep("model.latent=2", fails=True)
    assert "to be a folder that only you can read" in done.stderr


def test_what_killed_jobs_left_is_removed(toy: Toy) -> None:
    toy.sweep("model.latent=2")
    (folder,) = toy.path.parent.glob("aae-sweep-*")
    (lock,) = folder.glob("*.lock")
    dead = folder / lock.stem
    shutil.copytree(toy.path, dead)
    toy.sweep("model.latent=2,5")
    assert not dead.exists()
