"""How near generated rows come to the law of a real table, whatever a verdict's power."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least
from aae.base.intervals import margin
from aae.base.settings import check_fields, required
from aae.dataset.splits import Rows
from aae.studies.records import Records
from aae.studies.trained import Trained
from aae.studies.verdicts import HARD, PASSED
from aae.verdict.effects import Array, ks_columns, spread_of
from aae.verdict.judge import Settings, judge


@dataclass(frozen=True)
class Close:
    """Distances of rows to the law of fresh real rows.

    Attributes:
        trees: area under the ROC curve of boosted trees on the raw columns, cross-fitted.
        logistic: the same of a logistic regression on standardised columns.
        ks: mean of the columns' Kolmogorov-Smirnov distances.
        correlation: mean error of the pairs' correlations, without sign.
        nearer: N of `memorisation`; None for rows that a memorisation makes no sense of.
        verdict: of `judge`; rejecting: tests that reject, `HARD` where a hard check does.
    """

    trees: float
    logistic: float
    ks: float
    correlation: float
    nearer: float | None
    verdict: str
    rejecting: list[str]


@dataclass(frozen=True)
class Distances:
    """How rows are compared with fresh real rows.

    Attributes:
        folds: of the cross-fitting.
        permutations: of a verdict.
    """

    folds: int = required(at_least(2))
    permutations: int = required(at_least(1))

    def __post_init__(self) -> None:
        """Check the ranges, and that so many permutations can reject."""
        check_fields(self, f"study.{type(self).__name__.lower()}")
        Settings(self.permutations)

    def close(self, rows: Rows, trained: Trained, train: Rows | None) -> dict[str, Any]:
        """Compare rows with the fresh rows of a training.

        Args:
            rows: shape (rows, columns).
            trained: whose fresh rows and seed are used.
            train: rows that the generator learned from, if it did.
        """
        real, seed = np.array(trained.fresh.rows), trained.seed
        verdict = judge(real, rows, Settings(self.permutations, seed=seed), train=train)
        memory = verdict.memorisation
        close = Close(
            trees=cross_fitted_area(trees, real, rows, self.folds, seed),
            logistic=cross_fitted_area(logistic, real, rows, self.folds, seed),
            ks=float(ks_columns(real, rows).mean()),
            correlation=correlation_error(real, rows),
            nearer=None if memory is None else memory.nearer.value,
            verdict=verdict.verdict,
            rejecting=[*verdict.rejecting, *([HARD] if verdict.failed else [])],
        )
        return asdict(close)


@dataclass(frozen=True)
class Closeness(Distances):
    """The distances of a trained model's rows."""

    def of(self, trained: Trained) -> dict[str, Any]:
        """Compare as many generated rows as there are fresh ones with these."""
        rng = np.random.default_rng([trained.seed, 2])
        made = trained.model.generate(len(trained.fresh.rows), rng).rows
        return self.close(made, trained, np.array(trained.train.rows))


def trees(seed: int) -> Any:
    """Boosted trees with scikit-learn's defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)


def logistic(seed: int) -> Any:
    """Logistic regression on standardised columns."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))


