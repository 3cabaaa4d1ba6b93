"""The floor: what rows of a model show that is right but for having learned from few rows."""

from typing import Any

import numpy as np

from aae.dataset.splits import Rows, Split
from aae.generator.graphs import TrainedModel, classes_of
from aae.verdict.judge import Settings, Verdict, judge


def own_rows(model: TrainedModel, rows: int, labelled: bool, *seed: int) -> Split:
    """Draw rows that a model makes, as a data set to learn from.

    Args:
        model: trained.
        rows: how many.
        labelled: whether rows have labels: the class of the category that each is drawn from.
        seed: of the noise.
    """
    drawn = model.generate(rows, np.random.default_rng(seed))
    labels = classes_of(drawn.codes, model.latent, model.labels) if labelled else None
    return Split(drawn.rows, labels)


def floor(own: Split, fresh: Rows, again: Rows, settings: Settings) -> Verdict:
    """Judge the rows of a model that learned from another model's rows.

    The second model is of the first one's class by construction: what tells its rows from fresh
    rows of the first is estimation error, which more training rows would cure. What tells the
    first model's rows from real ones beyond that is misfit, which a better model would cure.

    Args:
        own: rows of the first model that the second learned from.
        fresh: other rows of the first, as many as are judged; again: rows of the second.
        settings: of the verdict.
    """
    return judge(fresh, again, settings, train=own.rows)


def summary(verdict: Verdict, learned: int) -> dict[str, Any]:
    """What is kept of a floor: `rows` learned from, its verdict, and each test's outcome."""
    outcomes = verdict.to_dict()
    kept = ("verdict", "reason", "rejecting", "failed", "rows", "tests", "memorisation")
    return {"learned_from": learned} | {key: outcomes[key] for key in kept}
