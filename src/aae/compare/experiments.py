"""`make experiments`: the experiments of this commit, their verdicts and what each has changed.

`dvc exp show` has a column for each parameter, metric and input that any of them has.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from aae.compare.revisions import opened
from aae.report.runs import flat

NONE = "no experiments of this commit: `dvc exp run -S ...` and `aae sweep -m ...` make them"
WORDS = {"passed": "not distinguished", "underpowered": "underpowered", "different": "different"}
PARAMS, METRICS = "params.yaml", "reports/metrics.json"

State = Mapping[str, Any]  # a commit, or an experiment, as `dvc exp show --json` has it


def main() -> None:
    """Print them, the last one first, below the commit itself; a mistake exits with 1, one line."""
    from rich.console import Console

    try:
        with Console(stderr=True).status("reading"), opened() as store:
            (head,) = store.repo.experiments.show(hide_workspace=True)
    except ValueError as error:
        sys.exit(f"error: {error}")
    Console(highlight=False).print(layout(head.dumpd()))


def layout(head: State) -> Any:
    """Lay out a commit and its experiments for a terminal of any width: a rich renderable.

    Each has two paragraphs: its name (to be copied) with what it has changed, and its verdicts.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[Any] = []
    for name, changed, said in _entries(head):
        parts.append(Text.assemble((name, "bold"), *(f" {each}" for each in changed)))
        parts.append(Padding(Text(said), (0, 0, 0, 4)))
    return Group(*parts, *([] if head["experiments"] else [Text(NONE, style="dim")]))


def _entries(head: State) -> Iterator[tuple[str, list[str], str]]:
    """Name, changes and verdicts of the commit and of each of its experiments."""
    yield head["name"] or head["rev"][:7], [], verdicts(head)
    for each in head["experiments"] or ():
        last = (each["revs"] or [{}])[-1]
        word = (each["executor"] or {}).get("state", "success")
        # DVC gives one that has not run the metrics of its commit.
        said = verdicts(last) if word == "success" else f"no verdicts: {word}"
        yield each["name"] or last["rev"][:7], changes(head, last), said


def changes(head: State, state: State) -> list[str]:
    """Parameters of an experiment that the commit has otherwise or not at all, as key=value."""
    before, after = (flat(_content(each, "params", PARAMS)) for each in (head, state))
    changed = {k: v for k, v in after.items() if k not in before or before[k] != v}
    return [f"{key}={json.dumps(value)}".replace('"', "") for key, value in changed.items()]


def verdicts(state: State) -> str:
    """How many runs have which verdict, and the mean AUC of each variant."""
    found = _content(state, "metrics", METRICS)
    if not found:
        return "no verdicts"
    counts = ", ".join(f"{found[key]} {word}" for key, word in WORDS.items())
    areas = [f"{variant} {area:.2f}" for variant, area in found["auc"].items()]
    return f"{counts}; mean AUC: {', '.join(areas)}" if areas else counts


def _content(state: State, kind: str, path: str) -> Mapping[str, Any]:
    """Content of a file that DVC has read for a state, empty where it could not."""
    return ((state.get("data") or {}).get(kind, {}).get(path) or {}).get("data") or {}


if __name__ == "__main__":
    main()
