"""Laws of the verdict: level, power, hard checks, and never a pass by accident."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from aae.verdict import battery as statistics
from aae.verdict import judge as verdict
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.judge import Settings, judge
from aae.verdict.outcome import permutation_outcome
from aae.verdict.power import enough, known_power

QUICK = Settings(permutations=199)


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


PASSED = ("not distinguished", "underpowered")

LAWS = {
    "uniform": lambda rng, n, d: rng.random((n, d)),
    "one number": lambda rng, n, d: np.repeat(rng.normal(size=(n, 1)), d, axis=1),
    "grid": lambda rng, n, d: rng.integers(0, 10, (n, d)) * 0.1,
    "mixture": lambda rng, n, d: rng.normal(size=(n, d)) + 3 * rng.integers(0, 3, (n, 1)),
    "heavy": lambda rng, n, d: rng.standard_t(1.5, (n, d)),
    "counts": lambda rng, n, d: rng.poisson(2, (n, d)),
}


@pytest.mark.parametrize("law", LAWS)
def test_family_wise_level(law):
    """At alpha .05 a right verdict passes with chance > 0.9999."""
    repeats, different = 36, 0
    for seed in range(repeats):
        rng, columns = np.random.default_rng(seed), (1, 2, 12)[seed % 3]
        real, generated, train = (LAWS[law](rng, rows, columns) for rows in (80, 60, 90))
        found = judge(real, generated.astype(np.float32), Settings(199, seed=seed), train=train)
        assert found.verdict in (*PASSED, "different"), found.reason
        assert not found.failed
        different += found.verdict == "different"
    assert different <= stats.binom.isf(1e-4, repeats, 0.05)


def planted(fault, rows=1000, columns=784, seed=0):
    """Return real rows and rows with one of the faults that a verdict must see."""
    x, y = normal([seed, 0], rows, columns), normal([seed, 1], rows, columns)
    rng = np.random.default_rng([seed, 2])
    shared, signs = rng.normal(size=(rows, 1)), rng.choice([-1, 1], columns)
    return {
        "std -2%": (x, 0.98 * y),
        "std of columns +-5%": (x, y * (1 + 0.05 * signs)),
        "gaussian for uniform": (rng.random(x.shape) + 1, 1.5 + y / np.sqrt(12)),
        "correlation .02": (x, np.sqrt(0.98) * y + np.sqrt(0.02) * shared),
        "correlation .02, any signs": (x, np.sqrt(0.98) * y + np.sqrt(0.02) * shared * signs),
        "autocorrelation": (x, np.sqrt(0.99) * y + 0.1 * np.roll(y, 1, axis=1)),
        "means .03": (x, y + 0.03 * rng.normal(size=columns)),
        "lost mode": (x + 2 * (rng.random((rows, 1)) < 0.25), y),
        "one number plus noise": (np.repeat(x[:, :1], columns, axis=1), y[:, :1] + 0.01 * y),
        "rounded": (x, np.round(y, 1)),
        "5% outliers": (x, y * np.where(rng.random((rows, 1)) < 0.05, 2, 1)),
    }[fault]


@pytest.mark.parametrize(
    "fault",
    [
        "std -2%",
        "std of columns +-5%",
        "gaussian for uniform",
        "correlation .02",
        "correlation .02, any signs",
        "autocorrelation",
        "means .03",
        "lost mode",
        "one number plus noise",
        "rounded",
        "5% outliers",
    ],
)
def test_planted_faults_are_seen(fault):
    found = judge(*planted(fault), QUICK)
    assert found.verdict == "different"
    assert found.rejecting or found.failed


@pytest.mark.parametrize("columns", [1, 2, 10])
def test_faults_of_few_columns_are_seen(columns):
    x, y = normal(0, 1000, columns), normal(1, 1000, columns)
    for fault in (y + 0.25, 0.8 * y, np.sign(y) * np.abs(y) ** 1.5, np.abs(y)):
        assert judge(x, fault, QUICK).verdict == "different"


def test_a_lost_correlation_of_two_columns_is_seen():
    x, y = normal(0, 1000, 2), normal(1, 1000, 2)
    x[:, 1] = 0.4 * x[:, 0] + np.sqrt(1 - 0.16) * x[:, 1]
    assert judge(x, y, QUICK).verdict == "different"


# Hard checks


def test_values_outside_the_known_law():
    real, generated = np.random.default_rng(0).random((2, 100, 3))
    law = KnownLaw(low=0.0, high=1.0)
    assert not judge(real, generated, QUICK, law=law).failed
    generated[7, 1] = 1.01
    found = judge(real, generated, QUICK, law=law)
    assert found.verdict == "different"
    assert "known support in 1 of 3 columns (x1: 1 of 100 rows)" in found.reason


def test_values_off_the_known_atoms():
    real, generated = np.random.default_rng(0).integers(0, 3, (2, 100, 3)) * 0.1
    law = KnownLaw(atoms=[0.0, 0.1, 0.2])
    assert not judge(real, generated.astype(np.float32), QUICK, law=law).failed
    generated[7, 1] = 0.15
    assert "known atoms" in judge(real, generated, QUICK, law=law).reason


RULES = {
    "sign": (lambda rng, shape: rng.exponential(size=shape), lambda y: y - 0.2),
    "whole numbers": (lambda rng, shape: rng.integers(0, 1000, shape), lambda y: y + 0.3),
    "grid": (lambda rng, shape: rng.integers(0, 256, shape) / 255 + 7, lambda y: y + 0.001),
    "atoms": (lambda rng, shape: rng.choice([0.13, 2.71, 9.9], shape), lambda y: y + 0.4),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("given_train", [False, True])
def test_rules_of_the_training_rows(rule, given_train):
    draw, broken = RULES[rule]
    real, generated, train = draw(np.random.default_rng(0), (3, 400, 4)) * 1.0
    train = train if given_train else None
    assert not judge(real, generated, QUICK, train=train).failed
    found = judge(real, broken(generated), QUICK, train=train)
    assert found.verdict == "different"
    assert any(rule in sentence for sentence in found.failed)


def test_rare_values_break_no_rule():
    """Counts have new largest values, normal columns off zero now and then a negative one."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        sides = [
            np.hstack([rng.zipf(1.5, (100, 5)) % 10**6, 2.5 + rng.normal(size=(100, 50))])
            for _ in range(3)
        ]
        assert not judge(sides[0], sides[1], QUICK, train=sides[2]).failed


