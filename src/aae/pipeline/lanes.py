"""Lanes of stages, side by side: each has those of one name, which no other lane has.

Stages that two `dvc repro` share must not run side by side (DVC fails: "is busy").
"""

import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from aae.pipeline.worker import Worker

LOGS = Path(".dvc/tmp/lanes")
Lanes = Mapping[str, Sequence[str]]  # name -> targets


class Crew:
    """Processes that take one lane after another."""

    def __init__(self, jobs: int, lock: int) -> None:
        """Start the processes, which hold a lock."""
        self._lock = lock
        self._idle = [Worker(lock) for _ in range(jobs)]
        self._running: dict[Worker, str] = {}

    def start(self, name: str, targets: Sequence[str]) -> None:
        """Give a lane to a process; one of them has to be idle."""
        worker = self._idle.pop()
        self._running[worker] = name
        worker.start(log(name), targets)

    @property
    def full(self) -> bool:
        """Whether no process is idle."""
        return not self._idle

    def ended(self) -> tuple[str, bool]:
        """Wait for the end of a lane: its name, and whether all of it ran."""
        ready = wait([worker.fileno() for worker in self._running])[0]
        worker = next(each for each in self._running if each.fileno() == ready)
        outcome, name = worker.outcome(), self._running.pop(worker)
        if outcome is None:  # killed, for want of memory say
            worker.end()
            worker = Worker(self._lock)
        self._idle.append(worker)
        return name, bool(outcome)

    def end(self) -> None:
        """End the processes, and all that they have started."""
        for worker in [*self._idle, *self._running]:
            worker.end()


def run_lanes(lanes: Lanes, jobs: int, lock: int) -> None:
    """Run the lanes in their order, a line for each that ends, in processes that hold a lock.

    Exits with 1 when one failed, after all others have ended. However this is left, nothing that
    it started runs on.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    print(f"{len(lanes)} lanes, {jobs} side by side; their output goes to {LOGS}/NAME.log")
    begun, waiting, failed = time.monotonic(), [*lanes], list[str]()
    crew = Crew(min(jobs, len(lanes)), lock)
    try:
        for place in range(1, len(lanes) + 1):
            while waiting and not crew.full:
                crew.start(waiting[0], lanes[waiting.pop(0)])
            name, whole = crew.ended()
            state = "done" if whole else "FAILED"
            seconds = time.monotonic() - begun
            print(f"[{place}/{len(lanes)}] {name}: {state} after {seconds:.0f} s", flush=True)
            failed += [] if whole else [name]
    finally:
        crew.end()
    for name in failed:
        print(f"\n{name}, end of {log(name)}:", *tail(log(name)), sep="\n  ")
    if failed:
        sys.exit(f"error: {len(failed)} of {len(lanes)} lanes failed: {', '.join(failed)}")


def log(name: str) -> Path:
    """File of a lane's output."""
    return LOGS / f"{name}.log"


def tail(path: Path, lines: int = 12) -> list[str]:
    """Return the last lines of a log that are not empty."""
    return [line for line in path.read_text().splitlines() if line.strip()][-lines:]
