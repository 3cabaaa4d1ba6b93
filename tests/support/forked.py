"""Stages run in forks of a process that has imported all that takes long: a few tenths of a second.

A stage's own module and `aae` are imported in the fork, as by `python -m aae.stages.STAGE`.
"""

import multiprocessing
import os
import resource
import runpy
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

SECONDS = 60.0  # that a stage may take
PROJECT = Path(__file__).parents[2]
HEAVY = (
    *(
        "aae.base.one_thread",
        "numpy",
        "tensorflow",
        "tf2onnx",
        "onnx",
        "onnxruntime",
        "dvclive.live",
    ),
    *(
        "support.heavy",
        "scipy.stats",
        "scipy.spatial",
        "scipy.special",
        "sklearn.ensemble",
        "jinja2",
    ),
    *("sklearn.neighbors", "sklearn.model_selection", "sklearn.linear_model", "pyarrow.csv"),
    *(
        "pyarrow.parquet",
        "pyarrow.compute",
        "matplotlib.pyplot",
        "rich.progress",
        "typer",
        "yaml",
        "pandas",
    ),
)
COMMAND = "cli.commands"  # the command `aae`
OUTPUT = "output.txt"  # beside the project


@dataclass(frozen=True)
class Ended:
    """Exit code of a stage, minus the signal where one ended it, and all that it printed."""

    code: int
    output: str


class Started:
    """A stage that runs.

    Args:
        project: folder that it works in.
        words: its module below `aae`, and its arguments.
        spare: bytes of address space beyond what the fork has; no limit if not given.
    """

    def __init__(self, project: Path, words: Sequence[str], spare: int | None = None) -> None:
        self._output = project.parent / OUTPUT
        arguments = (str(project), str(self._output), list(words), spare)
        self.process: ForkServerProcess = _context().Process(target=_run, args=arguments)
        self.process.start()

    def kill(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.process.pid and self.process.is_alive():
            os.kill(self.process.pid, number)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; returns whether it came within the seconds."""
        self.process.join(seconds)
        return self.process.exitcode is not None

    def ended(self) -> Ended:
        """Wait for the end; what takes too long is killed."""
        self.process.join(SECONDS)
        self.kill(signal.SIGKILL)
        self.process.join()
        code = self.process.exitcode
        assert code is not None
        return Ended(code, self._output.read_text(errors="replace"))


def run(project: Path, *words: str, spare: int | None = None) -> Ended:
    """Run a stage to its end."""
    return Started(project, words, spare).ended()


def _context() -> multiprocessing.context.ForkServerContext:
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}  # as `runtime` does
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PROJECT / "src"), str(PROJECT / "tests")])
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(HEAVY))
    return context


def _run(project: str, output: str, words: list[str], spare: int | None) -> None:
    os.chdir(project)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module, *sys.argv[1:] = words
    if spare is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + spare
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if module == COMMAND:
        from aae.cli.commands import main

        main()
    else:
        runpy.run_module(f"aae.{module}", run_name="__main__")
