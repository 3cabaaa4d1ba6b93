"""Intervals of named effects, and the three words that follow from them."""

import json

import numpy as np
import pytest
from scipy.stats import norm

from aae.verdict.cross_fitting import area_and_variance, area_interval
from aae.verdict.intervals import mean_interval, moments, std_interval
from aae.verdict.pair_intervals import Side, correlation_interval
from aae.verdict.tolerance import DIFFERENT, UNDECIDED, WITHIN, tolerances, tolerated

MOMENTS = ("std", "mean", "correlation")
NAMES = "abcdefgh"


def normal(seed, rows=2000, columns=4):
    """Rows with correlation .5 of the first two columns."""
    z = np.random.default_rng(seed).normal(size=(rows, columns))
    z[:, 1:2] = 0.5 * z[:, :1] + np.sqrt(0.75) * z[:, 1:2]
    return z


def answers(real, made, wanted, **changed):
    found = tolerated((real, made), NAMES[: real.shape[1]], wanted, 0.05, 0, **changed)
    return {each.effect: each for each in found.answers}


def test_one_number_is_of_all_and_single_ones_go_first():
    assert tolerances(["0.1"]) == {"std": 0.1, "mean": 0.1, "correlation": 0.1, "auc": 0.55}
    assert tolerances(["auc=0.6", "std=0.05"]) == {"std": 0.05, "auc": 0.6}
    assert tolerances(["std=0.05", "0.2"]) == tolerances(["0.2"]) | {"std": 0.05}
    assert tolerances([]) == {}


@pytest.mark.parametrize(
    "text", ["x", "std", "std=", "=0.1", "sd=0.1", "nan", "0", "-1", "1", "auc=0.5", "auc=1"]
)
def test_no_tolerance_is_told_in_one_line(text):
    with pytest.raises(ValueError, match="^expected .* got ") as caught:
        tolerances([text])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("effect", "change"),
    [
        ("std", lambda rows: rows * [1, 1, 1.25, 1]),
        ("mean", lambda rows: rows + [0, 0, 0.25, 0]),
        ("correlation", lambda rows: np.roll(rows, 1, axis=0) * [1, 0, 0, 0] + rows * [0, 1, 1, 1]),
    ],
)
def test_words_follow_the_tolerance(effect, change):
    """An effect of .25, or of .5 of a correlation: too large for .1, small enough for .7."""
    real, made = normal(0), change(normal(1))
    words = {t: answers(real, made, {effect: t})[effect].word for t in (0.1, 0.7)}
    assert words == {0.1: DIFFERENT, 0.7: WITHIN}
    found = answers(real, made, {effect: 0.1})[effect]
    assert found.worst.names == (("a", "b") if effect == "correlation" else ("c",))
    assert answers(real[:40], made[:40], {effect: 0.5})[effect].word == UNDECIDED


def test_all_together_are_as_bad_as_the_worst():
    real, same, other = normal(0), normal(1), normal(1) * [1, 1, 1.5, 1]
    wanted = dict.fromkeys(MOMENTS, 0.25)
    for made, word in ((same, WITHIN), (other, DIFFERENT)):
        assert tolerated((real, made), NAMES[:4], wanted, 0.05, 0).word == word
    few = tolerated((real[:60], same[:60]), NAMES[:4], wanted, 0.05, 0)
    assert few.word == UNDECIDED
    nothing = tolerated((real[:20], same), NAMES[:4], wanted, 0.05, 0)
    assert nothing.word == UNDECIDED and "fewer than 30 rows" in nothing.notes[0]


@pytest.mark.parametrize("effect", MOMENTS)
def test_units_do_not_matter(effect):
    real, made = normal(0), normal(1)
    moved = [rows * [1e-6, 1e3, 7, 1] + [1e3, -5, 0, 1] for rows in (real, made)]
    one, other = (answers(*each, {effect: 0.1})[effect].interval for each in ((real, made), moved))
    np.testing.assert_allclose([one.low, one.high], [other.low, other.high], rtol=1e-5)


def test_limits_are_those_of_normal_rows():
    """One column: standard errors 1 / sqrt(2n) of log sd and 1 / sqrt(n) of a mean, each side."""
    n = 100_000
    sides = [moments(normal(seed, n, 1)) for seed in (0, 1)]
    z = norm.isf(0.025)
    ratio = np.log(sides[1].sd[0] / sides[0].sd[0])
    wanted = max(abs(np.expm1(ratio + sign * z / np.sqrt(n))) for sign in (-1, 1))
    assert std_interval(*sides, ["a"], 0.05).high == pytest.approx(wanted, rel=0.02)
    d = (sides[1].mean[0] - sides[0].mean[0]) / sides[0].sd[0]
    wanted = abs(d) + z * np.sqrt(2 / n)
    assert mean_interval(*sides, ["a"], 0.05).high == pytest.approx(wanted, rel=0.02)


