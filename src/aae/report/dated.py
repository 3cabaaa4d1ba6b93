"""`make page`: the report with revision and times, to be sent around, as page.html.

reports/index.html is a function of its inputs; seconds, dates and git's revision are not, so they
are written into a copy.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from aae.base.files import replacing
from aae.base.journal import Entries, last_runs

REPORT, PAGE = Path("reports/index.html"), Path("page.html")
PLACES = re.compile("<!-- (revision|run (?P<run>[^ ]+)) -->")  # which the template leaves
STAGES = {"train": "trained", "evaluate": "evaluated"}


def main() -> None:
    """Write page.html; without a report, exit with 1 and one line."""
    if not REPORT.exists():
        sys.exit(f"error: expected {REPORT}, got no such file: `make reproduce` makes it")
    text = dated(REPORT.read_text(encoding="utf-8"), revision(), last_runs())
    with replacing(PAGE) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE}", file=sys.stderr)


def dated(text: str, said: str, runs: Entries) -> str:
    """Fill the places that the template leaves for what changes though no input does."""

    def filled(match: re.Match[str]) -> str:
        return escape(times(match["run"], runs) if match["run"] else said)

    return PLACES.sub(filled, text)


def revision() -> str:
    """Say which commit is checked out, and whether what DVC recorded is part of it."""
    commit = _git("log", "-1", "--format=%h of %cs")
    changed = _git("status", "--porcelain", "--", "dvc.lock", "params.yaml", "src")
    more = " and changes that are not committed" if changed else ""
    return f"Made at revision {commit}{more}."


def _git(*words: str) -> str:
    command = ["git", "--no-optional-locks", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def times(run: str, runs: Entries) -> str:
    """Say how long the last runs of a model's stages took on this machine."""
    known = {
        word: runs[f"{name}/{run}"] for name, word in STAGES.items() if f"{name}/{run}" in runs
    }
    said = ", ".join(f"{word} in {_shown(entry)}" for word, entry in known.items())
    return f"Here last {said}." if said else "Not run on this machine."


def _shown(entry: Mapping[str, Any]) -> str:
    return f"{entry['seconds']:.0f} s ({entry['ended'][:10]})"


if __name__ == "__main__":
    main()
