"""What a model makes of wrong labels, of unequal classes, and of codes far from its prior."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, list_of, within
from aae.base.settings import check_fields, required
from aae.dataset.splits import Rows, Split
from aae.evaluation.moments import cell_moments
from aae.generator.graphs import TrainedModel
from aae.studies.modes import categories, interval
from aae.studies.records import Records
from aae.studies.trained import Trained
from aae.studies.verdicts import PASSED
from aae.verdict.effects import distances
from aae.verdict.judge import Settings, judge

FALSE_ALARMS = 0.05
MOMENTS = ("mean", "std", "skewness", "excess_kurtosis")


@dataclass(frozen=True)
class Robustness:
    """A verdict, the classes, and codes pushed off the prior.

    Attributes:
        permutations: of the verdict on as many generated rows as there are test rows.
        radii: times the prior's radius, to which codes are pushed; none: nothing is pushed.
    """

    permutations: int = required(at_least(1))
    radii: list[float] = required(list_of(within("(0, 1000]")))

    def __post_init__(self) -> None:
        """Check the ranges, and that so many permutations can reject."""
        check_fields(self, "study.robustness")
        Settings(self.permutations)

    def of(self, trained: Trained) -> dict[str, Any]:
        """Judge generated rows; see `classes` and `pushed` for the rest."""
        model, seed = trained.model, trained.seed
        train, fresh = np.array(trained.train.rows), np.array(trained.fresh.rows)
        made, codes = model.generate(len(fresh), np.random.default_rng([seed, 2]))
        settings = Settings(self.permutations, seed=seed)
        verdict = judge(fresh, made, settings, train=train, law=trained.law)
        return {
            "passed": verdict.verdict in PASSED,
            "rejecting": [*verdict.rejecting, *verdict.failed],
            "classes": classes(model, codes, Split(fresh, trained.fresh.labels)),
            "pushed": pushed(model, codes, fresh, train, self.radii) if self.radii else [],
        }


def classes(model: TrainedModel, codes: Rows, fresh: Split) -> dict[str, float] | None:
    """How well a model knows classes, and how often it makes each.

    Args:
        model: trained on labels that may be wrong.
        codes: that generated rows are decoded from, shape (rows, codes).
        fresh: rows with their true labels.

    Returns:
        accuracy: share of fresh rows that the encoder gives their class; shares: largest
        difference of a category's share of the generated rows from that of the class among fresh
        rows; rarest: share of the fresh rows' rarest class, and made_rarest of the generated
        rows. None where rows or codes have no classes.
    """
    if fresh.labels is None or not model.categories:
        return None
    count = 1 + max(int(fresh.labels.max()), int(model.labels.max()))
    shares = codes[:, model.latent :].mean(axis=0, dtype=float)
    made = np.bincount(model.labels, shares, minlength=count)
    real = np.bincount(fresh.labels, minlength=count) / len(fresh.labels)
    rarest = int(real.argmin())
    return {
        "accuracy": float(np.mean(model.labels[categories(model, fresh.rows)] == fresh.labels)),
        "shares": float(np.abs(made - real).max()),
        "rarest": float(real[rarest]),
        "made_rarest": float(made[rarest]),
    }


def pushed(
    model: TrainedModel, prior: Rows, fresh: Rows, train: Rows, radii: Sequence[float]
) -> list[dict[str, Any]]:
    """What the decoder makes of codes off the prior, and whether the encoder notices.

    Codes z of the prior are stretched to r z, decoded, and the rows encoded again.

    Args:
        model: trained, with a gaussian prior.
        prior: codes of generated rows, shape (rows, codes).
        fresh: real rows, shape (rows, columns); train: that the model has learned from.
        radii: r.

    Returns:
        For each r: radius; moments of all cells of the decoded rows; real, those of real rows;
        distance: median distance to the nearest training row, by that of fresh rows; returned:
        1 - mean square of z' - r z by that of r z, where z' is the code of the decoded row, over
        the dimensions that the decoder uses; detected: share of decoded rows whose code has
        a lower prior density than all but `FALSE_ALARMS` of those of fresh rows. The last two
        are None where the decoder uses none.
    """
    rng = np.random.default_rng(0)
    used = dimensions_used(model, prior)
    usual = np.median(nearest(fresh, train))
    score = surprise(model.encode(fresh, rng).mean[:, used])
    limit = np.quantile(score, 1 - FALSE_ALARMS)
    pushed_codes = []
    for radius in radii:
        codes = prior.copy()
        codes[:, : model.latent] *= radius
        rows = model.decode(codes, rng).rows
        cells = cell_moments(fresh, rows)
        again = model.encode(rows, rng).mean[:, used]
        lost = float(np.mean((again - codes[:, used]) ** 2)) if len(used) else 0.0
        whole = float(np.mean(codes[:, used] ** 2)) if len(used) else 1.0
        detected = float(np.mean(surprise(again) > limit))
        pushed_codes.append(
            {
                "radius": radius,
                "moments": {name: cells[name]["generated"] for name in MOMENTS},
                "real": {name: cells[name]["real"] for name in MOMENTS},
                "distance": float(np.median(nearest(rows, train)) / usual),
                "returned": 1 - lost / whole if len(used) else None,
                "detected": detected if len(used) else None,
            }
        )
    return pushed_codes


def dimensions_used(model: TrainedModel, codes: Rows) -> NDArray[np.intp]:
    """Dimensions of z that change the mean of p(x | z, c), in the order of the code."""
    rng = np.random.default_rng(0)
    wanted = model.decode(codes, rng).mean
    changes = []
    for place in range(model.latent):
        without = codes.copy()
        without[:, place] = 0
        changes.append(bool(np.any(model.decode(without, rng).mean != wanted)))
    return np.flatnonzero(changes)


def surprise(codes: Rows) -> NDArray[np.float64]:
    """-log of the standard normal density of each code, without its constant: |z|^2 / 2."""
    return np.asarray((codes.astype(float) ** 2).sum(axis=1) / 2)


def nearest(rows: Rows, known: Rows) -> NDArray[np.float64]:
    """Euclidean distance of each row to the nearest known one."""
    return np.asarray(distances(rows.astype(float), known.astype(float)).min(axis=1))


def tables(records: Records) -> dict[str, dict[str, Any]]:
    """Both tables."""
    return {"robustness_classes": of_classes(records), "robustness_codes": of_codes(records)}


def of_classes(records: Records) -> dict[str, Any]:
    """The table of wrong labels and unequal classes."""
    with_classes = {place: trials for place, trials in records.items() if trials[0]["classes"]}
    return {
        "title": "Robustness: wrong labels and unequal classes",
        "note": "Labels of training rows replaced by another class, and classes of 1 to 9; fresh "
        "rows have their true labels. Means over trainings, with a 95% interval.",
        "command": "make robustness",
        "columns": [
            *("rows of", "model", "class accuracy, fresh rows", "not distinguished"),
            *("largest error of a class's share", "rarest class: real", "generated"),
        ],
        "rows": [[*place, *class_cells(trials)] for place, trials in with_classes.items()],
    }


def of_codes(records: Records) -> dict[str, Any]:
    """The table of codes off the prior."""
    rows = []
    for (name, _), trials in records.items():
        for place, first in enumerate(trials[0]["pushed"]):
            each = [trial["pushed"][place] for trial in trials]
            rows.append([name, f"{first['radius']:g}", *pushed_cells(each)])
    names = [f"{name.replace('_', ' ')} (real)" for name in MOMENTS]
    return {
        "title": "Robustness: codes off the prior",
        "note": "Codes of the prior stretched by a factor, decoded and encoded again. Distance: "
        "median to the nearest training row, by that of fresh real rows. Returned: 1 - mean square "
        "error of the code found again, by its mean square. Noticed: share with a lower prior "
        f"density than all but {FALSE_ALARMS:.0%} of the codes of fresh real rows.",
        "command": "make robustness",
        "columns": ["rows of", "radius", *names, "distance", "returned", "noticed"],
        "rows": rows,
    }


def class_cells(trials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Means over trainings, with a 95% interval of the accuracy."""
    each = [trial["classes"] for trial in trials]
    mean, limits = interval([one["accuracy"] for one in each])
    passed = sum(trial["passed"] for trial in trials)
    shares = [np.mean([one[key] for one in each]) for key in ("shares", "rarest", "made_rarest")]
    return [
        f"{mean} ({limits})",
        f"{passed} of {len(trials)}",
        *(f"{share:.1%}" for share in shares),
    ]


def pushed_cells(each: Sequence[Mapping[str, Any]]) -> list[str]:
    """Means over trainings; "idle" where the decoder uses no code."""

    def mean(key: str, part: str | None = None) -> float:
        return float(np.mean([one[part][key] if part else one[key] for one in each]))

    cells = [f"{mean(name, 'moments'):.3g} ({mean(name, 'real'):.3g})" for name in MOMENTS]
    cells.append(f"{mean('distance'):.3g}")
    if any(one["returned"] is None for one in each):
        return [*cells, "idle", "idle"]
    return [*cells, f"{mean('returned'):.3f}", f"{mean('detected'):.1%}"]
