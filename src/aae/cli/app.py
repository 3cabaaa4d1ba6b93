"""The application that the subcommands belong to, and what their options share."""

from pathlib import Path

import typer

from aae.base.checks import expect

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def writable(path: Path | None) -> Path | None:
    """Expect, before any work, a place for a file.

    Raises:
        ValueError: there is a folder, or one of its folders is a file.
    """
    if path is not None:
        expect(not path.is_dir(), "a file to write, not a folder", str(path))
        above = next(folder for folder in path.parents if folder.exists())
        expect(above.is_dir(), f"a folder to write {path.name} into", str(above))
    return path


def write_page(path: Path, text: str) -> None:
    """Write an HTML page, whole or not at all."""
    from aae.base.files import replacing

    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def separator(text: str) -> str:
    r"""A separator as it is typed, \t for a tab.

    Raises:
        ValueError: not one character.
    """
    found = text.replace("\\t", "\t")
    expect(len(found) == 1, "a separator of one character", text)
    return found


Separator = typer.Option(help="between the cells of CSV; \\t: tabs", callback=separator)
Gaps = typer.Option(metavar="TEXT", help="means a gap, too; repeatable")
Result = typer.Option(help="write the result here, too", callback=writable)


@app.callback()
def commands() -> None:
    """Does this generative model really model this distribution?"""
