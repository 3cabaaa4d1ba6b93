"""Rows whose law is known, and the faults planted in them: what the tests are tested on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aae.laws.contract import Law, Sample
from aae.laws.registry import LAWS, law_from
from aae.tables.reading import read_table
from aae.verdict.hard_checks import KnownLaw

DIGITS = Path("data/raw/digits.csv")
SIX = tuple(kind for kind in LAWS if kind != "pooled")
TABLES = "iris", "wine", "diabetes", "breast_cancer"  # of scikit-learn, with a level of their own
MODES = 10
Rows = NDArray[np.floating]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """What is judged: independent rows of one law, before a fault is planted in the generated.

    Attributes:
        real: shape (n, columns); generated: shape (n, columns).
        spare: more rows of the same law, at least n; the first n are the training rows.
        labels: classes of real, generated and spare rows; None where the law has none.
    """

    real: Rows
    generated: Rows
    spare: Rows
    labels: tuple[Labels, Labels, Labels] | None = None

    @property
    def train(self) -> Rows:
        """Rows that the generator could have learned from, shape (n, columns)."""
        return self.spare[: len(self.real)]


@cache
def law_of(source: str) -> Law:
    """Return a law by name: one of the six as in conf/, or one that a fault needs."""
    modes = {"means": list(range(MODES)), "sigmas": [0.5] * MODES, "weights": [1 / MODES] * MODES}
    others = {
        "gaussian": {"kind": "normal", "rho": 0.0},
        "correlated": {"kind": "normal", "rho": 0.3},
        "ten_modes": {"kind": "normal_mixture", **modes},
    }
    return law_from(others.get(source, {"kind": source}))


def known_law(source: str, columns: int) -> KnownLaw:
    """Return what is known of a source's law; nothing of tables and of mixed laws."""
    if source in ("digits", "mixed", *TABLES):
        return KnownLaw()
    atoms = law_of(source).atoms()
    moments = np.array(law_of(source).moments(columns))
    return KnownLaw(*law_of(source).support(), None if atoms is None else atoms.tolist(), moments)


@cache
def scikit_learn(table: str) -> NDArray[np.float64]:
    """Return the rows of a table that scikit-learn ships, without what is predicted of them."""
    from sklearn import datasets

    return np.asarray(getattr(datasets, f"load_{table}")().data, dtype=float)


@cache
def _digits() -> Sample:
    table = read_table(DIGITS, label="digit")
    return Sample(table.rows, table.labels)


def sample(source: str, rows: int, columns: int, rng: np.random.Generator) -> Sample:
    """Draw rows: of a law, of a table (without replacement), or of one of the six by lot."""
    if source in TABLES:
        return Sample(rng.permutation(scikit_learn(source))[:rows].astype(np.float32), None)
    if source == "digits":
        order = rng.permutation(len(_digits().rows))[:rows]
        labels = _digits().labels
        return Sample(_digits().rows[order], None if labels is None else labels[order])
    if source == "mixed":
        fitting = [name for name in SIX if columns % 2 == 0 or name != "density"]
        source = fitting[int(rng.integers(len(fitting)))]
    return law_of(source).sample(rows, columns, rng)


def draw(source: str, rows: int, columns: int, rng: np.random.Generator) -> Case:
    """Draw real, generated and spare rows of one law, so many of the first two."""
    drawn = sample(source, 4 * rows, columns, rng)
    parts = slice(rows), slice(rows, 2 * rows), slice(2 * rows, None)
    real, generated, spare = (drawn.rows[part] for part in parts)
    if drawn.labels is None:
        return Case(real, generated, spare)
    first, second, third = (drawn.labels[part] for part in parts)
    return Case(real, generated, spare, (first, second, third))


