"""Sweeps on a real Slurm of two nodes, one of which dies."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.slurm import Slurm, slurm
from support.toy_pipeline import Toy, wait_until

LAUNCHER = (
    "hydra/launcher=submitit_slurm",
    "hydra.launcher.partition=main",
    "hydra.launcher.mem_gb=1",
    "hydra.launcher.timeout_min=60",
)
SIXTEEN = ("model.latent=1,2,3,4", "train.learning_rate=1e-3,2e-3,3e-3,4e-3", *LAUNCHER)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    with slurm(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture
def toy(tmp_path: Path, cluster: Slurm) -> Toy:
    made = Toy.made(tmp_path)
    return Toy(made.path, {**made.variables, **cluster.variables})


def kill_a_node_in_mid_run(toy: Toy, cluster: Slurm) -> None:
    """Wait until a job on each node is in its second stage, and kill one of the nodes."""
    wait_until(lambda: sum(count for run, count in toy.ran().items() if "measure" in run) == 2)
    assert set(cluster.jobs().values()) == {"n1", "n2"}
    cluster.kill("n1")
    toy.gate.unlink()


def check_all_are_there(toy: Toy) -> None:
    """All 16 in a fresh clone, of the right commit, with every metric; one was retried."""
    fresh = Toy(toy.path.parent / "fresh", toy.variables)
    subprocess.run(["git", "clone", "--quiet", toy.path, fresh.path], check=True)
    fresh.run("dvc", "exp", "pull", "--no-cache", "origin")
    assert len(fresh.shown()) == 16
    assert fresh.shown() == toy.shown()
    table = fresh.run("dvc", "exp", "show", "--csv").stdout.splitlines()
    lines = [line for line in table if line.startswith("sweep-")]
    assert len(lines) == 16 and not [line for line in lines if "!" in line]
    measured = {run: count for run, count in toy.ran().items() if "measure" in run}
    assert len(measured) == 16 and sorted(measured.values()) == [1] * 15 + [2]
    # What had ended when the node died came from the cache.
    (retried,) = (run for run, count in measured.items() if count == 2)
    logs = [path.read_text() for path in toy.path.glob(".dvc/tmp/sweeps/*/*.log")]
    (log,) = (log for log in logs if log.count("Running stage 'measure'") == 2)
    assert log.count("Running stage 'prepare'") <= 1
    assert re.search("Stage 'prepare' is cached - skipping run", log), (retried, log)


def test_a_node_dies_in_mid_run(toy: Toy, cluster: Slurm) -> None:
    toy.gate.touch()
    with toy.sweeping(*SIXTEEN, TOY_GATE=str(toy.gate)) as sweep:
        kill_a_node_in_mid_run(toy, cluster)
        out = sweep.communicate()[0]
    cluster.start("n1")
    assert sweep.returncode == 0, out
    assert "16 of 16 experiments are there" in out
    check_all_are_there(toy)


def test_a_node_and_the_driver_die(toy: Toy, cluster: Slurm) -> None:
    toy.gate.touch()
    with toy.sweeping(*SIXTEEN, TOY_GATE=str(toy.gate)) as sweep:
        wait_until(lambda: len(cluster.jobs()) == 2)
        sweep.kill()
        kill_a_node_in_mid_run(toy, cluster)
    wait_until(lambda: cluster.queued() == 0)
    cluster.start("n1")
    before, submitted = toy.ran(), cluster.submitted()
    assert "All 16 experiments were done before" in toy.sweep(*SIXTEEN).stdout
    assert toy.ran() == before and cluster.submitted() == submitted
    check_all_are_there(toy)