def test_a_correlation_has_the_limits_of_fisher():
    n = 100_000
    rows = [normal(seed, n, 2) for seed in (0, 1)]
    rho = [np.corrcoef(each.T)[0, 1] for each in rows]
    z = norm.isf(0.025)
    below, above = (
        [abs(np.tanh(np.arctanh(r) + sign * z / np.sqrt(n - 3)) - r) for r in rho]
        for sign in (-1, 1)
    )
    d = rho[1] - rho[0]
    wanted = max(abs(d - np.hypot(below[1], above[0])), abs(d + np.hypot(above[1], below[0])))
    sides = [Side(each, moments(each)) for each in rows]
    assert correlation_interval(*sides, ["a", "b"], 0.05).high == pytest.approx(wanted, rel=0.02)


def test_heavy_tails_are_known_less_well():
    rng = np.random.default_rng(0)
    heavy, light = rng.standard_t(5, size=(2, 1000, 1)), rng.normal(size=(2, 1000, 1))
    wide, narrow = (std_interval(*map(moments, each), ["a"], 0.05).high for each in (heavy, light))
    assert wide > 1.3 * narrow


def test_wide_tables_are_looked_at_in_tiles(monkeypatch):
    """However the pairs are cut into tiles, the largest is the same."""
    real, made = normal(0, 300, 8), normal(1, 300, 8)[:, [1, 2, 0, 3, 4, 5, 6, 7]]
    sides = [Side(rows, moments(rows)) for rows in (real, made)]
    found = correlation_interval(*sides, NAMES, 0.05)
    monkeypatch.setattr("aae.verdict.pair_intervals.TILE", 3)
    tiled = correlation_interval(*sides, NAMES, 0.05)
    np.testing.assert_allclose([tiled.low, tiled.high], [found.low, found.high])
    assert tiled.clearest.names == found.clearest.names


def test_the_largest_effect_is_held_as_often_as_is_said():
    """One column 20% too wide and .2 sd off: 95% of 100, fewer than 88 with chance 1e-3."""
    held = dict.fromkeys(MOMENTS, 0)
    truth = {"std": 0.2, "mean": 0.2, "correlation": 0.5 - 0.3}
    for seed in range(100):
        real, made = normal([seed, 1], 200, 3), normal([seed, 2], 200, 3)
        made[:, 1] = 0.3 * made[:, 0] + np.sqrt(0.91) * normal([seed, 3], 200, 1)[:, 0]
        made[:, 2] = made[:, 2] * 1.2 + 0.2
        for name, size in truth.items():
            interval = answers(real, made, {name: 1.0})[name].interval
            held[name] += interval.low <= size <= interval.high
    assert min(held.values()) >= 88


def test_what_cannot_be_said_is_not():
    real, made = normal(0, 500), normal(1, 500)
    both, one = real.copy(), made.copy()
    both[:, 3], one[:, 3] = 7.0, 7.0
    found = tolerated((both, one), NAMES[:4], tolerances(["0.9"]), 0.05, 0)
    assert found.word == WITHIN and found.notes[0] == "left out, constant in both: d"
    found = tolerated((real, one), NAMES[:4], {"std": 0.9, "correlation": 0.9}, 0.05, 0)
    assert found.word == UNDECIDED
    assert all(each.worst.names == ("d",) for each in found.answers)
    said = found.to_dict()["effects"]["std"]["interval"]
    assert said[1] is None and json.dumps(found.to_dict(), allow_nan=False)


def test_a_column_of_two_values_is_judged_by_its_mean():
    """Its standard deviation says nothing else; of one in a thousand it would not be known."""
    rare = [(np.random.default_rng(n).random((3000, 2)) < 0.003).astype(float) for n in (0, 1)]
    found = tolerated((rare[0], rare[1]), "ab", {"std": 0.1, "mean": 0.2}, 0.05, 0)
    assert [each.effect for each in found.answers] == ["mean"]
    assert found.notes == (
        "std: left out 2 columns of two values, whose mean says all",
        "std: no columns that have one",
    )


def test_area_and_variance_are_those_of_all_pairs():
    """DeLong's components, one by one, with ties."""
    rng = np.random.default_rng(0)
    scores, real = rng.integers(0, 9, size=60).astype(float), np.arange(60) < 25
    x, y = scores[real], scores[~real]
    wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    area, variance = area_and_variance(scores, real)
    assert area == pytest.approx(wins.mean())
    wanted = wins.mean(axis=1).var(ddof=1) / 25 + wins.mean(axis=0).var(ddof=1) / 35
    assert variance == pytest.approx(wanted)


def test_trees_see_what_is_there_and_no_more():
    real, same, other = normal(0, 600), normal(1, 600), normal(1, 600) + 1
    one, two = (area_interval(real, made, 0.05, 0) for made in (same, other))
    assert one.low < 0.5 < one.high < 0.6
    assert two.low > 0.7 and two.high <= 1
