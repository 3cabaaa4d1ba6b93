"""What went wrong in training, where rows are told from real rows: a dead adversary, dead codes."""

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aae.base.checksums import read_checked
from aae.dataset.splits import Rows
from aae.evaluation.diagnosis import NOTICEABLE
from aae.evaluation.reconstruction import errors
from aae.evaluation.reference import linear_bound
from aae.evaluation.samples import Blocks, Generated
from aae.generator.graphs import TrainedModel
from aae.verdict.judge import DIFFERENT, ERROR, NOT_DISTINGUISHED, Verdict

CHANCE = math.log(2)  # loss of a discriminator that says the same of every row
LAST = 0.1  # share of the epochs that is looked at, the end of training
# A discriminator is blind whose loss is not below this share of chance. One that saw what trees see
# at `TOLD` would be at .977: for normal laws, d' = sqrt(2) Phi^-1(TOLD), loss = log 2 - d'^2 / 8.
BLIND = 0.99
TOLD = 0.6  # area under the curve of trees, from which a difference is not small
WINS = 0.95  # accuracy from which a discriminator leaves its opponent no way
APART = 10  # times: learning rates of two opponents that are too far from one another
LACKING = 0.05  # share of the variance that a linear code explains beyond what the model does
MOST_NAMED = 3

Array = NDArray[np.float64]
# What a discriminator sees -> what it is there for, the comparison that tells whether it worked,
# and who opposes it.
SEEN = {
    "latent": ("codes from the prior", "codes", "encoder"),
    "data": ("generated from real rows", "generated", "decoder"),
}


@dataclass(frozen=True)
class Training:
    """What a training left to be read.

    Attributes:
        history: losses over epochs, by name.
        rates: learning rates of the discriminators, and of the autoencoder.
    """

    history: Mapping[str, Array]
    rates: tuple[float, float]

    @classmethod
    def read(cls, folder: Path) -> "Training":
        """Read history.csv and recipe.json of a trained model's folder."""
        rows = list(csv.DictReader(io.StringIO(read_checked(folder / "history.csv").decode())))
        history = {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}
        train = json.loads(read_checked(folder / "recipe.json"))["train"]
        return cls(history, (train["discriminator_learning_rate"], train["learning_rate"]))


def faults(
    model: TrainedModel,
    training: Training,
    verdicts: Mapping[str, Verdict],
    made: Generated,
    real: Blocks,
    train: Rows,
) -> list[str]:
    """Sentences on what went wrong in training.

    None where generated rows are not distinguished: then nothing did that matters. Under `joint` no
    code is missed: residuals carry what codes do not.

    Args:
        model, training: of the run.
        verdicts: on `generated` rows and on `codes`.
        made, real: rows that were compared.
        train: rows that the model learned from.
    """
    if verdicts["generated"].verdict == NOT_DISTINGUISHED:
        return []
    said = dead_adversaries(training, verdicts)
    rows = real.encoded.rows
    silent = [] if model.joint else silent_dimensions(model, rows)
    if silent:
        bound = linear_bound(train, rows)[: model.latent]
        said += collapsed_codes(
            silent, model.latent, errors(rows, made.mean)["explained"], bound[-1]
        )
    return said


def dead_adversaries(training: Training, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Sentences on discriminators that do not see what is there to see, or always win.

    Args:
        training: what it logged.
        verdicts: on `generated` rows and on `codes`.
    """
    pairs = [(name, verdicts[part]) for name, (_, part, _) in SEEN.items()]
    said = [
        _adversary(name, training)
        for name, verdict in pairs
        if f"{name}_discriminator" in training.history and _told(verdict)
    ]
    return [each for each in said if each]


def _told(verdict: Verdict) -> bool:
    """Whether a comparison fails, and by so much that a discriminator should see it."""
    trees = verdict.tests.get("classifier")
    return verdict.verdict in (DIFFERENT, ERROR) and (trees is None or trees.statistic >= TOLD)


def _adversary(name: str, training: Training) -> str:
    """What a discriminator does that could see a difference; empty where it sees it."""
    losses, accuracies = (
        training.history[f"{name}_{what}"] for what in ("discriminator", "accuracy")
    )
    last = max(1, round(LAST * len(losses)))
    loss, accuracy = float(losses[-last:].mean()), float(accuracies[-last:].mean())
    difference, _, opponent = SEEN[name]
    if not loss < BLIND * CHANCE:
        return (
            f"The {name} discriminator is dead: it does not tell {difference}, though they differ "
            f"(its loss in the last {last} epochs is {loss:.3g}, chance is {CHANCE:.3g}): "
            f"{_cure(training.rates)}."
        )
    if accuracy >= WINS:
        return (
            f"The {name} discriminator always wins (it tells {difference} with an accuracy of "
            f"{accuracy:.0%} in the last {last} epochs), the {opponent} cannot follow: lower "
            "train.discriminator_learning_rate, or raise train.adversary_weight."
        )
    return ""


def _cure(rates: tuple[float, float]) -> str:
    """What may bring a dead discriminator to life, by the learning rates of both sides."""
    own, other = rates
    if max(own, other) > APART * min(own, other):
        return (
            f"bring train.discriminator_learning_rate, {own:g}, nearer to train.learning_rate, "
            f"{other:g}"
        )
    return "more epochs, or a wider model.discriminator, may show it more"


def silent_dimensions(model: TrainedModel, rows: Rows) -> list[int]:
    """Dimensions of z, from 1, that tell the decoder nothing of rows.

    Where each row has the mean code of another row in that dimension, no column of the
    reconstruction changes by `NOTICEABLE` standard deviations. So codes that are all equal, codes
    that are noise alone, and codes that the decoder does not listen to are found by one rule.
    """
    rng = np.random.default_rng(0)
    codes = model.encode(rows, rng).mean
    wanted, scale = model.decode(codes, rng).mean, rows.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 0, scale, np.inf)
    silent = []
    for place in range(model.latent):
        others = codes.copy()
        others[:, place] = np.roll(codes[:, place], 1)
        change = np.square((model.decode(others, rng).mean - wanted) / scale)
        if not np.sqrt(change.mean(axis=0) / 2).max() >= NOTICEABLE:
            silent.append(place + 1)
    return silent


def collapsed_codes(silent: list[int], latent: int, explained: float, linear: float) -> list[str]:
    """A sentence on dimensions that are silent although a code would have something to say.

    Silent ones are right where a code explains nothing, as of independent columns, and where fewer
    explain all.

    Args:
        silent: dimensions, from 1, of the `latent` ones.
        explained: share of the variance that the model's reconstruction explains;
        linear: the same of a linear autoencoder with as many dimensions.
    """
    if not silent or not linear > explained + LACKING:
        return []
    return [
        f"Codes have collapsed: {_silence(silent, latent)}, and the model "
        f"explains {max(0.0, explained):.0%} of the variance, where a linear code of as many "
        f"dimensions explains {linear:.0%}: lower model.information or train.adversary_weight, "
        "or raise train.reconstruction_weight."
    ]


def _silence(silent: list[int], latent: int) -> str:
    """Silent dimensions in words."""
    if len(silent) == latent:
        return "z tells the decoder nothing"
    few, more = ", ".join(f"z{each}" for each in silent[:MOST_NAMED]), len(silent) - MOST_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{few}{rest} of {latent} dimensions tell the decoder nothing"
