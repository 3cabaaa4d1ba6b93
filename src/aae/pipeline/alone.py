"""One `make reproduce` or `make verify` at a time in a clone: another one waits for its turn."""

import fcntl
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LOCK = Path(".dvc/tmp/reproduce.lock")


@contextmanager
def alone(path: Path = LOCK) -> Iterator[int]:
    """Wait for others that hold the lock, and say so in one line; yields its file descriptor.

    Processes that are given the descriptor (`pass_fds`) hold the lock, too: where this one alone is
    killed, others wait for what it has started. The kernel frees it at the end of the last.

    Exits with 1 and one line where the clone can't be written to, where a file may not be read or
    changed, as of a cache that users share, on a full disk, and for the block's ValueErrors.
    """
    with _opened(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting: `make reproduce` or `make verify` runs here", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield lock.fileno()
        except PermissionError as error:
            wanted = f"error: expected to be allowed to read and change {error.filename}"
            help_ = "for a cache that users share see docs/sweeps.md"
            sys.exit(f"{wanted}, got: {error.strerror}: {help_}")
        except ValueError as error:
            sys.exit(f"error: {error}")
        except sqlite3.Error as error:  # which DVC keeps its times and sizes of files with
            sys.exit(f"error: expected room on the disk for DVC's databases, got: {error}")


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w")
    except OSError as error:
        sys.exit(f"error: expected a clone that can be written to, got: {error}")
