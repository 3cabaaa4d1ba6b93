"""Level and power of the verdict, measured on rows whose law is known: `make calibrate`.

A repeat is a function of its setting's name and its number alone, and is kept as one line of a file
in `.calibration/`, which git ignores: an interrupted run continues, however many processes either
has. In git are the tables and the plot of docs/calibration.md, and src/aae/verdict/power.json, the
part that a verdict looks up. That file holds no level and no interval, so that `evaluate` and
`reference` are out of date after a measurement only where another power was measured.
"""

import aae.base.one_thread  # noqa: F401

import argparse
import hashlib
import inspect
import json
import math
import multiprocessing
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from aae.base.files import write_json
from aae.base.jobs import add_jobs
from aae.base.markers import put_between
from aae.calibration.faults import FAULTS, draw, known_law
from aae.calibration.plan import FULL, QUICK, Plan, Point, Setting
from aae.calibration.tables import power_table, summary, tables, write_plot
from aae.calibration.version import stale, statistics_version
from aae.verdict import power
from aae.verdict.judge import DIFFERENT, Settings, judge
from aae.verdict.power import REQUIRED, known_power

SIZES = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
POWER = 0.8  # share of the repeats in which a detectable effect is seen
PACKAGED = Path(power.__file__).with_name(power.TABLE)
Record = dict[str, Any]


def main() -> None:
    """Measure, and write what was measured, its plot, the tables of the docs and the package's."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "processes")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--quick", action="store_true", help="a small version, for tests")
    parser.add_argument("--cache", type=Path, default=Path(".calibration"), help="all figures")
    parser.add_argument("--plot", type=Path, default=Path("reports/calibration.png"))
    parser.add_argument("--docs", type=Path, default=Path("docs/calibration.md"), help="tables")
    parser.add_argument("--power", type=Path, default=PACKAGED, help="table that verdicts look up")
    options = parser.parse_args()
    plan, target = QUICK if options.quick else FULL, options.cache / "calibration.json"
    if problem := stale(known_power()):
        print(problem)
    spawn = multiprocessing.get_context("spawn")  # so that children load NumPy with one thread
    with ProcessPoolExecutor(options.jobs, spawn) as pool, Progress() as progress:
        run = Run(options.cache, time.monotonic() + 60 * options.minutes, pool.map, progress)
        result = calibrate(plan, run, target)
    write_plot(result, options.plot)
    put_between(options.docs, "calibration", tables(result))
    if len(result["detectable"]) == len(plan.detectable):  # part of it would say less than before
        write_json(options.power, power_table(result))
    print(f"wrote {target}; not measured in full: {len(result['unfinished'])} settings")


class OutOfTime(Exception):
    """The deadline came before all repeats."""


@dataclass
class Run:
    """A run of measurements.

    Attributes:
        folder: where finished repeats are kept.
        deadline: of `time.monotonic`, after which no repeat is begun.
        map: applies a function to each repeat.
        progress: shows the setting at work.
        records: of each setting so far, by its key.
        version: of the statistics.
        fresh: whether something was measured that the target does not hold yet.
    """

    folder: Path
    deadline: float = math.inf
    map: Callable[..., Iterable[Record]] = map
    progress: Progress = field(default_factory=lambda: Progress(disable=True))
    records: dict[str, tuple[Setting, list[Record]]] = field(default_factory=dict)
    version: str = field(default_factory=statistics_version)
    fresh: bool = False

    def __post_init__(self) -> None:
        """Make the folder, which git ignores."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.deadline


def calibrate(plan: Plan, run: Run, target: Path) -> dict[str, Any]:
    """Measure what is not yet measured; the target is written anew after each setting.

    Args:
        plan: what to measure.
        run: how.
        target: JSON file: version of the `statistics`, `levels`, `power`, `detectable` effects as
            `aae.verdict.power.detected` expects, and what is `unfinished`.

    Returns:
        What the file holds: nothing but what was measured, each with its repeats.
    """
    detectable: list[dict[str, Any]] = []
    steps = len(plan.settings) + len(plan.powers) + len(plan.detectable)
    total = run.progress.add_task("settings", total=steps)
    for _ in work(plan, run, detectable):
        if run.fresh:
            write_json(target, collected(plan, run, detectable))
        run.fresh = False
        run.progress.advance(total)
    result = collected(plan, run, detectable)
    write_json(target, result)
    return result


