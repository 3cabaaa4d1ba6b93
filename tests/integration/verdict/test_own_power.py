"""Laws of the power on a table's own rows: it agrees with verdicts, and with more rows grows."""

import numpy as np
import pytest
from scipy.stats import binom

from aae.verdict import own_power as module
from aae.verdict.battery import STATISTICS, Statistic
from aae.verdict.judge import DIFFERENT, Settings, judge
from aae.verdict.outcome import Outcome
from aae.verdict.own_power import OwnPower, as_table, plan, power_of
from aae.verdict.planting import EFFECTS
from aae.verdict.power import shown
from aae.verdict.tilting import Table
from aae.verdict.trials import Trials, ratios_of


def normal_rows(rows, columns=10, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def size_of(name, rows, a_side, **options):
    return power_of(rows, a_side, effects=[name], **options)["effects"][name]["size"]


def test_a_ratio_above_one_is_a_rejection():
    """Near the threshold, where both answers occur, verdicts agree in most divisions."""
    rows, settings, agreed, seen = normal_rows(200, 5), Settings(), [], []
    for seed in range(24):
        sides = EFFECTS["mean"].plant(Table(rows), 100, np.random.default_rng(seed))(0.22)
        assert sides is not None
        seen.append(judge(*sides, settings).verdict == DIFFERENT)
        agreed.append((max(ratios_of(sides, settings).values()) > 1) == seen[-1])
    assert 4 <= sum(seen) <= 22
    assert sum(agreed) >= 20


@pytest.mark.parametrize("name, plant", [("std", lambda y, s: (1 - s) * y), ("mean", np.add)])
def test_the_size_is_seen_in_most_verdicts_on_fresh_rows(name, plant):
    """Planted by moving rows of a normal law; the bounds hold with chance .999 if power is .8."""
    size = size_of(name, normal_rows(300, 4), 150)
    seen = dict.fromkeys((0.5, 1.0, 1.5), 0)
    for seed in range(12):
        x, y = np.random.default_rng([seed, 9]).normal(size=(2, 150, 4))
        for factor in seen:
            other = plant(y, factor * size)
            seen[factor] += judge(x, other, Settings(seed=seed)).verdict == DIFFERENT
    assert seen[1.0] >= binom.ppf(1e-3, 12, 0.8)
    assert seen[1.5] >= 11
    assert seen[0.5] <= 6


def test_more_rows_see_smaller_effects():
    """Like one over the root of the rows; an estimate's standard error is 9%, a ratio's 13%."""
    rows = normal_rows(1600, 4)
    few, many = (size_of("mean", rows[: 2 * side], side) for side in (100, 400))
    assert many == pytest.approx(few / 2, rel=3 * 0.13)


def test_sizes_are_scaled_to_the_rows_of_the_verdict():
    rows = normal_rows(200, 4)
    here, there = (power_of(rows, side, effects=["mean"]) for side in (100, 400))
    assert (there["divided"], there["rows"]) == (100, 400)
    size = here["effects"]["mean"]["size"]
    assert there["effects"]["mean"]["size"] == pytest.approx(size / 2, rel=0.05)
    assert power_of(rows, 10**6, effects=["mean"])["rows"] == module.SCALED_ROWS


def test_a_stricter_level_sees_larger_effects():
    rows = normal_rows(200, 4)
    strict = size_of("mean", rows, 100, settings=Settings(9999, alpha=0.001))
    assert strict > 1.1 * size_of("mean", rows, 100)
    assert size_of("mean", rows, 100, others=20) >= size_of("mean", rows, 100)


def test_a_new_test_counts(monkeypatch):
    def sees(pool):
        return Outcome(1.0, 0.5, 0.0, 0.0, 100.0)

    rows = normal_rows(100, 3)
    monkeypatch.setitem(STATISTICS, "new", Statistic(sees))
    seen = power_of(rows, 50, effects=["mean"])["effects"]["mean"]
    assert seen["seen_by"] == "new" and seen["size"] < 0.02


def test_an_effect_that_no_test_sees_has_no_size(monkeypatch):
    monkeypatch.setattr(module, "ratios_of", lambda *_: {"blind": 0.1})
    effects = power_of(normal_rows(100, 3), 50)["effects"]
    assert {name: each["size"] for name, each in effects.items()} == dict.fromkeys(EFFECTS)


@pytest.mark.parametrize("columns", [1, 2])
def test_few_columns(columns):
    rows = np.hstack([normal_rows(100, columns), np.ones((100, 1))])  # the constant is no column
    names = set(power_of(rows, 50)["effects"])
    assert names == {name for name, each in EFFECTS.items() if each.columns <= columns}


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="at least 4 rows, got 3"):
        power_of(normal_rows(3), 1)