def test_fresh_rows_may_leave_the_range_of_training_rows():
    real, generated, train = np.random.default_rng(0).random((3, 100, 200))
    assert (generated < train.min(axis=0)).any()
    assert (generated > train.max(axis=0)).any()
    assert judge(real, generated, QUICK, train=train).verdict in PASSED


def test_repeated_rows_under_a_continuous_law():
    real, generated = normal(0, 300, 5), normal(1, 300, 5)
    found = judge(real, generated[np.arange(300) % 200], QUICK)
    assert "repeat each other: 100 of 300" in found.reason


@pytest.mark.parametrize("train_rows", [300, 3000])
def test_copied_training_rows(train_rows):
    real, generated, train = (normal(s, n, 5) for s, n in enumerate((300, 300, train_rows)))
    honest = judge(real, generated, QUICK, train=train)
    assert honest.verdict != "different"
    assert honest.memorisation is not None
    assert not honest.memorisation.alarm
    assert "memorised" not in honest.reason
    generated[:60] = train[:60] + 1e-7
    found = judge(real, generated, QUICK, train=train)
    assert found.verdict == honest.verdict
    assert found.memorisation is not None and found.memorisation.repeats == 60
    assert f"memorised: {found.memorisation.reason}" in found.reason


def test_jittered_training_rows_are_memorised():
    real, train = normal(0, 300, 20), normal(2, 300, 20)
    found = judge(real, train + 0.05 * normal(3, 300, 20), QUICK, train=train)
    assert found.memorisation is not None and found.memorisation.alarm
    assert "memorised" in found.reason
    assert "memorisation" not in found.tests