def collected(plan: Plan, run: Run, detectable: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the calibration holds so far."""
    results = {"statistics": run.version} | summary(run.records.values())
    return results | {"detectable": detectable, "unfinished": unfinished(plan, run, detectable)}


def work(plan: Plan, run: Run, detectable: list[dict[str, Any]]) -> Iterator[None]:
    """Measure step by step, in the order of `Plan`."""
    for setting in plan.levels:
        measure(setting, run)
        yield
    for setting in plan.powers:
        measure(setting, run, setting.repeats // 2)
        yield
    for point in plan.detectable:
        effects = [name for name in REQUIRED if name != "correlation" or point.columns > 1]
        with suppress(OutOfTime):
            seen = {name: smallest(name, point, run) for name in effects}
            detectable.append(asdict(point) | seen)
        yield
    for setting in (*plan.powers, *plan.last):
        measure(setting, run)
        yield


def unfinished(plan: Plan, run: Run, detectable: list[dict[str, Any]]) -> list[str]:
    """Name what was measured less than planned."""
    done = {key: len(records) for key, (_, records) in run.records.items()}
    short = [each.key for each in plan.settings if done.get(each.key, 0) < each.repeats]
    got = {(each["rows"], each["columns"]) for each in detectable}
    points = [point for point in plan.detectable if (point.rows, point.columns) not in got]
    return short + [f"detectable: n={point.rows} d={point.columns}" for point in points]


def smallest(effect: str, point: Point, run: Run) -> float | None:
    """Find the smallest of `SIZES` that is seen in `POWER` of the repeats, by bisection."""
    low, high = 0, len(SIZES)
    while low < high:
        middle = (low + high) // 2
        records = measure(point.setting(effect, SIZES[middle]), run)
        if len(records) < point.repeats:
            raise OutOfTime
        seen = sum(record["verdict"] == "different" for record in records)
        low, high = (low, middle) if seen >= POWER * point.repeats else (middle + 1, high)
    return SIZES[high] if high < len(SIZES) else None


def measure(setting: Setting, run: Run, repeats: int | None = None) -> list[Record]:
    """Return what is in the cache, then what is missing, until the deadline.

    Args:
        setting: what to measure.
        run: how; its `records` is brought up to date.
        repeats: at least so many; None: as many as the setting asks for.
    """
    path, wanted = cache_path(run.folder, setting, run.version), repeats or setting.repeats
    records = {record["repeat"]: record for record in finished(path)}
    missing = [repeat for repeat in range(wanted) if repeat not in records]
    if missing and not run.over:
        with path.open("a") as file:
            for record in repeated(setting, missing, run):
                file.write(json.dumps(record) + "\n")
                file.flush()
                records[record["repeat"]] = record
                run.fresh = True
    kept = [records[repeat] for repeat in sorted(records) if repeat < setting.repeats]
    if len(kept) >= len(run.records.get(setting.key, (setting, []))[1]):
        run.records[setting.key] = setting, kept
    return kept


def repeated(setting: Setting, repeats: list[int], run: Run) -> Iterator[Record]:
    """Run the repeats until the deadline."""
    shown = run.progress.add_task(setting.key, total=len(repeats))
    for record in run.map(partial(one_repeat, setting), repeats):
        run.progress.advance(shown)
        yield record
        if run.over:
            break
    run.progress.remove_task(shown)


def finished(path: Path) -> list[Record]:
    """Read what an earlier run has finished; half a line at the end is cut off."""
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    return [json.loads(line) for line in whole.splitlines()]


def cache_path(folder: Path, setting: Setting, version: str) -> Path:
    """Name the file of finished repeats: another one after a change of statistics or fault."""
    fault = inspect.getsource(FAULTS[setting.fault]) if setting.fault else ""
    digest = hashlib.sha256(f"{version} {setting.key} {fault}".encode()).hexdigest()[:16]
    return folder / f"{digest}.jsonl"


def one_repeat(setting: Setting, repeat: int) -> Record:
    """Draw, plant the fault and judge; a function of the setting's key and the repeat alone."""
    rng = np.random.default_rng([zlib.crc32(setting.key.encode()), repeat])
    case = draw(setting.source, setting.rows, setting.columns, rng)
    if setting.fault:
        case = FAULTS[setting.fault](case, setting.size, rng)
    verdict = judge(
        case.real,
        case.generated,
        Settings(permutations=setting.permutations, seed=int(rng.integers(2**31))),
        train=case.train if "train" in setting.given else None,
        law=known_law(setting.source, setting.columns) if "law" in setting.given else None,
        labels=case.labels[:2] if case.labels and "labels" in setting.given else None,
    )
    p = {name: round(test.p, 9) for name, test in verdict.tests.items()}
    rejecting, word = list(verdict.rejecting), verdict.verdict
    if verdict.memorisation and verdict.memorisation.alarm:  # an answer of its own, counted alike
        rejecting, word = [*rejecting, "memorisation"], DIFFERENT
    said = {"verdict": word, "rejecting": rejecting, "failed": list(verdict.failed), "p": p}
    return {"repeat": repeat} | said


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # such as a full disk; what was measured is kept
        sys.exit(f"error: {error}")
