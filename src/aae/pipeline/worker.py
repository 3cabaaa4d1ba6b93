"""A process that reproduces one set of DVC's stages after another.

`python -m aae.pipeline.worker` reads a line of JSON for each set: a file for all output, and
targets. It answers with a line: whether all of them are up to date now.

It does what `dvc repro` does, in less time. DVC is imported once; it reads dvc.yaml and dvc.lock
once, not once a target, and params.yaml when it has changed, not seven times a stage; and what ran
is written to dvc.lock once a set, not once a stage. (Stages that ran before the process was killed
come out of the run cache.) For this, the module uses functions that DVC 3.67 does not promise to
keep; pyproject.toml holds it there.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aae.pipeline.processes import end

if TYPE_CHECKING:
    from dvc.repo import Repo
    from dvc.stage import Stage
    from networkx import DiGraph


class Worker:
    """Such a process, seen from the one that starts it."""

    def __init__(self, lock: int) -> None:
        """Start it in a session of its own; it holds the lock of a file descriptor as we do."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aae.pipeline.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(lock,),
            text=True,
        )

        assert self._process.stdin and self._process.stdout
        self._orders, self._answers = self._process.stdin, self._process.stdout

    def start(self, log: Path, targets: Sequence[str]) -> None:
        """Let it reproduce targets."""
        self._orders.write(json.dumps([str(log), *targets]) + "\n")
        self._orders.flush()

    def fileno(self) -> int:
        """Of what turns readable when it has done so."""
        return self._answers.fileno()

    def outcome(self) -> bool | None:
        """Wait for it: whether the targets are up to date; None where the process was killed."""
        line = self._answers.readline()
        return line == f"{True}\n" if line else None

    def end(self) -> None:
        """End it, and all that it has started."""
        end(self._process)
        self._orders.close()
        self._answers.close()


def main() -> None:
    """Reproduce one set after another, until there are no more."""
    from aae.pipeline.dvc_shared import share

    share()
    read_params_when_changed()
    # DVC and the stages get other streams than those on which orders come and answers go.
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    redirect(os.devnull, os.O_RDONLY, 0)
    pipeline = Pipeline()
    for order in orders:
        log, *targets = json.loads(order)
        redirect(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1, 2)
        print(pipeline.reproduce(targets), file=answers)


def read_params_when_changed() -> None:
    """Let DVC in this process parse a file of parameters once, and anew when it has changed."""
    from dvc.dependency import param

    load = param.load_path
    known: dict[str, tuple[os.stat_result, Any]] = {}

    def load_changed(path: str, fs: Any, **options: Any) -> Any:
        now = os.stat(path)
        if path not in known or changed(known[path][0], now):
            known[path] = now, load(path, fs, **options)
        return deepcopy(known[path][1])

    param.load_path = load_changed


def changed(before: os.stat_result, now: os.stat_result) -> bool:
    """Whether a file is another one, or has been written to."""
    return any(
        getattr(before, each) != getattr(now, each) for each in ("st_ino", "st_mtime_ns", "st_size")
    )


class Pipeline:
    """The stages of dvc.yaml as they are when the first of them are asked for.

    Nobody else runs those that are asked for here, so what is known of them stays true.
    """

    @cached_property
    def _repo(self) -> "Repo":
        from dvc.repo import Repo

        return Repo(_wait_for_lock=True)

    @cached_property
    def _graph(self) -> "DiGraph[Stage]":
        return self._repo.index.graph

    def reproduce(self, targets: Sequence[str]) -> bool:
        """Run what is out of date of targets and of what they depend on; whether none failed."""
        from dvc.repo import lock_repo

        try:
            with lock_repo(self._repo), self._repo.scm_context:
                self._run_and_record(targets)
            return True
        except Exception:
            logging.getLogger("dvc").exception("")  # as DVC's command line does
            return False

    def _run_and_record(self, targets: Sequence[str]) -> None:
        """Run stages; write those that ran to dvc.lock even where one fails."""
        from dvc.repo.reproduce import _reproduce, plan_repro

        ran: list[Stage] = []

        def run(stage: "Stage", **options: Any) -> "Stage | None":
            if stage.reproduce(**options) is None:
                return None
            ran.append(stage)
            return stage

        stages = {stage.addressing: stage for stage in self._graph}
        steps = plan_repro(self._graph, [stages[target] for target in targets])
        try:
            _reproduce(steps, self._graph, repro_fn=run, interactive=False)
        finally:
            if ran:
                ran[0].dvcfile.dump_stages(ran, update_pipeline=False)


def redirect(path: str, flags: int, *streams: int) -> None:
    """Let file descriptors, which child processes share, be those of a file."""
    file = os.open(path, flags, 0o666)
    for stream in streams:
        os.dup2(file, stream)
    os.close(file)


if __name__ == "__main__":
    main()
