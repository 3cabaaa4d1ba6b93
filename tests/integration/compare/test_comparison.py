"""Comparisons of two sets of runs: level and power on simulated seeds, overlap, and words."""

import math

import numpy as np
import pytest

from aae.compare.comparison import BETTER, SAME, TOO_FEW, WORSE, compare_runs

METRICS = [*(f"distance {i}" for i in range(12)), "explained"]
NAMES = [f"name{i}" for i in range(8)]


def runs(rng, seeds, names=NAMES, *, paired_with=None, metrics=METRICS):
    """Runs whose metrics depend on each other and are skewed.

    Skewness 1.1 and excess kurtosis 2.3 (docs/comparison.md has those of seeds).

    `paired_with`: runs of the same seeds, whose noise they share in part.
    """
    found: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
    for place, name in enumerate(names):
        found[name, "default"] = {}
        for seed in seeds:
            common = rng.standard_normal()
            values = np.exp(0.25 * (common + rng.standard_normal(len(metrics)))) * (1 + place)
            if paired_with:
                shared = [*paired_with[name, "default"][seed].values()]
                values = 0.5 * values + 0.5 * np.array(shared)
            found[name, "default"][seed] = dict(zip(metrics, values.tolist(), strict=True))
    return found


def null_pair(rng, kind, seeds=10):
    """Two revisions that differ in their seeds, or by noise under the same seeds, alone."""
    if kind == "other seeds":
        return runs(rng, range(seeds)), runs(rng, range(seeds, 2 * seeds))
    shared = runs(rng, range(seeds))
    return tuple(runs(rng, range(seeds), paired_with=shared) for _ in range(2))


@pytest.mark.parametrize("kind", ["other seeds", "same seeds"])
def test_seeds_alone_are_the_same_within_noise(kind):
    rng = np.random.default_rng(0)
    words = [compare_runs(*null_pair(rng, kind)).word for _ in range(100)]
    assert words.count(SAME) >= 93, words


@pytest.mark.parametrize("kind", ["other seeds", "same seeds"])
@pytest.mark.parametrize("metric", ["distance 3", "explained"])
def test_a_planted_change_of_the_stated_size_is_seen(kind, metric):
    rng = np.random.default_rng(1)
    seen, repeats = 0, 60
    for _ in range(repeats):
        stated = found_line(compare_runs(*null_pair(rng, kind)), metric).detectable
        base, other = null_pair(rng, kind)
        for values in other["name4", "default"].values():
            values[metric] += stated
        word = found_line(compare_runs(base, other), metric).word
        assert word in (SAME, BETTER if metric == "explained" else WORSE)
        seen += word != SAME
    assert seen / repeats >= 0.8


@pytest.mark.parametrize("common", [0, 1, 3, 6, 10])
def test_all_seeds_count_where_those_in_common_are_too_few(common):
    rng = np.random.default_rng(3)
    base = runs(rng, range(10), NAMES[:1])
    other = shifted(runs(rng, range(10 - common, 20 - common), NAMES[:1]), "distance 0", 9)
    line = found_line(compare_runs(base, other), "distance 0", "name0")
    assert line.word == WORSE
    assert line.design.paired == (common >= 6)
    assert len(line.base) == len(line.other) == (common if common >= 6 else 10)


@pytest.mark.parametrize("added", [1, 9])
def test_runs_that_are_the_same_are_the_same_beside_new_seeds(added):
    rng = np.random.default_rng(4)
    base = runs(rng, range(1), NAMES[:1])
    new = runs(rng, range(1, 1 + added), NAMES[:1])
    other = {cell: {**base[cell], **new[cell]} for cell in base}
    assert compare_runs(base, other).word == SAME


def found_line(comparison, metric, name="name4"):
    (line,) = (each for each in comparison.lines if (each.name, each.metric) == (name, metric))
    return line


def shifted(found, metric, by):
    return {
        cell: {seed: values | {metric: values[metric] + by} for seed, values in each.items()}
        for cell, each in found.items()
    }


