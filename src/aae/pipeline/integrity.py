"""`make verify`: is what DVC has cached and checked out what its name, an MD5, says?

DVC trusts a read-only file of its cache, and a checked out one whose time and size have not
changed, without reading it: one flipped bit would be taken for the result.
"""

import errno
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from aae.base.plain_yaml import check_yaml
from aae.pipeline.alone import alone
from aae.pipeline.configure import PARAMS, plain_or_exit

LOCK, RWLOCK = Path("dvc.lock"), Path(".dvc/tmp/rwlock")
WRITING = 0.5  # seconds that DVC needs to write RWLOCK, at most
ABANDONED = 24 * 3600.0  # seconds after which nobody writes a temporary file on
FOLDER = ".dir"  # ends the MD5 of a folder's listing


def remove_torn_lock(path: Path = RWLOCK) -> None:
    """Remove DVC's list of who reads and writes what, where a kill has left half of it.

    DVC writes it in place, and runs nothing as long as it cannot be read. It is looked at twice,
    as another process may be writing.
    """
    if not _readable(path):
        time.sleep(WRITING)
        if not _readable(path):
            path.unlink(missing_ok=True)


def _readable(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True


def cache_folder() -> Path:
    """DVC's cache: a folder with a file an object: AB/CDEF... holds what has the MD5 ABCDEF..."""
    from dvc.repo import Repo

    with Repo() as repo:
        return Path(repo.cache.local.path)


def all_objects(cache: Path) -> list[Path]:
    """All files of the cache, in order, but for what a process may be writing (`.NAME.tmp`)."""
    return sorted(path for path in cache.glob("??/[!.]*") if path.is_file())


def remove_abandoned(cache: Path) -> None:
    """Remove what killed processes have left half written in the cache."""
    for path in cache.glob("??/.*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def damaged_objects(objects: list[Path]) -> list[Path]:
    """Return the cached files whose content is not that of their name; one may be gone by now."""
    with ThreadPoolExecutor() as pool:
        sums = pool.map(md5_if_there, objects)
        return [
            path
            for path, each in zip(objects, sums, strict=True)
            if each not in (None, named(path))
        ]


def named(path: Path) -> str:
    """The MD5 that a cached file's path says."""
    return path.parent.name + path.name.removesuffix(FOLDER)


def md5(path: Path) -> str:
    """The MD5 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def md5_if_there(path: Path) -> str | None:
    """The MD5 of a file; None where there is none, as after somebody's `dvc gc`."""
    try:
        return md5(path)
    except FileNotFoundError:
        return None


def damaged_outputs(lock: Path, cache: Path) -> list[Path]:
    """Return the files of dvc.lock's outputs that are neither as it says nor of another run.

    Looked at are those whose object is cached: others are git's, or removed as damaged.
    """
    return [
        path
        for path, said in expected(lock, cache)
        if path.is_file() and place(cache, said).is_file() and not known(path, cache)
    ]


def known(path: Path, cache: Path) -> bool:
    """Whether a file's content is cached, as an output of this or of another run."""
    return place(cache, md5(path)).is_file()


def place(cache: Path, said: str) -> Path:
    """Where the object of an MD5 is cached."""
    return cache / said[:2] / said[2:]


def expected(lock: Path, cache: Path) -> Iterator[tuple[Path, str]]:
    """Each file of dvc.lock's outputs, and each folder whose listing is absent, and its MD5."""
    for out in outputs(lock):
        path, said = Path(out["path"]), str(out["md5"])
        listing = place(cache, said)
        if said.endswith(FOLDER) and listing.is_file():
            entries = _entries(listing)
            yield from ((path / entry["relpath"], entry["md5"]) for entry in entries)
        else:
            yield path, said.removesuffix(FOLDER)


def _entries(listing: Path) -> list[dict[str, str]]:
    """Files of a folder; none where the listing is damaged, which is said elsewhere."""
    try:
        return list(json.loads(listing.read_bytes()))
    except ValueError:
        return []


def outputs(lock: Path) -> list[dict[str, Any]]:
    """All outputs that dvc.lock names, with their MD5.

    Raises:
        ValueError: it is not as DVC writes it.
    """
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from voluptuous import Invalid

    try:
        text = lock.read_bytes()
        if any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, yaml.CSafeLoader)):
            check_yaml([lock])  # which the schema would expand; a lock without any may be large
        content = yaml.load(text, yaml.CSafeLoader)
        stages = COMPILED_LOCKFILE_SCHEMA(content).get("stages", {})
    except FileNotFoundError:
        return []
    except (yaml.YAMLError, Invalid) as error:
        got = " ".join(str(error).split())
        raise ValueError(
            f"expected {lock} as DVC writes it, got: {got}: `git checkout {lock}`, or remove it"
        ) from None
    outs = (out for stage in stages.values() for out in stage.get("outs", ()))
    return [out for out in outs if "md5" in out]


def check_before_use() -> None:
    """Remove what is damaged of the cached files that a run may take its results from.

    Those are all of a cache of the project's own. Of one that others share, which may be large,
    dvc.lock's outputs alone are read.

    Raises:
        PermissionError: the cache is somebody else's, and can't be written to.
    """
    cache = cache_folder()
    if cache.exists() and not os.access(cache, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(cache))
    remove_abandoned(cache)
    if cache.is_relative_to(Path.cwd()):
        remove_damaged(cache, all_objects(cache))
    else:
        places = {place(cache, out["md5"]) for out in outputs(LOCK)}
        places |= {place(cache, said) for _, said in expected(LOCK, cache)}
        remove_damaged(cache, sorted(path for path in places if path.is_file()))


def remove_damaged(cache: Path, objects: list[Path]) -> int:
    """Remove damaged cached files, so that DVC runs or fetches anew; returns how many.

    Each is named on standard error, and so is what it holds of dvc.lock's outputs.
    """
    damaged = damaged_objects(objects)
    for path in damaged:
        path.unlink(missing_ok=True)
    owners = {said: path for path, said in expected(LOCK, cache)} if damaged else {}
    for path in damaged:
        owner = owners.get(named(path), "of another run")
        print(f"damaged in DVC's cache, removed: {owner} ({path})", file=sys.stderr)
    return len(damaged)


def main() -> None:
    """Check the cache and the outputs; exit with 1 where something was damaged, and is removed."""
    plain_or_exit(PARAMS)
    with alone():
        verify()


def verify() -> None:
    """Do so, while nothing is reproduced here."""
    outputs(LOCK)  # refused here, before all is read, where it is damaged
    cache = cache_folder()
    number = remove_damaged(cache, all_objects(cache))
    changed = damaged_outputs(LOCK, cache)
    for path in changed:
        print(f"not what dvc.lock says, removed: {path}", file=sys.stderr)
        path.unlink()
    if number or changed:
        sys.exit(f"{number + len(changed)} files were damaged: `make reproduce` mends them")
    print("cache and outputs are what their names say")


if __name__ == "__main__":
    main()
