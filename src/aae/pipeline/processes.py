"""Processes that end whole: with all that they have started."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

DVC = Path(__file__).with_name("dvc_shared.py")  # its command line


@contextmanager
def whole(words: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process in a session of its own; an error in the block ends the session."""
    process = subprocess.Popen(words, start_new_session=True, text=True, **options)
    try:
        yield process
    except BaseException:
        end(process)
        raise


def end(process: subprocess.Popen[str]) -> None:
    """End a process that leads a session, and all in it."""
    with suppress(ProcessLookupError):  # it may have ended just now
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def stop_as_after_ctrl_c(message: str) -> None:
    """Let SIGTERM raise an error, too, so that blocks are left in order."""

    def stop(*_: object) -> NoReturn:
        sys.exit(message)

    signal.signal(signal.SIGTERM, stop)
