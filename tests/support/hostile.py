"""The three pages, made of names and texts of somebody else's, and what a browser would build.

A word stands wherever a table, a configuration or a revision is named or quoted.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from aae.check.checking import check
from aae.check.page import page as check_page
from aae.check.tables import Reading
from aae.compare.comparison import compare_runs
from aae.compare.versions import Compared
from aae.compare.view import page as compare_page
from aae.report.page import page as report_page
from aae.report.runs import read_reports
from aae.verdict.judge import Settings
from support.report_runs import Shape, write_runs

PLAIN = "a"
EVIL = (
    "<script>alert(1)</script>",
    "</title></style></script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &amp;",
    "<svg onload=alert(1)><!-- ]]> -->",
    "{{ 7 * 7 }}{% raw %} ${alert(1)}",
)


def report_text(word: str) -> str:
    """A report whose classes, columns, differences and reasons are the word; so are the names."""
    name = word.replace("/", "|")  # of folders
    with elsewhere():
        write_runs({name: Shape(2, 7, 2)}, {name: {"model": {"prior": word}}}, {0: False})
        for path in Path("reports").rglob("metrics.json"):
            path.write_text(json.dumps(replaced(json.loads(path.read_text()), word)))
        return report_page(read_reports([name], {name: {"model": {"prior": word}}}, [0]))


def replaced(content: Any, word: str) -> Any:
    """The same with the word in place of each text that a table or a person could have chosen."""
    if isinstance(content, dict):
        fixed = "verdict"  # one of four
        return {
            key: each if key == fixed else replaced(each, word) for key, each in content.items()
        }
    if isinstance(content, list):
        return [replaced(each, word) for each in content]
    chosen = isinstance(content, str) and content not in ("classifier", "energy")
    return word if chosen else content


def check_text(word: str) -> str:
    """A check of tables with such columns, cells, labels and file names."""
    with elsewhere():
        rng = np.random.default_rng(0)
        for file, by in (("real", 0), ("made", 3)):
            columns = {
                f"{word}": rng.normal(size=60) + by,
                f"{word} other": rng.normal(size=60) + by,
                f"{word} text": [(f"{word} a", f"{word} b")[i % 2] for i in range(60)],
                f"{word} label": [(f"{word} y", f"{word} z")[i % 3 > by] for i in range(60)],
            }
            with named(word, file).open("wb") as sink:
                parquet.write_table(pa.table(columns), sink)
        found = check(
            *(named(word, file) for file in ("real", "made")),
            settings=Settings(permutations=239),
            reading=Reading(label=f"{word} label"),
        )
        return check_page([found])


def named(word: str, file: str) -> Path:
    """A file of such a name."""
    return Path(f"{word.replace('/', '|')[:40]} {file}.parquet")


def compare_text(word: str) -> str:
    """A comparison of revisions, names, variants, metrics and parameters of this name."""
    rng = np.random.default_rng(0)
    base, other = (
        {(word, word): {seed: {word: float(rng.normal() + by)} for seed in range(5)}}
        for by in (0, 3)
    )
    changes = ((word, word, f"{word} other"),)
    return compare_page([Compared(word, word, changes, compare_runs(base, other))], None)


PAGES: dict[str, Callable[[str], str]] = {
    "report": report_text,
    "check": check_text,
    "compare": compare_text,
}


@contextmanager
def elsewhere() -> Iterator[None]:
    """Work in an empty folder."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


class Built(HTMLParser):
    """Elements of a page with the names of their attributes, and all that is text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


@cache
def plain(page: str, length: int) -> Built:
    """The page of a word that means nothing to a browser; drawings have room for its length."""
    return Built(PAGES[page](PLAIN * length))
