"""What seeds alone do to the metrics, and how often a comparison is wrong about it, measured.

`python -m aae.compare.seed_noise REVISION`: the seeds of a revision are split in two at
random, again and again; each split is two revisions that differ in the seed alone.
"""

import sys
from collections.abc import Mapping

import numpy as np
from scipy import stats

from aae.compare.comparison import SAME, TOO_FEW, Comparison, Line, compare_runs
from aae.compare.pairing import Cell, Runs, Values
from aae.compare.relabelling import POWER
from aae.compare.revisions import read_revisions

REPEATS = 100


def split(runs: Runs, rng: np.random.Generator, *, paired: bool) -> tuple[Runs, Runs]:
    """Split the seeds in two, each name and variant alike; paired: numbered alike.

    Raises:
        ValueError: fewer than 4 seeds.
    """
    seeds = rng.permutation(sorted(next(iter(runs.values()))))
    if len(seeds) < 4:
        raise ValueError(f"expected at least 4 seeds, got {len(seeds)}")
    half = len(seeds) // 2
    first, second = seeds[:half].tolist(), seeds[half : 2 * half].tolist()
    names = first if paired else second
    return _chosen(runs, dict(zip(first, first, strict=True))), _chosen(
        runs, dict(zip(names, second, strict=True))
    )


def _chosen(runs: Runs, seeds: Mapping[int, int]) -> Runs:
    return {cell: {name: each[seed] for name, seed in seeds.items()} for cell, each in runs.items()}


def planted(runs: Runs, line: Line, size: float) -> Runs:
    """Add a change to one metric of one name and variant."""
    cell: Cell = (line.name, line.variant)
    changed: dict[int, Values] = {
        seed: {**values, line.metric: values[line.metric] + size}
        for seed, values in runs[cell].items()
    }
    return {**runs, cell: changed}


def shares(runs: Runs, *, paired: bool) -> tuple[float, float]:
    """Share of splits that are called the same, and of planted changes that are seen.

    What is planted has the size that the comparison of another split says it can see. A metric
    that no seed changes is not planted upon.

    Raises:
        ValueError: half of the seeds are too few to tell anything.
    """
    rng = np.random.default_rng(0)
    same, seen = [], []
    for _ in range(REPEATS):
        stated = compare_runs(*split(runs, rng, paired=paired))
        if stated.word == TOO_FEW:
            raise ValueError(f"expected at least {2 * stated.seeds_needed} seeds to split")
        base, other = split(runs, rng, paired=paired)
        same.append(compare_runs(base, other).word == SAME)
        lines = [line for line in stated.lines if line.detectable]
        if lines:
            line = lines[rng.integers(len(lines))]
            comparison = compare_runs(base, planted(other, line, line.detectable or 0.0))
            seen.append(_word(comparison, line) != SAME)
    return float(np.mean(same)), float(np.mean(seen)) if seen else float("nan")


def _word(comparison: Comparison, like: Line) -> str:
    key = (like.name, like.variant, like.metric)
    return next(
        each.word for each in comparison.lines if (each.name, each.variant, each.metric) == key
    )


def spreads(runs: Runs) -> list[str]:
    """A line for each metric: standard deviation, skewness and excess kurtosis over seeds."""
    lines = []
    for (name, variant), seeds in runs.items():
        lines.append(f"{name}/{variant}, {len(seeds)} seeds: mean, std, skewness, kurtosis")
        for metric in next(iter(seeds.values())):
            x = np.array([values[metric] for values in seeds.values()])
            if np.ptp(x) > 0:
                shape = stats.skew(x), stats.kurtosis(x)
                figures = "".join(f"{each:9.3g}" for each in (x.mean(), x.std(ddof=1), *shape))
                lines.append(f"  {metric:18}{figures}")
    return lines


def main() -> None:
    """Print both for one revision."""
    names = sys.argv[1:] or ["HEAD"]
    if len(names) > 1:
        sys.exit(f"error: expected one revision, got {', '.join(names)}")
    (revision,) = read_revisions(names)
    if isinstance(revision, ValueError):
        sys.exit(f"error: {revision}")
    print("\n".join(spreads(revision.runs)))
    for paired in (False, True):
        print("paired seeds:" if paired else "other seeds:", outcome(revision.runs, paired))


def outcome(runs: Runs, paired: bool) -> str:
    """A sentence of both shares."""
    try:
        same, seen = shares(runs, paired=paired)
    except ValueError as error:
        return str(error)
    return (
        f"{same:.0%} of {REPEATS} splits are {SAME!r}; "
        f"{seen:.0%} of planted changes are seen ({POWER:.0%} stated)"
    )


if __name__ == "__main__":
    main()
