"""What a sweep has to bear: being stopped, others at once, a hub that goes away, a full disk."""

import hashlib
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.toy_pipeline import Toy, wait_until


@pytest.mark.parametrize(
    ("number", "runs"), [(signal.SIGKILL, 1), (signal.SIGTERM, 2), (signal.SIGINT, 2)]
)
def test_a_stopped_sweep_goes_on_where_it_was(toy: Toy, number: int, runs: int) -> None:
    """Stages end with a sweep that is stopped. If it is killed, the next one waits for them."""
    toy.sweep("model.latent=2")
    toy.gate.touch()
    with toy.sweeping("model.latent=2,5,8", TOY_GATE=str(toy.gate)) as sweep:
        wait_until(lambda: toy.ran()["measure 0.001 5"])
        sweep.send_signal(number)
        assert sweep.wait(timeout=60) != 0
    toy.gate.unlink()
    toy.sweep("model.latent=2,5,8")
    assert len(toy.shown()) == 3
    assert toy.ran() == {
        "prepare 0.001 2": 1,
        "measure 0.001 2": 1,
        "measure 0.001 5": runs,
        "measure 0.001 8": 1,
    }
    assert toy.clones() == []


def test_two_sweeps_at_once_share_the_work(toy: Toy) -> None:
    toy.gate.touch()
    first = toy.sweeping("model.latent=2,5", TOY_GATE=str(toy.gate))
    second = toy.sweeping("model.latent=2,5,8", TOY_GATE=str(toy.gate))
    with first as one, second as other:
        wait_until(lambda: toy.ran()["measure 0.001 2"])
        toy.gate.unlink()
        assert [one.wait(), other.wait()] == [0, 0]
    assert len(toy.shown()) == 3
    assert set(toy.ran().values()) == {1}


def test_a_diverged_name_is_an_error_and_loses_nothing(toy: Toy) -> None:
    """Two machines (each has its own folder for clones) run one experiment, with other results."""
    toy.gate.touch()
    elsewhere = toy.path.parent / "elsewhere"
    elsewhere.mkdir()
    noisy = {"TOY_GATE": str(toy.gate), "TOY_NOISE": "yes"}
    first = toy.sweeping("model.latent=5", **noisy)
    second = toy.sweeping("model.latent=5", **noisy, TMPDIR=str(elsewhere))
    with first as one, second as other:
        wait_until(lambda: toy.ran()["measure 0.001 5"] == 2)
        toy.gate.unlink()
        said = [process.communicate()[0] for process in (one, other)]
        assert sorted([one.returncode, other.returncode]) == [0, 1]
    name, kept = sorted(toy.shown())
    (failed,) = (out for out in said if "FAILED" in out)
    assert f"expected one result of {name}, got another one: kept both, this as {kept}" in failed
    assert len({each["noise"] for each in toy.shown().values()}) == 2


def test_equal_results_of_two_machines_are_one(toy: Toy) -> None:
    toy.gate.touch()
    elsewhere = toy.path.parent / "elsewhere"
    elsewhere.mkdir()
    first = toy.sweeping("model.latent=5", TOY_GATE=str(toy.gate))
    second = toy.sweeping("model.latent=5", TOY_GATE=str(toy.gate), TMPDIR=str(elsewhere))
    with first as one, second as other:
        wait_until(lambda: toy.ran()["measure 0.001 5"] == 2)
        toy.gate.unlink()
        assert [one.wait(), other.wait()] == [0, 0]
    assert len(toy.shown()) == 1


def test_eight_jobs_at_once_on_a_cold_cache(toy: Toy) -> None:
    eight = ("model.latent=1,2,3,4", "train.learning_rate=1e-3,2e-3")
    toy.sweep(*eight, "hydra/launcher=joblib", "hydra.launcher.n_jobs=8")
    assert len(toy.shown()) == 8
    files = [path for path in (toy.path / ".dvc/cache/files/md5").rglob("*") if path.is_file()]
    assert len(files) >= 2 * 20
    for path in files:
        found = hashlib.md5(path.read_bytes()).hexdigest()
        assert path.parent.name + path.name.removesuffix(".dir") == found
    toy.git("fsck", "--strict")


def test_a_hub_that_goes_away_costs_no_stage(toy: Toy) -> None:
    hub = toy.path.parent / "hub"
    toy.git("init", "--quiet", "--bare", hub)
    toy.gate.touch()
    with toy.sweeping("--hub", str(hub), "model.latent=5", TOY_GATE=str(toy.gate)) as sweep:
        wait_until(lambda: toy.ran()["measure 0.001 5"])
        hub.rename(hub.with_name("away"))
        toy.gate.unlink()
        out = sweep.communicate()[0]
        assert sweep.returncode != 0 and "error: " in out and "Traceback" not in out
    hub.with_name("away").rename(hub)
    before = toy.ran()
    toy.sweep("--hub", str(hub), "model.latent=5")
    assert len(toy.shown()) == 1
    assert toy.ran() == before


def test_optuna_finds_the_best_of_what_it_tries(toy: Toy) -> None:
    search = ("model.latent=range(1,9)", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=6")
    quiet = ("hydra.sweeper.n_jobs=2", "hydra.sweeper.sampler.seed=0")
    toy.sweep(*search, *quiet, "--objective", "toy.default.error")
    (results,) = toy.path.glob(".dvc/tmp/sweeps/*/hydra/optimization_results.yaml")
    best = min(each["toy"]["default"]["error"] for each in toy.shown().values())
    assert f"best_value: {best}" in results.read_text()
    before = toy.ran()
    toy.sweep(*search, *quiet, "--objective", "toy.default.error")
    assert toy.ran() == before


def test_an_objective_that_no_evaluation_writes_is_named(toy: Toy) -> None:
    search = ("model.latent=range(1,9)", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=1")
    done = toy.sweep(*search, "--objective", "toy.default.none", fails=True)
    assert (
        "to be the key of a finite number in reports/metrics.json, got 'toy.default.none'"
        in done.stdout
    )


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A small disk, and a file of which little but the disk is left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "test", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("what", ["everything", "cache"])
def test_a_full_disk_is_an_error_and_leaves_nothing_by_halves(full: Path, what: str) -> None:
    toy = Toy.made(full if what == "everything" else full.parent)
    if what == "cache":
        toy.run("dvc", "config", "--local", "cache.dir", full / "cache")
    toy.sweep("model.latent=2")
    filler = full / "filler"
    with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))
    done = toy.sweep("model.latent=2,5", fails=True)
    assert re.search("No space left|disk full|Out of diskspace", done.stdout + done.stderr), done
    filler.unlink()
    assert len(toy.shown()) == 1
    toy.git("fsck", "--strict")
    toy.sweep("model.latent=2,5")
    assert len(toy.shown()) == 2
