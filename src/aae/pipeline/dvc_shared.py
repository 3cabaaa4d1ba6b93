"""DVC's command line, for many processes that share one run cache.

DVC 3.67 looks for the newest entry of a stage among all files of a folder, those included that
another process is still writing. It takes such a file for a broken entry and deletes it, or fails
as the file gets its final name meanwhile, or as the folder is empty yet. Here, only whole entries
are looked at. And on a full disk nothing hangs or is torn: DVC's databases are not tried for ever,
and dvc.lock, of which a kill would leave a part, too, is replaced whole.
Run as a file, this module needs no `aae` to be installed.
"""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import diskcache
from dvc import dvcfile
from dvc.cli import main
from dvc.stage import cache
from dvc.utils.serialize import dumps_yaml, parse_yaml


def newest(self: cache.StageCache, stage: Any) -> Any:
    """Newest entry of a stage; None where there is none."""
    key = cache._get_stage_hash(stage)
    if not key:
        return None
    ages = {}
    for path in Path(self._get_cache_dir(key)).glob("[!.]*"):  # a temporary name has a dot
        with suppress(FileNotFoundError):
            ages[path.name] = path.stat().st_mtime
    return self._load_cache(key, max(ages, key=lambda name: ages[name])) if ages else None


in_place = dvcfile.modify_yaml


@contextmanager
def replaced(path: str, fs: Any = None) -> Iterator[Any]:
    """Yield the content of dvc.lock to be changed; of other files, as DVC does.

    DVC keeps comments of a file that it writes to, which takes it ten times as long; this one has
    none.
    """
    lock = Path(path)
    if lock.name != dvcfile.LOCK_FILE:
        with in_place(path, fs=fs) as content:
            yield content
        return
    content = parse_yaml(lock.read_text(encoding="utf-8"), path) if lock.exists() else {}
    yield content
    temporary = lock.with_name(f".{os.getpid()}-{lock.name}")  # which git and DVC ignore
    try:
        temporary.write_text(dumps_yaml(content), encoding="utf-8")
        temporary.replace(lock)
    finally:
        temporary.unlink(missing_ok=True)


ROOM = 2**20  # bytes without which no database is tried again
once = diskcache.Cache._transact


@contextmanager
def transaction(self: diskcache.Cache, retry: bool = False, filename: str | None = None) -> Any:
    """A transaction on a database, begun again where others have it, but not on a full disk.

    Raises:
        OSError: the disk is full.
    """
    with ExitStack() as stack:
        while True:
            try:
                begun = stack.enter_context(once(self, False, filename))
                break
            except diskcache.Timeout:
                if shutil.disk_usage(self.directory).free < ROOM:
                    full = errno.ENOSPC
                    raise OSError(full, os.strerror(full), self.directory) from None
                if not retry:
                    raise
        yield begun


def share() -> None:
    """Let DVC in this process do so."""
    cache.StageCache._load = newest
    dvcfile.modify_yaml = replaced
    diskcache.Cache._transact = transaction


if __name__ == "__main__":
    share()
    sys.exit(main(sys.argv[1:]))