def test_a_pair_that_cannot_carry_the_effect_is_left_for_another():
    rows = normal_rows(200, 2)
    rows = np.hstack([rows, rows[:, :1] + 1e-3 * normal_rows(200, 1, 1)])  # a collinear pair
    assert size_of("correlation of one pair", rows, 100) is not None


def test_the_same_seed_gives_the_same():
    rows = normal_rows(100, 3)
    first, again = (power_of(rows, 50, effects=["std"]) for _ in range(2))
    assert first == again


def test_a_plan_asks_for_the_square_of_the_ratio():
    rows = normal_rows(200, 4)
    planned = plan(rows, wanted={"mean": 0.1, "std": 0.1})
    for name, each in planned["effects"].items():
        size = size_of(name, rows, 100)
        assert each["size"] == size
        assert each["rows"] == int(np.ceil(100 * (size / 0.1) ** 2))
    assert plan(rows[:, :1])["effects"].keys() == {"std", "mean"}


def test_a_verdict_takes_it_instead_of_the_packages_table():
    x, y = normal_rows(150, 4, 1), normal_rows(120, 4, 2)
    own = OwnPower(x, y, Settings())
    found = judge(x, y, calibration=own.table)
    assert own.power == power_of(np.concatenate([x, y]), 120)
    assert f"power in these rows: std {own.power['effects']['std']['size']:.3g}" in found.reason
    assert "lost mode 0." in found.reason and "measured at" not in found.reason
    assert found.verdict == "underpowered"  # a mean .1 is not seen in 120 rows


def test_it_is_not_asked_for_where_a_test_rejects():
    x = normal_rows(60, 2)
    own = OwnPower(x, x[::-1] + 2, Settings())
    assert judge(x, x[::-1] + 2, calibration=own.table).verdict == DIFFERENT
    assert own.power == {}


def test_tests_that_came_near_the_largest_are_asked_again():
    trials = Trials([], [])
    trials.add(0.1, {"a": 2.0, "b": 1.5, "c": 0.1})
    trials.add(0.1, {"a": 0.2, "b": 0.1, "c": 0.3})
    assert trials.leading(0.6) == {"a", "b", "c"}
    assert trials.leading(0.7) == {"a", "b", "c"}
    assert trials.leading(1.0) == {"a", "c"}
    assert trials.seen_by() == "a"


def test_what_is_not_asked_is_not_run(monkeypatch):
    rows = normal_rows(100, 3)
    sides = EFFECTS["mean"].plant(Table(rows), 50, np.random.default_rng(0))(0.1)
    assert sides is not None
    every, one = (ratios_of(sides, Settings(), 0, asked) for asked in (None, {"energy"}))
    assert one == {"energy": every["energy"]}


def test_an_effect_that_rows_cannot_have_is_left_out():
    """Of two columns that are one, no choice of rows makes the correlation other than 1."""
    rows = np.repeat(normal_rows(200, 1), 2, axis=1)
    power = power_of(rows, 100, effects=["std", "correlation"])
    assert power["effects"].keys() == {"std"}
    assert shown(as_table(power, 2, "rows"), 100, 2, (0.05, 999)).rows_needed is not None
