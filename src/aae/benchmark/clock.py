"""A stopwatch with named phases, one within another: each second belongs to the innermost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


class Clock:
    """Processor seconds of this process by phase."""

    def __init__(self, first: str, now: Callable[[], float] = time.process_time) -> None:
        """Count from the process's start (`now` is 0 there); what no phase claims is the first."""
        self._now, self._since, self._running = now, 0.0, [first]
        self.seconds: dict[str, float] = {first: 0.0}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the block as a phase, but for the phases within it."""
        self._tick()
        self._running.append(name)
        try:
            yield
        finally:
            self._tick()
            self._running.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that counts as a phase."""

        @wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            with self.phase(name):
                return function(*args, **options)

        return run

    def read(self) -> dict[str, float]:
        """Seconds of each phase up to now, which sum up to all."""
        self._tick()
        return dict(self.seconds)

    def _tick(self) -> None:
        now, running = self._now(), self._running[-1]
        self.seconds[running] = self.seconds.get(running, 0.0) + now - self._since
        self._since = now


def shares(seconds: dict[str, float]) -> dict[str, float]:
    """Share of each phase; they sum up to 1."""
    total = sum(seconds.values())
    return {name: each / total for name, each in seconds.items()}
