"""The history holds the epochs of the model that is kept."""

import csv
from pathlib import Path

from aae.model.history import History


def scalars(total: float, categories: int) -> dict[str, float]:
    return {"total": total, "val_total": total, "categories": categories}


def written(folder: Path, kept: int | None) -> tuple[list[dict[str, str]], str]:
    with History(folder, "title", 5) as history:
        for epoch, total in enumerate((3.0, 2.0, 2.5)):
            history.log(epoch, scalars(total, 1))
        for epoch, total in enumerate((1.0, 0.5)):
            history.log(epoch, scalars(total, 4) | {"late": 7.0})
        history.kept = kept
    return list(csv.DictReader((folder / "history.csv").open())), history.conclusion()


def test_epochs_with_other_categories_stay_out(tmp_path: Path) -> None:
    rows, conclusion = written(tmp_path, 1)
    assert [(row["epoch"], row["val_total"]) for row in rows] == [
        *(("0", "3.0"), ("1", "2.0"), ("2", "2.5"))
    ]
    assert conclusion == "best validation loss 2 in epoch 2 of 3"


def test_without_a_choice_all_epochs_are_written(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, None)
    assert len(rows) == 5
    assert [row["late"] for row in rows] == ["", "", "", "7.0", "7.0"]