def rescaled(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Multiply the deviations from the columns' means by 1 + size."""
    return _with(case, _mean(case) + (1 + size) * (case.generated - _mean(case)))


def shifted(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Move each column by so many standard deviations, up or down at random."""
    signs = rng.choice([-1.0, 1.0], size=case.real.shape[1])
    return _with(case, case.generated + size * signs * _std(case))


def correlated(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Give independent Gaussian columns this correlation, all pairs alike."""
    common = rng.standard_normal((len(case.generated), 1))
    return _with(case, np.sqrt(size) * common + np.sqrt(1 - size) * case.generated)


def autoregressive(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Make a stationary AR(1) series along each row of independent Gaussian columns."""
    rows = case.generated.astype(float)
    rows[:, 1:] *= np.sqrt(1 - size**2)
    for column in range(1, rows.shape[1]):
        rows[:, column] += size * rows[:, column - 1]
    return _with(case, rows)


def gaussian(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Replace the rows by Gaussian ones, with the means and the covariance of the law's rows."""
    whole = np.concatenate([case.real, case.generated, case.spare])
    covariance = np.atleast_2d(np.cov(whole, rowvar=False))
    return _with(case, rng.multivariate_normal(_mean(case), covariance, len(case.generated)))


def independent(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Permute each column by itself."""
    return _with(case, rng.permuted(case.generated, axis=0))


def mode_lost(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Replace this share of the rows of class 0 by rows of the other classes."""
    _, labels, others = _labels(case)
    lost = np.flatnonzero((labels == 0) & (rng.random(len(labels)) < size))
    generated, labels = case.generated.copy(), labels.copy()
    fresh = np.flatnonzero(others > 0)[: len(lost)]
    generated[lost], labels[lost] = case.spare[fresh], others[fresh]
    return _with(case, generated, labels)


def noisy(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Add noise of so many standard deviations to each cell."""
    noise = rng.standard_normal(case.generated.shape)
    return _with(case, case.generated + size * noise * _std(case))


def coarse(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Round to multiples of so many standard deviations."""
    step = size * _std(case)
    return _with(case, np.round(case.generated / step) * step)


def outliers(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Multiply the deviations of this share of the rows by 5."""
    chosen = rng.permutation(len(case.generated))[: round(size * len(case.generated))]
    generated = case.generated.copy()
    generated[chosen] = _mean(case) + 5 * (generated[chosen] - _mean(case))
    return _with(case, generated)


def copied(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Replace this share of the rows by copies of training rows."""
    number = round(size * len(case.generated))
    return _with(case, np.concatenate([case.train[:number], case.generated[number:]]))


def jittered(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Replace all rows by training rows, moved by so many standard deviations in each cell."""
    return noisy(replace(case, generated=case.train), size, rng)


def swapped(case: Case, size: float, rng: np.random.Generator) -> Case:
    """Exchange the labels of this share of the rows of classes 0 and 1."""
    labels = _labels(case)[1]
    chosen = (labels < 2) & (rng.random(len(labels)) < size)
    return _with(case, case.generated, np.where(chosen, 1 - labels, labels))


FAULTS: dict[str, Callable[[Case, float, np.random.Generator], Case]] = {
    "std": rescaled,
    "mean": shifted,
    "correlation": correlated,
    "AR(1)": autoregressive,
    "Gaussian": gaussian,
    "broken correlation": independent,
    "lost mode": mode_lost,
    "noise": noisy,
    "rounded": coarse,
    "outliers": outliers,
    "copied rows": copied,
    "jittered copies": jittered,
    "swapped labels": swapped,
}


def _mean(case: Case) -> Rows:
    return np.asarray(np.concatenate([case.real, case.spare]).mean(axis=0, dtype=float))


def _std(case: Case) -> Rows:
    return np.asarray(np.concatenate([case.real, case.spare]).std(axis=0, dtype=float))


def _labels(case: Case) -> tuple[Labels, Labels, Labels]:
    if case.labels is None:
        raise ValueError("expected rows with labels, got none")
    return case.labels


def _with(case: Case, generated: Rows, labels: Labels | None = None) -> Case:
    """Return the case with other generated rows, of the same type as before, and labels."""
    generated = generated.astype(case.generated.dtype)
    if labels is None:
        return replace(case, generated=generated)
    real, _, spare = _labels(case)
    return replace(case, generated=generated, labels=(real, labels, spare))
