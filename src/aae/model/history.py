"""The history of a training run: a progress bar, dvclive's log and history.csv."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self

from dvclive.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

# dvclive rewrites and flushes a file a scalar and step, which for every epoch of a small model is
# as long as the epoch. All scalars of all epochs stand in history.csv.
LIVE = ("total", "val_total")
LIVE_EVERY = 10  # epochs


class History:
    """Logs the scalars of every epoch; history.csv is written at the end.

    Args:
        folder: receives history.csv and dvclive's folder live/.
        title: shown beside the progress bar.
        epochs: the largest number of epochs.

    Attributes:
        kept: categories of the model that is kept; epochs with others stay out of history.csv.
    """

    def __init__(self, folder: Path, title: str, epochs: int):
        """Open the log."""
        self.folder, self.rows = folder, list[dict[str, float]]()
        self.kept: int | None = None
        # Without these, dvclive rewrites dvc.yaml, saves an experiment and draws a report.
        self.live = Live(str(folder / "live"), dvcyaml=None, save_dvc_exp=False, report=None)
        loss = TextColumn("validation loss {task.fields[loss]:.4g}")
        self.progress = Progress("{task.description}", BarColumn(), loss, TimeRemainingColumn())
        self.task = self.progress.add_task(title, total=epochs, loss=float("nan"))

    def __enter__(self) -> Self:
        """Show the progress bar."""
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the log; write history.csv."""
        self.progress.stop()
        self.live.end()
        self.rows = [row for row in self.rows if self.kept in (None, row["categories"])]
        columns = list(dict.fromkeys(key for row in self.rows for key in row))
        with (self.folder / "history.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)

    def log(self, epoch: int, scalars: dict[str, float]) -> None:
        """Take the scalars of one epoch."""
        if len(self.rows) % LIVE_EVERY == 0:
            self.live.step = len(self.rows)
            for name in LIVE:
                self.live.log_metric(name, scalars[name])
        self.rows.append({"epoch": epoch, **scalars})
        self.progress.update(self.task, advance=1, loss=scalars["val_total"])

    def conclusion(self) -> str:
        """Return one line: how long, and how good."""
        best = min(self.rows, key=lambda row: row["val_total"])
        return (
            f"best validation loss {best['val_total']:.4g} in epoch {int(best['epoch']) + 1} "
            f"of {len(self.rows)}"
        )
