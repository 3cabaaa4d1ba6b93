"""Progress of a sweep, read from the files that its jobs write, on whatever machine they run."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from aae.base.files import read_json
from aae.pipeline.lanes import tail
from aae.sweep.experiment import RUNNING

SECONDS = 1.0  # between two looks at the files


class Watch:
    """A bar, and a line for each job that ends, while the block runs.

    Attributes:
        states: experiment -> what its job wrote last (see `aae.sweep.experiment.run`).
    """

    def __init__(self, folder: Path, total: int) -> None:
        """Watch NAME.json in a folder; a total of 0 is unknown."""
        self.states: dict[str, dict[str, Any]] = {}
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        columns = (TextColumn("experiments"), BarColumn(), MofNCompleteColumn())
        running = TextColumn("{task.description}")
        console = Console(soft_wrap=True, highlight=False)
        self._bar = Progress(*columns, running, TimeElapsedColumn(), console=console)
        self._task = self._bar.add_task("", total=total or None)

    def __enter__(self) -> "Watch":
        """Start to watch."""
        self._bar.start()
        self._thread.start()
        return self

    def reasons(self, name: str) -> list[str]:
        """Why an experiment failed: what its job said, and the end of DVC's output."""
        state = self.states.get(name, {"message": "it has written nothing"})
        log = self._folder / f"{name}.log"
        reason = state["message"] or "it was killed, or still runs"
        return [reason, *(tail(log) if log.exists() else [])]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Print what has ended since, and stop."""
        self._stop.set()
        self._thread.join()
        self._look()
        self._bar.stop()

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            self._look()

    def _look(self) -> None:
        states = {path.stem: read_json(path) for path in self._folder.glob("sweep-*.json")}
        for name, state in states.items():
            if state != self.states.get(name) and state["state"] != RUNNING:
                end = f"{state['state']} after {state['seconds']:.0f} s on {state['host']}"
                self._bar.console.print(
                    f"{name} {' '.join(state['overrides'])}: {end}", markup=False
                )
        self.states = states
        running = sum(state["state"] == RUNNING for state in states.values())
        ended = len(states) - running
        self._bar.update(self._task, completed=ended, description=f"{running} running")
