"""Files that appear whole or not at all."""

import errno
import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TEMPORARY = re.compile(r"\.(\d+)-(.+)")  # .PID-NAME, which git and DVC ignore
FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; what is written there replaces `path` at the end.

    After an error the temporary file or folder is removed and `path` is as it was. What a killed
    process of this machine left of the same `path` is removed first. A file never replaces a folder
    (OSError).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = f"{os.uname().nodename}-{path.name}"
    temporary = path.with_name(f".{os.getpid()}-{ours}")
    for each in leftovers(path.parent):
        if each.name.endswith(f"-{ours}"):
            _remove(each)
    try:
        _remove(temporary)  # of a process of another day that had our number
        yield temporary
        if path.is_dir() and temporary.is_dir():
            _remove(path)
        temporary.replace(path)
    except OSError as error:
        if error.errno in FULL:
            message = f"expected room on the disk for {path}, got: {os.strerror(error.errno)}"
            raise OSError(f"{message}; free some and start again") from error
        raise
    finally:
        _remove(temporary)


def leftovers(folder: Path) -> list[Path]:
    """What `replacing` left in a folder in processes that are no more."""
    names = (_TEMPORARY.fullmatch(each.name) for each in folder.iterdir())
    return [folder / each[0] for each in names if each and not _alive(int(each[1]))]


def remove_leftovers(top: Path) -> None:
    """Remove what killed processes left in a folder and in those below it."""
    for folder, _, _ in os.walk(top):
        for each in leftovers(Path(folder)) if Path(folder).is_dir() else ():
            _remove(each)


def write_json(path: Path, content: Any) -> None:
    """Write JSON; NaN and infinities, which JSON does not know, are refused.

    Raises:
        ValueError: a number is not finite; the message names its place.
    """
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
    except ValueError:
        place, value = next(_infinite(content), ("", "one in itself"))
        where = f"finite numbers in {path}"
        raise ValueError(f"expected {where}, got {value} at {place}") from None
    with replacing(path) as temporary:
        temporary.write_text(text + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: it holds anything else; the message names the file.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON in {path}, got: {error}") from None


def _infinite(content: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Places of numbers that are not finite, and the numbers."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _infinite(value, f"{place}.{key}" if place else str(key))
    elif isinstance(content, (list, tuple)):
        for index, value in enumerate(content):
            yield from _infinite(value, f"{place}[{index}]")
    elif isinstance(content, float) and not math.isfinite(content):
        yield place, content


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's, or none of ours
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
