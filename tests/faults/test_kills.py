"""Killed at any instant, a stage leaves its outputs whole or absent, and the next run mends all."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
import yaml
from faults.conftest import MEASURE, STAGES, files, leftovers, small
from support.forked import Started, run
from support.project import PROJECT, contents, copied, environment
from support.toy_pipeline import Toy

SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
# So many kills; after each `EVERY` of them the stage runs to its end.
KILLS = {"generate": 25, "ingest": 20, "reference": 15, "train": 15, "evaluate": 15, "report": 10}
KILLS |= {"sample": 10, "unpack": 5, "measure": 5, "floor": 5}
EVERY = 5
REPRODUCTIONS = 4
INTERRUPTIONS = 6  # of a sweep, or of a calibration


def outputs(project: Path, paths: tuple[str, ...]) -> dict[str, bytes]:
    content = files(project)
    return {name: each for name, each in content.items() if name.startswith(paths)}


def remove(project: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        if (project / path).is_dir():
            shutil.rmtree(project / path)
        else:
            (project / path).unlink(missing_ok=True)


def killed(project: Path, words: tuple[str, ...], after: float, number: signal.Signals) -> bool:
    """Run a stage and kill it; returns whether it was killed before its end."""
    started = Started(project, words)
    if started.wait(after):
        return False
    started.kill(number)
    end = started.ended()
    return end.code == -number or (end.code != 0 and "stopped" in end.output)


@pytest.mark.parametrize("stage", KILLS)
def test_kills(stage: str, project: Path, whole: Path, tally: Counter[str]) -> None:
    words, paths = STAGES[stage]
    wanted = files(whole)
    begun = time.monotonic()
    assert run(project, *words).code == 0
    seconds = time.monotonic() - begun
    rng, kills, tries = np.random.default_rng([16, len(stage), KILLS[stage]]), 0, 0
    while kills < KILLS[stage]:
        tries += 1
        assert tries < 3 * KILLS[stage], "it ends before it is killed"
        remove(project, paths)
        number = SIGNALS[tries % len(SIGNALS)]
        if not killed(project, words, rng.uniform(0, 0.95 * seconds), number):
            seconds *= 0.9  # the machine has become less busy
            continue
        kills += 1
        for name, each in outputs(project, paths).items():
            assert "/." in name or each == wanted[name], f"{name} is there by halves"
        if kills % EVERY == 0:
            assert run(project, *words).code == 0
            assert files(project) == wanted and leftovers(project) == []
            tally["results compared"] += len(wanted)
    tally["kills survived"] += kills


def start(project: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "aae.pipeline.reproduce", "--params", "keep", "--jobs", "1"]
    return subprocess.Popen(
        words,
        cwd=project,
        env=environment(project.parent),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(
            signal.signal, signal.SIGINT, signal.SIG_DFL
        ),  # `nohup ... &` ignores it
    )


def stop(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal; one that cannot be caught goes to all that was started, too."""
    if process.poll() == 0:
        return  # it has just ended
    everything = [psutil.Process(process.pid)]
    if number == signal.SIGKILL:
        everything += everything[0].children(recursive=True)
    for each in everything:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(number)
    assert process.wait() != 0
    psutil.wait_procs(everything, timeout=60)


def test_reproductions_that_are_killed_with_all_they_started(
    tmp_path: Path, tally: Counter[str]
) -> None:
    """DVC, its stages and their outputs: killed some times, the last run gives the same bytes."""
    results = []
    for kills in (0, REPRODUCTIONS):
        project = copied(tmp_path / str(kills) / "project")
        params = small() | {"tables": {}, "packaged": {}}
        params["floors"] = {"names": ["uniform"], "variants": ["default"]}
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        for words in (["init"], ["add", "dvc.yaml"], ["commit", "-m", "start"]):
            variables = environment(project.parent)
            subprocess.run(
                ["git", *words], stdout=subprocess.DEVNULL, cwd=project, env=variables, check=True
            )
        rng, survived = np.random.default_rng(16), 0
        while survived < kills:
            process = start(project)
            try:
                assert process.wait(rng.uniform(2, 9)) == 0
                break  # all is done, in parts
            except subprocess.TimeoutExpired:
                stop(process, SIGNALS[survived % len(SIGNALS)])
                survived += 1
        assert survived > 0 or not kills, "it ends before it is killed"
        tally["kills survived"] += survived
        assert start(project).wait() == 0
        assert leftovers(project) == []
        results.append(contents(project, "data", "models", "reports"))
    assert results[0] == results[1]
    tally["results compared"] += len(results[0])


def interrupted(
    words: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: float
) -> int:
    """Run a command some times, each time killed at a random instant; returns the kills.

    Undisturbed it takes so many seconds.
    """
    kills, rng = 0, np.random.default_rng(16)
    while kills < INTERRUPTIONS:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        try:
            assert process.wait(rng.uniform(0, seconds)) == 0
            break  # all is done, in parts
        except subprocess.TimeoutExpired:
            stop(process, SIGNALS[kills % len(SIGNALS)])
            kills += 1
    assert kills > 0, "it ends before it is killed"
    return kills


def test_sweeps_that_are_killed_with_all_they_started(tmp_path: Path, tally: Counter[str]) -> None:
    """The next sweep delivers the same experiments, and removes what is left of the others."""
    trees, seconds = [], 0.0
    for kills in (False, True):
        (tmp_path / str(kills)).mkdir()
        toy = Toy.made(tmp_path / str(kills))
        words = "aae", "sweep", "-m", "model.latent=2,5", "train.learning_rate=1e-3,3e-4"
        if kills:
            tally["kills survived"] += interrupted(words, toy.path, toy.environment(), seconds)
        begun = time.monotonic()
        toy.run(*words)
        seconds = time.monotonic() - begun
        refs = toy.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines()
        trees.append(sorted(toy.git("rev-parse", f"{ref}^{{tree}}") for ref in refs))
        assert toy.clones() == [] and toy.git("status", "--porcelain") == ""
        verify = toy.run(sys.executable, "-m", "aae.pipeline.integrity").stdout
        assert "cache and outputs are what their names say" in verify
    assert len(trees[0]) == 4 and trees[0] == trees[1]
    tally["results compared"] += len(trees[0])


def test_calibrations_that_are_killed(tmp_path: Path, tally: Counter[str]) -> None:
    """What is measured stays; the last run measures the rest, to the same bytes."""
    results, variables = [], dict(os.environ) | {"PYTHONPATH": str(PROJECT / "src")}
    seconds = 0.0
    for kills in (False, True):
        folder = tmp_path / str(kills)
        folder.mkdir()
        words = sys.executable, "-c", MEASURE
        if kills:
            tally["kills survived"] += interrupted(words, folder, variables, seconds)
        begun = time.monotonic()
        subprocess.run(words, cwd=folder, env=variables, check=True)
        seconds = time.monotonic() - begun
        results.append(files(folder))
    assert results[0] == results[1]
    tally["results compared"] += len(results[0])
