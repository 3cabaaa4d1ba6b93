"""A trained model and what a study holds beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aae.base.files import read_json
from aae.dataset.splits import Split, read_law, read_split
from aae.evaluation.verdicts import known_law
from aae.generator.graphs import TrainedModel
from aae.verdict.hard_checks import KnownLaw


@dataclass(frozen=True)
class Trained:
    """One training, as the train stage left it.

    Attributes:
        model: what is measured.
        train: rows that it was trained on.
        fresh: test rows, of the same law.
        law: what a verdict may know of it.
        recipe: content of the model's recipe.json.
        seed: of the training, and of all that a measure draws.
    """

    model: TrainedModel
    train: Split
    fresh: Split
    law: KnownLaw
    recipe: Mapping[str, Any]
    seed: int

    @classmethod
    def read(cls, name: str, variant: str, seed: int) -> "Trained":
        """Read models/NAME/VARIANT/SEED and data/NAME."""
        folder, data = Path("models", name, variant, str(seed)), Path("data", name)
        return cls(
            TrainedModel(folder),
            read_split(data / "train"),
            read_split(data / "test"),
            known_law(read_law(name)),
            read_json(folder / "recipe.json"),
            seed,
        )
