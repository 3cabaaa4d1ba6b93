"""Measured tables within the documentation, between two comments that name them."""

from pathlib import Path

from aae.files import replacing


def put_between(document: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Without both, or without the document, nothing is written.
    """
    begin, end = (f"<!-- {name}: {side} -->" for side in ("begin", "end"))
    found = document.read_text() if document.exists() else ""
    if begin in found and end in found:
        before, after = found[: found.index(begin)], found[found.index(end) :]
        with replacing(document) as temporary:
            temporary.write_text(f"{before}{begin}\n\n{text}\n\n{after}")