def test_memorisation_that_cannot_run_is_an_error(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("no way")

    monkeypatch.setattr(verdict, "memorisation", broken)
    found = judge(normal(0, 60, 2), normal(1, 60, 2), QUICK, train=normal(2, 60, 2))
    assert found.verdict == "error"
    assert "memorisation could not run: ZeroDivisionError: no way" in found.reason


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("side", ["real", "generated"])
def test_a_column_constant_on_one_side_beside_any_unit(unit, side):
    sides = {name: normal(seed, 400, 4) for seed, name in enumerate(("real", "generated"))}
    for rows in sides.values():
        rows[:, :3] *= 1e5 * unit
        rows[:, 3] *= unit
    sides[side][:, 3] = np.median(sides[side][:, 3])
    found = judge(**sides, settings=QUICK, columns=["a", "b", "c", "latitude"])
    assert found.verdict == "different"
    assert f"constant in the {side} rows alone: 1 of 4 columns (latitude: " in found.reason
    assert "400 of 400" in found.reason


def test_a_column_nearly_constant_on_one_side_is_seen():
    real, generated = normal(0, 400, 4) * [1e5, 1e5, 1e5, 1], normal(1, 400, 4)
    generated *= [1e5, 1e5, 1e5, 1e-3]
    assert judge(real, generated, QUICK).verdict == "different"


def test_the_same_rows_are_said_first():
    real = normal(0, 300, 3)
    assert "the same rows" in judge(real, real[::-1].astype(np.float32), QUICK).reason
    found = judge(real, real[::-1], QUICK)
    assert found.verdict == "different"
    assert found.reason.startswith("hard check failed: the same rows")


# Number formats


@pytest.mark.parametrize(
    "column",
    [
        lambda rng: 1e6 + 1e-3 * rng.normal(size=300),
        lambda rng: 1e9 + 1e2 * rng.normal(size=300),
        lambda rng: 1_700_000_000_000_000_000 + rng.integers(0, 10**6, 300),
        lambda rng: 1_700_000_000 + rng.integers(0, 500, 300),
    ],
)
def test_nothing_is_merged_far_from_zero(column):
    """The upper half of the values' range, missing, is seen at any distance from zero."""
    real, generated = (column(np.random.default_rng(seed))[:, None] for seed in (0, 1))
    other = np.where(generated > np.median(real), 2 * int(np.median(real)) - generated, generated)
    assert judge(real, generated, QUICK).verdict != "different"
    assert judge(real, other.astype(real.dtype), QUICK).verdict == "different"


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.float16])
def test_small_formats_are_judged_as_their_values(kind):
    rng = np.random.default_rng(0)
    top = 2 if kind is bool else 200
    real, generated = rng.integers(0, top, (2, 300, 3)).astype(kind)
    skewed = np.minimum(generated, rng.integers(0, top, (300, 3)).astype(kind))
    for rows in (generated, skewed):
        found = judge(real, rows, QUICK)
        wanted = judge(real.astype(float), rows.astype(float), QUICK)
        assert found == wanted
    assert found.verdict == "different"


def test_what_the_coarser_format_merges_is_said():
    rng = np.random.default_rng(0)
    real, generated = 1e9 + rng.integers(0, 300, (2, 300, 2)) * [1.0, 1e6]
    found = judge(real, generated.astype(np.float32), QUICK, columns=["id", "code"])
    assert found.verdict != "different"
    assert "read as float32" in found.reason
    assert "1 columns (id by up to 32)" in found.reason
    assert "float32" not in judge(real, generated, QUICK).reason


# Never a pass by accident


BAD = {
    "huge": (lambda y: y * 1e101, "row 0 (counted from 0), column x0"),
    "NaN": (
        lambda y: np.where(np.arange(40)[:, None] == 7, np.nan, y),
        "row 7 (counted from 0), column x0",
    ),
    "infinite": (
        lambda y: np.where(np.arange(4) == 2, np.inf, y),
        "row 0 (counted from 0), column x2",
    ),
    "columns": (lambda y: y[:, :3], "expected 4 columns in generated rows, got 3"),
    "dimensions": (lambda y: y[:, 0], "expected a table of generated rows, got shape (40,)"),
    "empty": (lambda y: y[:0], "expected a table of generated rows, got shape (0, 4)"),
    "text": (lambda y: y.astype(str), "expected numbers in generated rows"),
}


@pytest.mark.parametrize("what", BAD)
def test_unusable_rows_are_errors(what):
    spoil, reason = BAD[what]
    found = judge(normal(0, 40, 4), spoil(normal(1, 40, 4)), QUICK)
    assert found.verdict == "error"
    assert reason in found.reason
    json.dumps(found.to_dict(), allow_nan=False)


def test_constant_tables_are_errors():
    assert "constant" in judge(np.ones((40, 2)), np.ones((40, 2)), QUICK).reason


def test_constant_rows_for_varying_ones_are_different():
    assert judge(normal(0, 200, 3), np.zeros((200, 3)), QUICK).verdict == "different"