@pytest.mark.parametrize(
    ("metric", "by", "word"),
    [("distance 0", 9, WORSE), ("distance 0", -9, BETTER), ("explained", 9, BETTER)],
)
def test_direction(metric, by, word):
    base = runs(np.random.default_rng(2), range(9))
    found = compare_runs(base, shifted(base, metric, by))
    assert found.word == word
    assert found.count(word) == len(NAMES)
    assert found.count(SAME) == len(NAMES) * (len(METRICS) - 1)
    back = compare_runs(shifted(base, metric, by), base)
    assert back.word == {BETTER: WORSE, WORSE: BETTER}[word]


def test_worse_anywhere_is_worse():
    base = runs(np.random.default_rng(3), range(10))
    mixed = shifted(shifted(base, "distance 0", 9), "distance 1", -9)
    found = compare_runs(base, mixed)
    assert found.word == WORSE
    assert found.count(BETTER) == found.count(WORSE) == len(NAMES)


@pytest.mark.parametrize("seeds", [1, 2, 10])
def test_identical_runs_are_the_same_whatever_the_seeds(seeds):
    base = runs(np.random.default_rng(4), range(seeds))
    found = compare_runs(base, base)
    assert found.word == SAME
    assert all(line.identical and line.difference == 0 for line in found.lines)


def test_rounding_is_no_difference():
    base = runs(np.random.default_rng(5), range(10))
    found = compare_runs(base, shifted(base, "distance 0", 1e-12))
    assert all(line.identical for line in found.lines)


@pytest.mark.parametrize(("names", "needed"), [(1, 6), (8, 9)])
def test_too_few_seeds_say_how_many(names, needed):
    rng = np.random.default_rng(6)
    base = runs(rng, range(needed - 1), NAMES[:names])
    found = compare_runs(base, shifted(base, "distance 0", 100))
    assert found.word == TOO_FEW and found.seeds_needed == needed
    enough = runs(rng, range(needed), NAMES[:names])
    assert compare_runs(enough, shifted(enough, "distance 0", 100)).word == WORSE


def test_names_that_did_not_change_need_no_seeds():
    rng = np.random.default_rng(7)
    base = runs(rng, range(6))
    other = base | shifted({("name0", "default"): base["name0", "default"]}, "distance 0", 100)
    found = compare_runs(base, other)
    assert found.word == WORSE and found.count(WORSE) == 1


def test_what_overlaps_is_compared_and_the_rest_said():
    rng = np.random.default_rng(8)
    base = runs(rng, range(10), ["a", "b"])
    other = runs(rng, range(12), ["b", "c"], metrics=[*METRICS[1:], "new"])
    found = compare_runs(base, other)
    assert {line.name for line in found.lines} == {"b"}
    assert {line.metric for line in found.lines} == {*METRICS[1:]}
    assert found.notes == (
        "only in the base: a/default",
        "only in the other: c/default",
        "b/default: seeds only in the other: 10, 11",
        "b/default: not in all runs of both: distance 0, new",
    )


def test_nothing_in_common_is_refused():
    rng = np.random.default_rng(9)
    with pytest.raises(ValueError, match="of both, got a/default and b/default"):
        compare_runs(runs(rng, [0], ["a"]), runs(rng, [0], ["b"]))
    with pytest.raises(ValueError, match="expected a metric that both"):
        compare_runs(runs(rng, [0], metrics=["x"]), runs(rng, [0], metrics=["y"]))


@pytest.mark.parametrize("kind", ["other seeds", "same seeds"])
def test_intervals_cover_the_difference(kind):
    rng = np.random.default_rng(10)
    covered = []
    for _ in range(100):
        interval = compare_runs(*null_pair(rng, kind)).lines[0].interval
        assert interval is not None
        low, high = interval
        covered.append(low <= 0 <= high)
    assert np.mean(covered) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 100)


def test_one_seed_has_no_interval():
    rng = np.random.default_rng(11)
    (line, *_) = compare_runs(runs(rng, [0], ["a"]), runs(rng, [0], ["a"])).lines
    assert line.interval is None and line.detectable is None and line.word == TOO_FEW
    (line, *_) = compare_runs(runs(rng, [0], ["a"]), runs(rng, [1], ["a"])).lines
    assert line.interval is None and line.word == TOO_FEW
