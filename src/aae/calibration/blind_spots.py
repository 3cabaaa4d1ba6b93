"""Faults that tests are blind to, test by test: `python -m aae.calibration.blind_spots`.

Each fault is planted in fresh rows several times. What is counted: which tests reject, after Holm's
correction over all of them, and whether the verdict is `different`; beside it, whether it would
have been without the tests of `ADDED`.
"""

import aae.base.one_thread  # noqa: F401

import argparse
import multiprocessing
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from aae.base.files import write_json
from aae.base.jobs import add_jobs
from aae.base.markers import put_between
from aae.calibration.faults import draw, gaussian, rescaled
from aae.calibration.version import statistics_version
from aae.verdict.battery import STATISTICS, applicable, holm
from aae.verdict.judge import DIFFERENT, Settings, judge

ADDED = ("pairs", "few_columns")  # for the sake of faults like these
SETTINGS = Settings()
ROWS, COLUMNS, WIDE, FEW = 1000, 64, 784, (1, 2, 3, 4)
Rows = NDArray[np.floating]
Sides = tuple[Rows, Rows]
Record = dict[str, Any]


@dataclass(frozen=True)
class Spot:
    """A fault in rows of one shape.

    Attributes:
        rows: a side; columns: of each.
        repeats: how often.
        draw: (rows, columns, rng) -> real rows, and generated ones that have the fault.
    """

    rows: int
    columns: int
    repeats: int
    draw: Callable[[int, int, np.random.Generator], Sides]


def main() -> None:
    """Count, and write the table of the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "processes")
    parser.add_argument("--faults", nargs="+", default=[*SPOTS], choices=[*SPOTS], metavar="FAULT")
    parser.add_argument("--json", type=Path, default=Path(".calibration/blind_spots.json"))
    parser.add_argument("--docs", type=Path, default=Path("docs/verdict.md"), help="table")
    options = parser.parse_args()
    tasks = [(name, repeat) for name in options.faults for repeat in range(SPOTS[name].repeats)]
    spawn = multiprocessing.get_context("spawn")  # so that children load NumPy with one thread
    with ProcessPoolExecutor(options.jobs, spawn) as pool:
        said = pool.map(one_repeat, *zip(*tasks, strict=True))
        records = list(track(said, "verdicts", total=len(tasks)))
    counts = {"statistics": statistics_version(), "faults": counted(records)}
    write_json(options.json, counts)
    put_between(options.docs, "blind-spots", table(counts))
    print(f"wrote {options.json} and the table in {options.docs}")


def one_repeat(name: str, repeat: int) -> Record:
    """Plant and judge; a function of the fault's name and the repeat alone."""
    spot, rng = SPOTS[name], np.random.default_rng([zlib.crc32(name.encode()), repeat])
    verdict = judge(*spot.draw(spot.rows, spot.columns, rng), SETTINGS)
    before = holm({test: each.p for test, each in verdict.tests.items() if test not in ADDED})
    return {
        "fault": name,
        "different": verdict.verdict == DIFFERENT,
        "before": any(p <= SETTINGS.alpha for p in before.values()),
        "hard checks": bool(verdict.failed),
        "rejecting": list(verdict.rejecting),
    }


