"""Where two tables differ, and by how much: columns, pairs, classes and rows, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.battery import holm
from aae.verdict.differences import Differences, differences
from aae.verdict.diversity import conditional_energy, mode_test
from aae.verdict.effects import Array, ks_columns, sample_moments
from aae.verdict.examination import Sample
from aae.verdict.judge import Settings
from aae.verdict.pooling import pooled_rows

MOMENTS = 10  # columns whose moments are shown

Rows = NDArray[np.floating]
Sides = tuple[Rows, Rows]
Labels = tuple[NDArray[np.integer], NDArray[np.integer], list[str]]


@dataclass(frozen=True)
class ClassDifference:
    """A class that differs.

    Attributes:
        name: of the class.
        share: of real and of generated rows that are of this class.
        what: "share" where that differs, "rows" where the class's rows do.
        p: after Holm's correction over the classes.
    """

    name: str
    share: tuple[float, float]
    what: str
    p: float


def where_different(
    sides: Sides, names: Sequence[str], sample: Sample, alpha: float
) -> Differences:
    """Name the columns, pairs and rows that tell two tables apart, see `differences`.

    Args:
        sides: real and generated rows, shapes (n, columns), (m, columns).
        names: of the columns.
        sample: which of these rows the verdict's tests looked at.
        alpha: level of the verdict.
    """
    real, generated = sides[0][sample.real], sides[1][sample.generated]
    named = differences(sample.pool, real, generated, names, alpha)
    rows = [replace(each, row=int(sample.generated[each.row])) for each in named.rows]
    return replace(named, rows=tuple(rows))


def drawn(sides: Sides, seed: int) -> list[NDArray[np.intp]]:
    """Positions of the rows of both tables that are looked at: at most `pooled_rows` together."""
    most = pooled_rows(sides[0].shape[1]) // 2
    rng = np.random.default_rng(seed)
    return [np.sort(rng.permutation(len(rows))[:most]) for rows in sides]


def class_differences(
    sides: Sides, labels: Labels, rejecting: Sequence[str], settings: Settings
) -> tuple[ClassDifference, ...]:
    """Name the classes whose share, or whose rows, differ; where the test of it rejects.

    Each class alone by the verdict's own test, with Holm's correction over the classes.
    """
    real, generated, classes = labels
    known = {"permutations": settings.permutations, "seed": settings.seed}

    def share(label: int) -> float:
        one, other = ((each == label).astype(int) for each in (real, generated))
        return mode_test(one, other, **known).p

    def rows(label: int) -> float:
        members = [each[side == label] for each, side in zip(sides, labels[:2], strict=True)]
        if min(map(len, members)) < 2:
            return 1.0
        one, other = ((each, np.zeros(len(each), int)) for each in members)
        return conditional_energy(one, other, **known).p

    tests: dict[str, tuple[str, Callable[[int], float]]] = {
        "mode_weights": ("share", share),
        "conditional_energy": ("rows", rows),
    }
    named = []
    for test, (what, p_value) in tests.items():
        if test in rejecting:
            p = holm({name: p_value(label) for label, name in enumerate(classes)})
            for label, name in enumerate(classes):
                if p[name] <= settings.alpha:
                    both = float(np.mean(real == label)), float(np.mean(generated == label))
                    named.append(ClassDifference(name, both, what, p[name]))
    return tuple(sorted(named, key=lambda each: (each.p, -abs(each.share[0] - each.share[1]))))


def worst_moments(sides: Sides, names: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Moments of the `MOMENTS` columns with the largest Kolmogorov-Smirnov distance.

    Returns:
        For each its name, `ks`, and {real, generated} of mean, std, skewness and kurtosis.
    """
    kept = drawn(sides, seed)
    real, generated = (rows[at] for rows, at in zip(sides, kept, strict=True))
    ks = ks_columns(real, generated)
    worst = np.argsort(-ks, kind="stable")[:MOMENTS]
    both = {"real": _moments(real[:, worst]), "generated": _moments(generated[:, worst])}
    return [
        {"column": names[column], "ks": float(ks[column])}
        | {
            moment: {side: float(each[moment][i]) for side, each in both.items()}
            for moment in both["real"]
        }
        for i, column in enumerate(worst)
    ]


def _moments(rows: Rows) -> dict[str, Array]:
    return dict(vars(sample_moments(rows).columns))