def cross_fitted_area(
    classifier: Callable[[int], Any], real: Rows, rows: Rows, folds: int, seed: int
) -> float:
    """Area under the ROC curve of a classifier that tells two samples apart.

    Each row is scored by a classifier that learned from the other folds; .5 for one law. Both
    samples are read as float32: a difference of formats is none of laws.
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    both = np.concatenate([real, rows]).astype(np.float32)
    side = np.repeat([0, 1], [len(real), len(rows)])
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    scores = cross_val_predict(classifier(seed), both, side, cv=parts, method="decision_function")
    return float(roc_auc_score(side, scores))


def correlation_error(real: Rows, rows: Rows) -> float:
    """Mean |difference of correlations| over pairs of columns that vary in the real rows."""
    varies = (real != real[:1]).any(axis=0)
    first, second = (correlations(each[:, varies]) for each in (real, rows))
    return float(np.abs(first - second)[np.triu_indices(len(first), 1)].mean())


def correlations(rows: NDArray[Any]) -> Array:
    """Correlation of each pair of columns, 0 with a constant one; shape (columns, columns)."""
    scores = np.asarray(rows, dtype=float)
    scores = (scores - scores.mean(axis=0)) / spread_of(scores)
    return np.asarray(scores.T @ scores / len(scores))


COLUMNS = ["rows", "of", "trees AUC", "logistic AUC", "mean KS", "correlation error",
           "nearer training rows", "not distinguished", "seen by"]  # fmt: skip


def summary(records: Records) -> dict[str, Any]:
    """The table: for each name the baselines, real rows first, the peers and the variants."""
    return {
        "title": "Real tables: how near generated rows come",
        "note": "Each split trains on one half of a table and measures with the other: area "
        "under the curve of cross-fitted boosted trees and logistic regression on raw columns, "
        "Kolmogorov-Smirnov distance of a column, error of a correlation, N of memorisation (0 "
        "ideal, 1 copies), verdicts (with too few rows to say more among them), and what rejected "
        "most often. Means over splits, and the range of the first. Real rows are the training "
        "half. Baselines of a class by itself; what each is: src/aae/studies/baselines.py, and "
        "peer_rows.py for the other packages' generators.",
        "command": "make tables",
        "columns": COLUMNS,
        "rows": [line for name in dict.fromkeys(name for name, _ in records)
                 for line in lines(name, records)],
    }  # fmt: skip


def parts(records: Records) -> dict[str, Any]:
    """What a part of the recipe brings: each variant less the default, on the same splits."""
    return {
        "title": "Real tables: what parts of the recipe bring",
        "note": "Area under the curve of boosted trees of a variant less that of the default, on "
        "the same splits: below 0 the variant is nearer to real rows. Mean over splits and its 95% "
        "t interval, of each line by itself.",
        "command": "make tables",
        "columns": ["rows of", "variant", "trees AUC less the default's", "95% interval", "splits"],
        "rows": [[name, f"**{variant}**", *paired(own(trials), own(records[name, "default"]))]
                 for (name, variant), trials in records.items() if variant != "default"],
    }  # fmt: skip


def own(trials: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Measurements of the model's rows, without those of baselines and peers."""
    return [trial for trial in trials if "trees" in trial]


def paired(trials: Sequence[Mapping[str, Any]], base: Sequence[Mapping[str, Any]]) -> list[str]:
    """Mean difference of areas split by split, its interval, and the number of splits."""
    change = [one["trees"] - other["trees"] for one, other in zip(trials, base, strict=True)]
    mean, within = float(np.mean(change)), margin(change)
    interval = f"{mean - within:+.3f} to {mean + within:+.3f}" if len(change) > 1 else "-"
    return [f"{mean:+.3f}", interval, str(len(change))]


def lines(name: str, records: Records) -> Iterator[list[str]]:
    """The lines of one table."""
    others = [trial for trial in records[name, "default"] if "trees" not in trial]
    for kind in dict.fromkeys(kind for trial in others for kind in trial):
        yield [name, kind, *cells([trial[kind] for trial in others if kind in trial])]
    for (of, variant), trials in records.items():
        if of == name:
            yield [name, f"**{variant}**", *cells(own(trials))]


def cells(trials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Means over splits of one kind of rows."""
    areas = [trial["trees"] for trial in trials]
    first = f"{np.mean(areas):.3f} ({min(areas):.3f} to {max(areas):.3f})"
    means = [np.mean([each[key] for each in trials]) for key in ("logistic", "ks", "correlation")]
    near = [each["nearer"] for each in trials if each["nearer"] is not None]
    passed = sum(each["verdict"] in PASSED for each in trials)
    seen = Counter(test for each in trials for test in each["rejecting"])
    most = ", ".join(f"{test} {count}" for test, count in seen.most_common(3))
    return [
        first,
        *(f"{mean:.3f}" for mean in means),
        f"{np.mean(near):.3f}" if near else "-",
        f"{passed} of {len(trials)}",
        most or "-",
    ]
