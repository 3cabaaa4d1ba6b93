"""How long stages took, and when: a journal of this machine, beside the outputs, never in them.

The same inputs have to give the same bytes, which seconds and dates are not.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

JOURNAL = Path(".dvc/tmp/stages.jsonl")  # DVC keeps .dvc/tmp out of git and of its cache
Entries = Mapping[str, Mapping[str, Any]]


@contextmanager
def timed(stage: str, words: list[str]) -> Iterator[None]:
    """Note a stage that ends well: a line with its words, seconds, and when it ended.

    Args:
        stage: its name.
        words: what it works on: name, variant and seed, say.
    """
    begun = time.monotonic()
    yield
    if JOURNAL.parent.parent.is_dir():  # a DVC repository
        JOURNAL.parent.mkdir(exist_ok=True)
        seconds, ended = time.monotonic() - begun, datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"seconds": round(seconds, 1), "ended": ended}
        with JOURNAL.open("a", encoding="utf-8") as file:  # whole lines, whoever else appends
            file.write(json.dumps({"run": "/".join([stage, *words]), **entry}) + "\n")


def last_runs() -> Entries:
    """Read the last entry of each run, by "STAGE/WORD/..."; a line that a kill tore is left out."""
    entries = {}
    for line in JOURNAL.read_text(encoding="utf-8").splitlines() if JOURNAL.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        entries[entry.pop("run")] = entry
    return entries