@pytest.mark.parametrize("result", [ZeroDivisionError("no way"), float("nan")])
def test_a_test_that_cannot_run_is_an_error_never_a_pass(monkeypatch, result):
    def broken(pool):
        if isinstance(result, Exception):
            raise result
        return permutation_outcome(np.array([1.0, result]))

    monkeypatch.setitem(statistics.STATISTICS, "energy", statistics.Statistic(broken))
    x, y = normal(0, 60, 2), normal(1, 60, 2)
    found = judge(x, y, QUICK)
    assert found.verdict == "error"
    assert "test energy could not run" in found.reason
    assert judge(x, y + 3, QUICK).verdict == "different"


def test_overflowing_rows_do_not_pass():
    real, generated = normal(0, 60, 3), normal(1, 60, 3)
    assert judge(real, 1e200 * generated, QUICK).verdict == "error"
    assert judge(real, 1e90 * generated, QUICK).verdict == "different"


# Power


def test_few_rows_are_underpowered():
    found = judge(normal(0, 29, 2), normal(1, 100, 2), QUICK)
    of_two = [each for each in known_power()["detectable"] if each["columns"] == 2]
    enough_rows = [each["rows"] for each in of_two if enough(each)]
    assert found.verdict == "underpowered"
    assert found.rows_needed == found.to_dict()["rows_needed"] == min(enough_rows)
    rows = f"about {min(enough_rows):,} rows a side would show std 0.05"
    assert f"fewer than 30 rows a side; {rows}" in found.reason


CALIBRATION = {
    "alpha": 0.05,
    "permutations": 199,
    "measured_on": "rows of a test",
    "detectable": [
        {"rows": 50, "columns": 4, "std": 0.2, "correlation": None, "mean": 0.3},
        {"rows": 200, "columns": 4, "std": 0.04, "correlation": 0.1, "mean": 0.08},
        {"rows": 50, "columns": 400, "std": 0.01, "correlation": 0.01, "mean": 0.01},
    ],
}


def test_underpowered_is_looked_up():
    x, y = normal(0, 200, 4), normal(1, 200, 4)
    found = judge(x, y, QUICK, calibration=lambda: CALIBRATION)
    assert found.verdict == "not distinguished"
    assert found.reason.endswith("std 0.04, correlation of all pairs 0.1, mean 0.08")
    fewer = judge(x[:199], y, QUICK, calibration=lambda: CALIBRATION)
    assert fewer.verdict == "underpowered" and fewer.rows_needed == 200
    assert "about 200 rows a side would show std 0.05" in fewer.reason and found.rows_needed is None
    assert judge(x[:199], y + 1, QUICK, calibration=lambda: CALIBRATION).verdict == "different"


def test_the_power_at_another_level_is_said_to_be_so():
    settings = replace(QUICK, permutations=1999, alpha=0.01)
    reason = judge(
        normal(0, 200, 4), normal(1, 200, 4), settings, calibration=lambda: CALIBRATION
    ).reason
    assert reason.endswith(
        "mean 0.08 (measured at alpha 0.05, not 0.01 and permutations 199, not 1999)"
    )


def test_without_another_table_that_of_the_package_is_looked_up():
    found = judge(normal(0, 200, 10), normal(1, 200, 10), QUICK)
    assert found.verdict == "underpowered"
    effects = known_power()["detectable"]
    entry = next(each for each in effects if (each["rows"], each["columns"]) == (200, 10))
    assert f"std {entry['std']}, correlation of all pairs {entry['correlation']}" in found.reason


# The object


def test_the_verdict_is_json_and_repeats_by_seed():
    x, y = normal(0, 60, 9), normal(1, 60, 9)
    first, again = (judge(x, y, QUICK, train=normal(2, 60, 9)).to_dict() for _ in range(2))
    assert first == again
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert set(first["tests"]) == {*statistics.STATISTICS} - {"few_columns"}
    assert first["memorisation"]["alarm"] is False
    assert first["rows"] == {"real": 60, "generated": 60, "train": 60}
    for test in first["tests"].values():
        assert {"statistic", "p", "null_median", "null_q95", "effect"} < set(test)
        assert test["p"] <= test["adjusted_p"] <= 1
        assert test["rejects"] is False


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"permutations": 100}, r"permutations >= \d+, got 100"),
        ({"alpha": 0.0}, "alpha"),
        ({"resolution": 0.0}, "resolution"),
    ],
)
def test_settings_that_cannot_reject_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Settings(**wrong)


def test_the_given_rows_are_left_alone():
    x, y, z = (normal(s, 60, 9) for s in range(3))
    kept = [side.copy() for side in (x, y, z)]
    judge(x, y, QUICK, train=z)
    assert all((a == b).all() for a, b in zip(kept, (x, y, z), strict=True))
