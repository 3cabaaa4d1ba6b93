"""The test battery on any two tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from aae.check.findings import Sides, class_differences, where_different, worst_moments
from aae.check.result import Check
from aae.check.tables import Features, Reading, label_pair, numbers, read_alike
from aae.verdict.judge import DIFFERENT, Settings, Verdict, judge
from aae.verdict.own_power import OwnPower
from aae.verdict.tolerance import Tolerance, tolerated


@dataclass(frozen=True)
class Compared:
    """Tables as numbers in the same columns.

    Attributes:
        sides: real and generated rows; train: rows that the generator learned from, or None.
        columns: their names; sources: the column of the table that each is of.
        labels: classes of real and generated rows, and their names; None where not compared.
        notes: what was left out or put together.
        files: names of the real and of the generated rows' files.
    """

    sides: Sides
    train: NDArray[Any] | None
    columns: tuple[str, ...]
    sources: Mapping[str, str]
    labels: Any
    notes: tuple[str, ...]
    files: tuple[str, str]


def check(
    real: Path,
    generated: Path,
    *,
    train: Path | None = None,
    reading: Reading = Reading(),  # noqa: B008 (frozen)
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    power: bool = False,
    tolerance: Mapping[str, float] | None = None,
) -> Check:
    """Judge the rows of one table against those of another.

    Args:
        real: CSV, Parquet or NPY file of rows that the generator did not learn from.
        generated: rows of a generator, with the same columns (in any order where they have names).
            Where they have the label column too, the shares and the rows of classes are compared.
        train: rows that the generator learned from: are they memorised?
        reading: label, columns left out, separator and gaps.
        settings: permutations, level, seed and resolution.
        power: whether to measure on these rows what they could have shown, instead of looking up
            what rows of independent columns show; some seconds, where no test rejects.
        tolerance: of named effects, see `aae.verdict.tolerance.tolerances`.

    Raises:
        ValueError: tables that cannot be read alike, see `read_alike` and `numbers`.
        FileNotFoundError: there is no such file.
    """
    import pyarrow as pa

    paths = [real, generated, *([] if train is None else [train])]
    given = compared(read_alike(paths, reading), reading)
    pa.default_memory_pool().release_unused()  # it keeps what the tables took, which is in `given`
    return judged(given, settings, power=power, tolerance=tolerance or {})


def judged(
    given: Compared, settings: Settings, *, power: bool = False, tolerance: Mapping[str, float]
) -> Check:
    """Judge tables that are `compared`; settings, power and tolerance as those of `check`."""
    sides, names, labels = given.sides, given.columns, given.labels
    measured = OwnPower(
        *sides, settings, others=2 * (labels is not None)
    )  # shares, rows of classes
    verdict = judge(
        *sides,
        settings,
        train=given.train,
        labels=None if labels is None else labels[:2],
        columns=names,
        calibration=measured.table if power else None,
    )
    done = Check(
        verdict,
        *given.files,
        settings.alpha,
        notes=given.notes,
        moments=worst_moments(sides, names, settings.seed),
        power=measured.power,
        tolerance=_tolerance(verdict, sides, names, tolerance, settings),
        sides=sides,
        columns=names,
    )
    return _located(done, given, settings) if verdict.verdict == DIFFERENT else done


def compared(tables: Sequence[Features], reading: Reading) -> Compared:
    """Tables that are read alike as numbers: real, generated, and those learned from if known."""
    code = numbers(tables, reading)
    labels = None if tables[1].labels is None else label_pair(*tables[:2])
    notes = tuple(code.notes)
    if reading.label is not None and labels is None:
        what = f"no column {reading.label!r} in {tables[1].file}"
        notes += (f"classes are not compared: {what}",)
    return Compared(
        (code.rows[0], code.rows[1]),
        code.rows[2] if len(tables) > 2 else None,
        tuple(code.columns),
        dict(zip(code.columns, code.sources, strict=True)),
        labels,
        notes,
        (tables[0].file, tables[1].file),
    )


def _located(done: Check, given: Compared, settings: Settings) -> Check:
    """Add where the rows differ, if tests could be made of them."""
    verdict, names = done.verdict, given.columns
    if verdict.sample is None:
        return done
    where = where_different(given.sides, names, verdict.sample, settings.alpha)
    apart = tuple(each for each in where.pairs if _apart(each.names, given.sources))
    done = replace(done, where=replace(where, pairs=apart))
    if given.labels is None:
        return done
    classes = class_differences(given.sides, given.labels, verdict.rejecting, settings)
    return replace(done, classes=classes)


def _tolerance(
    verdict: Verdict,
    sides: Sides,
    names: Sequence[str],
    wanted: Mapping[str, float],
    settings: Settings,
) -> Tolerance | None:
    if not wanted:
        return None
    if not (verdict.tests or verdict.failed):  # rows that cannot be judged have no effects either
        return Tolerance(1 - settings.alpha, ())
    return tolerated(sides, names, wanted, settings.alpha, settings.seed)


def _apart(pair: tuple[str, str], source: Mapping[str, str]) -> bool:
    """Whether two columns are of two: codes of one column depend on each other by themselves."""
    return source[pair[0]] != source[pair[1]]


def shared(settings: Settings, generators: int) -> Settings:
    """Divide the level among several generators (Bonferroni): any is `different` wrongly in alpha.

    Raises:
        ValueError: too few permutations for a level so small; the message says how many do.
    """
    return replace(settings, alpha=settings.alpha / generators)
