"""`make live`: losses of the trainings that run, here, in `dvc plots` and in VS Code.

A stage's outputs appear whole or not at all: until then, dvclive writes into a folder that DVC
passes over. While this runs, the losses there are copied to reports/live/, which dvc.yaml plots.
"""

import csv
import math
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from rich.live import Live
from rich.table import Table

from aae.base.files import leftovers, remove_leftovers, replacing

LOSSES = Path("reports/live/losses.csv")
EVERY = 2.0  # seconds
BARS, WIDTH = "▁▂▃▄▅▆▇█", 30
Curve = list[tuple[int, float, float]]  # epoch, loss, validation loss


def running() -> dict[tuple[str, str, str], Curve]:
    """Losses of the models that are trained here now, by name, variant and seed."""
    found = {}
    for folder in sorted(Path("models").glob("*/*/.[0-9]*-*")):
        seed = folder.name.rpartition("-")[2]
        if seed.isdecimal() and folder not in leftovers(folder.parent):
            found[folder.parts[-3], folder.parts[-2], seed] = curve(folder / "live/plots/metrics")
    return found


def curve(folder: Path) -> Curve:
    """What dvclive has logged of a training by now: every tenth epoch."""
    train, validation = (_scalars(folder / f"{key}.tsv") for key in ("total", "val_total"))
    return [(step + 1, train[step], validation[step]) for step in train if step in validation]


def _scalars(path: Path) -> dict[int, float]:
    """Step -> value of a file of dvclive's, but for a line that is being written."""
    try:
        _, *lines = path.read_text().splitlines(keepends=True)
    except (FileNotFoundError, ValueError):  # not begun, or moved into its place meanwhile
        return {}
    pairs = (line.split("\t") for line in lines if line.endswith("\n"))
    values = {int(step): float(value) for step, value in pairs}
    return {step: value for step, value in values.items() if math.isfinite(value)}


def write(found: dict[tuple[str, str, str], Curve]) -> None:
    """Write reports/live/losses.csv, none if nothing runs; columns as in history.csv."""
    if not any(found.values()):
        LOSSES.unlink(missing_ok=True)
        return
    with replacing(LOSSES) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "variant", "seed", "epoch", "train", "validation"))
        writer.writerows([*model, *point] for model, points in found.items() for point in points)


def shown(found: dict[tuple[str, str, str], Curve]) -> Table:
    """A line for each training: where it is, and how its validation loss fell."""
    title = f"{len(found) or 'no'} training{'s' * (len(found) != 1)} running here"
    table = Table("model", "epoch", "loss", "validation loss", "", title=title)
    for model, points in found.items():
        last = [f"{each:.5g}" for each in points[-1]] if points else ["-"] * 3
        table.add_row(" ".join(model), *last, bars([point[2] for point in points]))
    return table


def bars(values: list[float]) -> str:
    """At most WIDTH values as bars between their least and their largest."""
    few = values[:: -(-len(values) // WIDTH) or 1]
    low = min(few, default=0.0)
    span = max(few, default=0.0) - low or 1.0
    return "".join(BARS[round((value - low) / span * (len(BARS) - 1))] for value in few)


def looks() -> Generator[Table]:
    """Look again and again; reports/live/losses.csv is there meanwhile."""
    remove_leftovers(LOSSES.parent)
    try:
        while True:
            found = running()
            write(found)
            yield shown(found)
            time.sleep(EVERY)
    finally:
        LOSSES.unlink(missing_ok=True)


def main() -> None:
    """Follow all trainings in this folder until Ctrl-C."""
    with suppress(KeyboardInterrupt), Live(auto_refresh=False) as screen:
        for table in looks():
            screen.update(table, refresh=True)


if __name__ == "__main__":
    main()
