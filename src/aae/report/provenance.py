"""Where a run comes from: MD5 of its outputs as dvc.lock has them, which name a revision."""

import json
from hashlib import md5
from pathlib import Path


def folder_md5(folder: Path) -> str:
    """MD5 that dvc.lock gives to a folder: that of the list of its files and their MD5.

    It follows from the content, so that the page can show it and still be a function of its inputs.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = [
        {"md5": _md5(path), "relpath": path.relative_to(folder).as_posix()} for path in files
    ]
    entries.sort(key=lambda entry: entry["relpath"])
    return f"{_hexadecimal(json.dumps(entries, sort_keys=True).encode())}.dir"


def _md5(path: Path) -> str:
    return _hexadecimal(path.read_bytes())


def _hexadecimal(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()
