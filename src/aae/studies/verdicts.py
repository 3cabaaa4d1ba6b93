"""Verdicts on pairs of blocks, generated and fresh real rows, beside real against real rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aae.base.checks import at_least, expect
from aae.base.settings import check_fields, required
from aae.dataset.splits import Rows, Split
from aae.generator.graphs import TrainedModel
from aae.studies.records import Records
from aae.studies.trained import Trained
from aae.verdict.judge import NOT_DISTINGUISHED, UNDERPOWERED, Settings, judge

TITLES = {
    "verdicts": "Verdicts over seeds",
    "ablation": "Ablation: what each part contributes",
}
NOTES = {
    "verdicts": "Pairs of generated and fresh real rows that were not distinguished, each trained "
    "model on training rows of its own; real rows against real rows beside them.",
    "ablation": "The same for variants of the recipe that differ in one part.",
}
HARD = "hard checks"
PASSED = NOT_DISTINGUISHED, UNDERPOWERED  # no difference was seen


@dataclass(frozen=True)
class Verdicts:
    """How often, and how, each training is judged.

    Attributes:
        pairs: verdicts, each on as many fresh rows as the model was trained on.
        permutations: of a verdict.
    """

    pairs: int = required(at_least(1))
    permutations: int = required(at_least(1))

    def __post_init__(self) -> None:
        """Check the ranges, and that so many permutations can reject."""
        check_fields(self, "study.verdicts")
        Settings(self.permutations)

    def of(self, trained: Trained) -> dict[str, Any]:
        """Judge blocks of generated rows, and of real rows, against the same fresh real rows.

        Returns:
            generated and real: `counts` of either; code: see `carried`.

        Raises:
            ValueError: fewer test rows than two blocks a pair, each as large as the training set.
        """
        size, fresh = len(trained.train.rows), trained.fresh
        wanted = 2 * self.pairs * size
        text = f"at least {wanted} test rows (2 x {self.pairs} pairs x {size} rows)"
        expect(len(fresh.rows) >= wanted, text, len(fresh.rows))
        blocks = np.split(np.array(fresh.rows[:wanted]), 2 * self.pairs)
        rng = np.random.default_rng([trained.seed, 2])
        made = [trained.model.generate(size, rng).rows for _ in range(self.pairs)]
        real, others = blocks[: self.pairs], {"generated": made, "real": blocks[self.pairs :]}
        counts = {side: self.counts(trained, real, rows) for side, rows in others.items()}
        return counts | {"code": carried(trained.model, trained.train, fresh)}

    def counts(
        self, trained: Trained, real: Sequence[Rows], other: Sequence[Rows]
    ) -> dict[str, Any]:
        """How many pairs passed (were not distinguished), of how many, and what rejected."""
        passed, rejecting = 0, Counter[str]()
        for place, pair in enumerate(zip(real, other, strict=True)):
            settings = Settings(self.permutations, seed=1000 * trained.seed + place)
            verdict = judge(*pair, settings, train=trained.train.rows, law=trained.law)
            passed += verdict.verdict in PASSED
            rejecting.update([*verdict.rejecting, *([HARD] if verdict.failed else [])])
        return {"passed": passed, "pairs": self.pairs, "rejecting": rejecting}


def carried(model: TrainedModel, train: Split, fresh: Split) -> dict[str, float | None]:
    """What the code carries of fresh rows.

    Returns:
        row_mean: correlation of the means of rows and of their reconstructions, 0 for a constant
        reconstruction; class: see `class_accuracy`.
    """
    rows = np.array(fresh.rows)
    means = [each.mean(axis=1, dtype=float) for each in (rows, model.reconstruct(rows))]
    spread = [float(each.std()) for each in means]
    flat = spread[1] <= 1e-6 * spread[0]
    row_mean = 0.0 if flat else float(np.corrcoef(*means)[0, 1])
    return {"row_mean": row_mean, "class": class_accuracy(model, train, fresh)}


def class_accuracy(model: TrainedModel, train: Split, fresh: Split) -> float | None:
    """Share of fresh rows whose class is that of their category.

    Each category stands for the class that it mostly has among the training rows. None without
    classes or categories.
    """
    if train.labels is None or fresh.labels is None or model.categories < 2:
        return None
    rng = np.random.default_rng(0)
    of_train, of_fresh = (
        model.encode(np.array(rows), rng).mean[:, -model.categories :].argmax(axis=1)
        for rows in (train.rows, fresh.rows)
    )
    votes = np.zeros((model.categories, int(train.labels.max()) + 1))
    np.add.at(votes, (of_train, train.labels), 1)
    return float(np.mean(votes.argmax(axis=1)[of_fresh] == fresh.labels))


def summary(study: str, records: Records) -> dict[str, Any]:
    """The table of a study: title, note, command, columns and rows."""
    said = f" {of_adversary(records)}" if study == "ablation" else ""
    return {
        "title": TITLES[study],
        "note": NOTES[study] + said,
        "command": f"make {study}",
        "columns": ["rows of", "model", "not distinguished", "seen by", "row mean", "class"],
        "rows": [*lines(records)],
    }


def lines(records: Records) -> Iterator[list[str]]:
    """For each name a line for the real rows, then one for each variant."""
    real_of = None
    for (name, variant), trials in records.items():
        if name != real_of:  # every variant saw the same real rows
            yield [name, "(real rows)", *cells([each["real"] for each in trials]), "-", "-"]
            real_of = name
        codes = [each["code"] for each in trials]
        carries = (mean(each[key] for each in codes) for key in ("row_mean", "class"))
        yield [name, variant, *cells([each["generated"] for each in trials]), *carries]


def cells(counts: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many pairs passed, and the three tests that rejected most."""
    passed, pairs = (sum(each[key] for each in counts) for key in ("passed", "pairs"))
    rejecting = sum((Counter(each["rejecting"]) for each in counts), Counter[str]())
    most = ", ".join(f"{test} {count}" for test, count in rejecting.most_common(3))
    return [f"{passed} of {pairs} ({passed / pairs:.0%})", most or "-"]


def mean(values: Iterator[float | None]) -> str:
    """Mean over trainings; a dash where there is none."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def of_adversary(records: Records) -> str:
    """Say where the recipe without its adversary passes less often, as often, more often."""
    passed = {
        place: sum(each["generated"]["passed"] for each in trials)
        for place, trials in records.items()
    }
    words: dict[str, list[str]] = {"fewer": [], "as many": [], "more": []}
    for name in dict.fromkeys(name for name, _ in records):
        gain = passed[name, "default"] - passed[name, "no_adversary"]
        words["fewer" if gain > 0 else "more" if gain < 0 else "as many"].append(name)
    parts = [f"{word} on {', '.join(names)}" for word, names in words.items() if names]
    contributes = "" if words["fewer"] else " It contributes nothing on these data."
    return f"Without the adversary pairs pass: {'; '.join(parts)}.{contributes}"
