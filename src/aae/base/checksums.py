"""SHA-256 of the files of a folder, in checksums.json beside them."""

import hashlib
from pathlib import Path

from aae.base.checks import expect
from aae.base.files import read_json, write_json

CHECKSUMS = "checksums.json"


def write_checksums(folder: Path) -> None:
    """Write the checksum of every file that lies in a folder now."""
    files = sorted(each for each in folder.iterdir() if each.is_file() and each.name != CHECKSUMS)
    write_json(folder / CHECKSUMS, {each.name: _checksum(each.read_bytes()) for each in files})


def read_checked(path: Path) -> bytes:
    """Read a file whose checksum stands beside it.

    Raises:
        FileNotFoundError: there is no such file, or no checksums.json.
        ValueError: the checksum is another one, or missing.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a trained model's {path.name} in {path.parent}, got none"
        )
    listed = path.with_name(CHECKSUMS)
    if not listed.is_file():
        raise FileNotFoundError(f"expected {CHECKSUMS} beside {path}, got none: train it anew")
    sums, content = read_json(listed), path.read_bytes()
    said = sums.get(path.name) if isinstance(sums, dict) else None
    wanted = f"{path} to have the SHA-256 {said} that {CHECKSUMS} says"
    expect(_checksum(content) == said, f"{wanted} (damaged: pull or train it anew)", "another")
    return content


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