def counted(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Count for each fault how often the verdict is `different`, and how often each test rejects.

    Returns:
        For each fault its name, `rows`, `columns`, `repeats`, `different`, `before`, `hard checks`
        and `tests`, those that apply.
    """
    by_name: dict[str, list[Record]] = {}
    for record in records:
        by_name.setdefault(record["fault"], []).append(record)
    return [_count(name, each) for name, each in by_name.items()]


def _count(name: str, records: Sequence[Record]) -> dict[str, Any]:
    spot = SPOTS[name]
    shape = {"fault": name, "rows": spot.rows, "columns": spot.columns, "repeats": len(records)}
    whole = {key: sum(each[key] for each in records) for key in ("before", "different")}
    tests = {
        test: sum(test in each["rejecting"] for each in records)
        for test in applicable(spot.columns)
    }
    hard = sum(each["hard checks"] for each in records)
    return shape | whole | {"hard checks": hard, "tests": tests}


def table(counts: Mapping[str, Any]) -> str:
    """Return the counts as Markdown."""
    head = ["fault", "n", "d", "of", f"without {', '.join(ADDED)}", "verdict", "hard checks"]
    lines = [[*head, *STATISTICS], ["---"] * (len(head) + len(STATISTICS))]
    for each in counts["faults"]:
        shape = [each[key] for key in ("fault", "rows", "columns", "repeats", "before")]
        tests = [each["tests"].get(name, "") for name in STATISTICS]
        lines.append([*shape, f"**{each['different']}**", each["hard checks"], *tests])
    rows = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
    return f"Statistics `{counts['statistics']}`.\n\n{rows}"


def pair_of(
    dependent: Callable[[Rows, Rows], Rows], rows: int, columns: int, rng: np.random.Generator
) -> Sides:
    """Make the second column a function of the first and of noise; generated, of another's first.

    So the columns keep their laws, and only the dependence of one pair is lost.
    """
    sides = rng.standard_normal((2, rows, columns))
    first, other = sides[:, :, 0], rng.standard_normal((2, rows))
    other[0] = first[0]  # of real rows their own
    sides[:, :, 1] = [dependent(*each) for each in zip(other, sides[:, :, 1], strict=True)]
    return sides[0], sides[1]


def correlation(size: float) -> Callable[[Rows, Rows], Rows]:
    """With a correlation of this size."""
    return lambda x, noise: size * x + np.sqrt(1 - size**2) * noise


def circle(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """Two columns on a circle; generated, independent, each with its law."""
    sides = rng.standard_normal((2, rows, columns))
    angle, other = rng.uniform(0, 2 * np.pi, (2, 2, rows))
    other[0] = angle[0]
    sides[:, :, 0], sides[:, :, 1] = np.cos(angle), np.sin(other)
    return sides[0], sides[1]


def sign_flip(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """A correlation of .5 that has become -.5, in one pair."""
    sides = rng.standard_normal((2, rows, columns))
    for side, size in zip(sides, (0.5, -0.5), strict=True):
        side[:, 1] = correlation(size)(side[:, 0], side[:, 1])
    return sides[0], sides[1]


def constant(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """A column that has collapsed to its median, beside columns of a thousand times its unit."""
    real, generated = rng.standard_normal((2, rows, columns)) * [1.0, *[1e3] * (columns - 1)]
    generated[:, 0] = np.median(real[:, 0])
    return real, generated


def lost_mode(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """A cluster of 2% of the rows, 4 standard deviations away in three columns, that is lost."""
    real, generated = rng.standard_normal((2, rows, columns))
    real[: rows // 50, :3] += 4
    return rng.permutation(real), generated


def narrow(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """Standard deviations 5% too small."""
    case = rescaled(draw("gaussian", rows, columns, rng), -0.05, rng)
    return case.real, case.generated


def moments_alone(rows: int, columns: int, rng: np.random.Generator) -> Sides:
    """Digits against a Gaussian of the same means and covariance."""
    case = gaussian(draw("digits", rows, columns, rng), 0.0, rng)
    return case.real, case.generated


SPOTS: dict[str, Spot] = {
    "one correlation .5 -> 0": Spot(ROWS, COLUMNS, 10, partial(pair_of, correlation(0.5))),
    "circle": Spot(ROWS, COLUMNS, 10, circle),
    "y = abs(x) + noise": Spot(
        ROWS, COLUMNS, 10, partial(pair_of, lambda x, noise: np.abs(x) + noise / 2)
    ),
    "heteroscedastic noise": Spot(
        ROWS, COLUMNS, 10, partial(pair_of, lambda x, noise: noise * np.exp(x / 2))
    ),
    "one correlation .5 -> -.5": Spot(ROWS, WIDE, 5, sign_flip),
    "one correlation .1 -> 0": Spot(100_000, 20, 5, partial(pair_of, correlation(0.1))),
    "constant column": Spot(ROWS, 8, 20, constant),
    "lost mode of 2%": Spot(ROWS, 10, 20, lost_mode),
    **{f"std 5% too small, {n} columns": Spot(4000, n, 20, narrow) for n in FEW},
    "Gaussian for digits": Spot(400, COLUMNS, 10, moments_alone),
}


if __name__ == "__main__":
    main()
