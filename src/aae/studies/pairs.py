"""Studies: verdicts on many trainings of a recipe, each on rows of its own, beside real rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.generator.graphs import TrainedModel
from aae.laws.contract import Law
from aae.laws.registry import law_from
from aae.model.configuration import Recipe
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.judge import NOT_DISTINGUISHED, UNDERPOWERED, Settings, judge


@dataclass(frozen=True)
class Case:
    """Rows to be drawn.

    Attributes:
        law: of the rows.
        rows: for training, and on each side of a verdict.
        columns: of each row.
    """

    law: Law
    rows: int
    columns: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any], changes: Mapping[str, Any]) -> "Case":
        """Read a distribution of params.yaml, with changes."""
        values = {**parameters, **changes}
        sizes = {key: values.pop(key) for key in ("rows", "test_rows", "columns", "seed")}
        return cls(law_from(values), sizes["rows"], sizes["columns"])

    def draw(self, rows: int, *seed: int) -> Split:
        """Draw rows, shape (rows, columns)."""
        return Split(*self.law.sample(rows, self.columns, np.random.default_rng(seed)))

    @property
    def known(self) -> KnownLaw:
        """What a verdict may know of the law."""
        atoms = self.law.atoms()
        moments = np.array(self.law.moments(self.columns))
        return KnownLaw(*self.law.support(), None if atoms is None else atoms.tolist(), moments)


@dataclass(frozen=True)
class Design:
    """How often, and how, a study judges.

    Attributes:
        seeds: each draws its own rows and trains on them.
        pairs: verdicts on each trained model, on fresh rows of either side.
        permutations: of a verdict.
        variants: that are trained.
    """

    seeds: list[int]
    pairs: int
    permutations: int
    variants: list[str]


def trials(case: Case, recipes: Mapping[str, Recipe], design: Design) -> Iterator[dict[str, Any]]:
    """Train and judge each recipe with each seed, and judge real rows likewise.

    Yields:
        Records with `variant` (None for real rows), `seed`, `verdicts` (how often a pair was not
        distinguished), `pairs`, `rejecting` (how often by each test), and `code` for models.
    """
    for seed in design.seeds:
        train = case.draw(case.rows, seed, 0)
        fresh = case.draw(2 * design.pairs * case.rows, seed, 1)
        blocks = np.split(fresh.rows, 2 * design.pairs)
        real, control = blocks[: design.pairs], blocks[design.pairs :]
        yield judged(case, train.rows, real, control, seed, design) | {"variant": None}
        for variant, recipe in recipes.items():
            model = trained(train, recipe, seed)
            rng = np.random.default_rng([seed, 2])
            made = [model.generate(case.rows, rng).rows for _ in real]
            record = judged(case, train.rows, real, made, seed, design)
            yield record | {"variant": variant, "code": carried(model, train, fresh)}


def trained(train: Split, recipe: Recipe, seed: int) -> TrainedModel:
    """Train and export a model as the train stage does; what is judged is what is shipped."""
    import keras

    from aae.model.export import export
    from aae.model.runtime import reproducible
    from aae.model.training import build, fit

    keras.utils.clear_session()  # or the graphs of all trainings before stay in memory
    reproducible(seed)
    model = build(train, recipe.model)
    fit(model, train, recipe.train, seed, lambda epoch, scalars: None)
    with TemporaryDirectory() as folder:
        export(model, Path(folder))
        return TrainedModel(Path(folder))


def judged(
    case: Case,
    train: Rows,
    real: list[NDArray[Any]],
    generated: list[NDArray[Any]],
    seed: int,
    design: Design,
) -> dict[str, Any]:
    """Judge each pair; count the verdicts and the tests that reject."""
    passed, rejecting = 0, dict[str, int]()
    for place, pair in enumerate(zip(real, generated, strict=True)):
        settings = Settings(design.permutations, seed=1000 * seed + place)
        verdict = judge(*pair, settings, train=train, law=case.known)
        passed += verdict.verdict in (NOT_DISTINGUISHED, UNDERPOWERED)
        for name in (*verdict.rejecting, *(("hard checks",) if verdict.failed else ())):
            rejecting[name] = rejecting.get(name, 0) + 1
    counts = {"passed": passed, "pairs": len(real), "rejecting": rejecting}
    return {"seed": seed} | counts


def carried(model: TrainedModel, train: Split, fresh: Split) -> dict[str, float | None]:
    """What the code carries of fresh rows.

    Returns:
        row_mean: correlation of the means of rows and of their reconstructions, 0 for a constant
        reconstruction; class: share of rows whose class the code's category tells, each category
        standing for the class that it mostly has among the training rows; None without classes or
        categories.
    """
    means = [rows.mean(axis=1, dtype=float) for rows in (fresh.rows, model.reconstruct(fresh.rows))]
    spread = [float(each.std()) for each in means]
    flat = spread[1] <= 1e-6 * spread[0]
    row_mean = 0.0 if flat else float(np.corrcoef(*means)[0, 1])
    return {"row_mean": row_mean, "class": class_accuracy(model, train, fresh)}


def class_accuracy(model: TrainedModel, train: Split, fresh: Split) -> float | None:
    """Share of fresh rows whose class their category tells, see `carried`."""
    if train.labels is None or fresh.labels is None or model.categories < 2:
        return None
    rng = np.random.default_rng(0)
    found = [
        model.encode(rows, rng).mean[:, -model.categories :].argmax(axis=1)
        for rows in (train.rows, fresh.rows)
    ]
    votes = np.zeros((model.categories, int(train.labels.max()) + 1))
    np.add.at(votes, (found[0], train.labels), 1)
    return float(np.mean(votes.argmax(axis=1)[found[1]] == fresh.labels))
