"""Coverage of the intervals behind `aae check --tolerance`: `python -m aae.calibration.tolerance`.

Rows are drawn, with replacement, from tables that scikit-learn ships and from rows of laws, and
generated ones from the same table with errors planted. So the whole table is the law, and the
largest effects are known exactly; an interval covers where it holds them.
"""

import aae.base.one_thread  # noqa: F401

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.jobs import add_jobs
from aae.base.markers import put_between
from aae.calibration.faults import scikit_learn
from aae.calibration.tables import share
from aae.verdict.cross_fitting import Fold, area_and_variance, area_limits, cross_fit
from aae.verdict.intervals import Interval
from aae.verdict.tolerance import tolerated

ALPHA = 0.05
LAW_ROWS, LAW_COLUMNS = 4000, 10
AREA_ROWS = 300  # most rows a side for which trees are fitted, again and again
MOMENTS = ("std", "mean", "correlation")
Rows = NDArray[np.float64]
Missed = dict[str, int]  # effect -> -1: truth below the interval, 0: in it, 1: above


class Setting(NamedTuple):
    """So many rows a side of a source, with or without planted errors."""

    source: str
    rows: int
    planted: bool


SETTINGS = [
    Setting(source, rows, planted)
    for source, rows in (
        *(("gaussian", 300), ("diabetes", 300), ("wine", 300), ("breast_cancer", 300)),
        *(("breast_cancer", 1000), ("digits", 1000), ("lognormal", 1000)),
    )
    for planted in (False, True)
]


def main() -> None:
    """Measure coverage, print it, and write the table of the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "processes")
    parser.add_argument("--repeats", type=int, default=400, help="of std, mean and correlation")
    parser.add_argument("--areas", type=int, default=100, help="of these with trees, at 300 rows")
    parser.add_argument("--docs", type=Path, default=Path("docs/calibration.md"), help="table")
    options = parser.parse_args()
    lines = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for setting in SETTINGS:
            areas = options.areas if setting.rows <= AREA_ROWS else 0
            one = partial(repeat, setting, areas)
            lines.append(row(setting, list(pool.map(one, range(options.repeats), chunksize=10))))
            print(" | ".join(lines[-1]), flush=True)
    put_between(options.docs, "tolerance", table(lines))


def repeat(setting: Setting, areas: int, number: int) -> Missed:
    """Draw rows, and say which intervals miss; with trees where `number` is below `areas`.

    Each effect alone has level 95%; `all`, of four at once, has it too.
    """
    laws = populations(setting.source, setting.planted)
    rng = np.random.default_rng([number, setting.rows, 13])
    real, made = (law[rng.integers(len(law), size=setting.rows)] for law in laws)
    names = [str(column) for column in range(real.shape[1])]
    truth = truths(setting.source, setting.planted)

    def intervals(effects: Sequence[str], alpha: float) -> dict[str, Interval]:
        answer = tolerated((real, made), names, dict.fromkeys(effects, 1.0), alpha, number)
        return {each.effect: each.interval for each in answer.answers}

    missed = {name: _miss(intervals([name], ALPHA)[name], truth[name]) for name in MOMENTS}
    if number >= areas:
        return missed
    folds = cross_fit(real, made, number)
    area = area_of(folds, *laws)
    missed["auc"] = _miss(area_limits(folds, ALPHA), area)
    quarter = ALPHA / (len(MOMENTS) + 1)
    together = intervals(MOMENTS, quarter * len(MOMENTS)) | {"auc": area_limits(folds, quarter)}
    each = [_miss(together[name], value) for name, value in (truth | {"auc": area}).items()]
    return missed | {"all": int(any(each))}


def _miss(interval: Interval, truth: float) -> int:
    slack = 1e-9
    return int(truth > interval.high + slack) - int(truth < interval.low - slack)


def area_of(folds: Sequence[Fold], real: Rows, made: Rows) -> float:
    """Mean area under the ROC curve that trees have on whole populations."""
    rows, is_real = np.concatenate([real, made]), np.arange(len(real) + len(made)) < len(real)
    return float(np.mean([area_and_variance(fold.score(rows), is_real)[0] for fold in folds]))


@cache
def populations(source: str, planted: bool) -> tuple[Rows, Rows]:
    """Rows that stand for a law, and the same with errors where they are planted.

    Of the three columns with most values one is 10% wider, one .1 sd off, and one is shuffled in
    30% of its rows, so that its correlations are 30% too small.
    """
    rng = np.random.default_rng(17)
    real = _rows(source, rng)
    made = real.copy()
    if planted:
        values = [len(np.unique(column)) for column in real.T]
        wide, off, loose = np.argsort(-np.array(values), kind="stable")[:3]
        made[:, wide] += 0.1 * (real[:, wide] - real[:, wide].mean())
        made[:, off] += 0.1 * real[:, off].std()
        some = rng.permutation(len(real))[: round(0.3 * len(real))]
        made[some, loose] = made[rng.permutation(some), loose]
    return real, made


def _rows(source: str, rng: np.random.Generator) -> Rows:
    laws: dict[str, Callable[[Rows], Rows]] = {
        "gaussian": lambda z: z,
        "lognormal": np.exp,
    }
    if source in laws:
        common = rng.normal(size=(LAW_ROWS, 1))
        return laws[source]((common + rng.normal(size=(LAW_ROWS, LAW_COLUMNS))) / np.sqrt(2))
    return scikit_learn(source)


@cache
def truths(source: str, planted: bool) -> dict[str, float]:
    """Largest effects between two whole populations."""
    real, made = populations(source, planted)
    kept = real.std(axis=0) > 0
    real, made = real[:, kept], made[:, kept]
    sd = real.std(axis=0)
    correlations = np.corrcoef(made.T) - np.corrcoef(real.T)
    return {
        "std": float(np.abs(made.std(axis=0) / sd - 1).max()),
        "mean": float(np.abs((made.mean(axis=0) - real.mean(axis=0)) / sd).max()),
        "correlation": float(np.abs(correlations).max()),
    }


def row(setting: Setting, missed: Sequence[Missed]) -> list[str]:
    """Coverage of each effect, with its 95% interval, and how many lower limits were too high."""
    columns = populations(setting.source, setting.planted)[0].shape[1]
    cells = [setting.source, str(setting.rows), str(columns), "yes" if setting.planted else "no"]
    for name in (*MOMENTS, "auc", "all"):
        known = [each[name] for each in missed if name in each]
        if known:
            counted = share(known.count(0), len(known))
            low, high = (100 * each for each in counted["interval"])
            text = f"{100 * counted['share']:.1f}% ({low:.1f} to {high:.1f})"
            below = known.count(-1)
        cells.append((text if name == "all" else f"{text}, {below} too high") if known else "")
    return cells


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return coverage as Markdown."""
    head = ["rows of", "n", "d", "planted", *MOMENTS, "auc", "all four at once"]
    return "\n".join("| " + " | ".join(each) + " |" for each in (head, ["---"] * len(head), *lines))


if __name__ == "__main__":
    main()
