"""Measured tables within the documentation, between two comments that name them."""

from pathlib import Path

from aae.base.checks import expect
from aae.base.files import replacing


def put_between(document: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Without the document nothing is written.

    Raises:
        ValueError: the document lacks one of both: a table would grow old in it unseen.
    """
    if not document.exists():
        return
    begin, end = (f"<!-- {name}: {side} -->" for side in ("begin", "end"))
    content = document.read_text()
    expect(begin in content and end in content, f"{begin} and {end} in {document}", "not both")
    before, after = content[: content.index(begin)], content[content.index(end) :]
    with replacing(document) as temporary:
        temporary.write_text(f"{before}{begin}\n\n{text}\n\n{after}")
