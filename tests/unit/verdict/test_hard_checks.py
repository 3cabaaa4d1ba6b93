"""Laws of the hard checks: a stated chance of a false alarm, names, and what they see."""

import numpy as np
import pytest
from scipy import stats
from sklearn import datasets

from aae.verdict import hard_checks, repeats
from aae.verdict.hard_checks import KnownLaw, not_finite, outside, unlike_known
from aae.verdict.repeats import duplicates


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def zipf(count, exponent=1.0):
    weights = np.arange(1, count + 1) ** -exponent
    return weights / weights.sum()


# Laws of one column with many rare values: new rows have new ones.
RARE = {
    "Zipf": lambda rng, rows: rng.choice(1000, rows, p=zipf(1000)),
    "steep Zipf": lambda rng, rows: rng.zipf(2.0, rows) % 10**6,
    "256 alike": lambda rng, rows: rng.integers(0, 256, rows),
    "20 alike": lambda rng, rows: rng.integers(0, 20, rows),
    "one in 50": lambda rng, rows: np.where(rng.random(rows) < 0.02, rng.integers(1, 4, rows), 0),
    "half continuous": lambda rng, rows: np.where(rng.random(rows) < 0.6, 0, rng.normal(size=rows)),
    "geometric": lambda rng, rows: rng.geometric(0.1, rows),
}
SIZES = [(30, 30), (30, 2000), (2000, 30), (200, 200), (200, 1000), (600, 600)]


@pytest.mark.parametrize("law", RARE)
@pytest.mark.parametrize("sizes", SIZES)
def test_checks_of_known_rows_keep_their_chance(monkeypatch, law, sizes):
    """The stated chance holds for any of it: 1e-6 itself cannot be seen in so few repeats."""
    chance = 0.05
    monkeypatch.setattr(hard_checks, "CHANCE", chance)
    repeats, failed = 100, dict.fromkeys(hard_checks.CHECKS, 0)
    for seed in range(repeats):
        rng = np.random.default_rng(seed)
        sides = (1.0 * RARE[law](rng, rows)[:, None] for rows in sizes)
        sentences = unlike_known(*sides, 1e-4, "known rows")
        for rule in failed:
            failed[rule] += any(f"known rows' {rule} in" in each for each in sentences)
    assert max(failed.values()) <= stats.binom.isf(1e-4, repeats, chance)


def test_a_byte_a_column_breaks_no_rule():
    """784 columns of 256 values that 1000 rows do not exhaust: some are new in some column."""
    for seed in range(2):
        known, generated = np.random.default_rng(seed).integers(0, 256, (2, 1000, 784)) / 255
        assert not unlike_known(known, generated, 1e-4)


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "diabetes", "digits", "iris"])
def test_halves_of_real_tables_break_no_rule(name):
    table = getattr(datasets, f"load_{name}")().data
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(table))
        half, third = table[order[: len(table) // 2]], table[order[-(len(table) // 3) :]]
        for sides in ((half, third), (third, half)):
            assert not unlike_known(*sides, 1e-4)
            assert not duplicates(*sides, 1e-4)


BROKEN = {
    "sign": (lambda rng, rows: rng.exponential(size=rows), lambda x: x - 0.5),
    "whole numbers": (lambda rng, rows: rng.integers(0, 9999, rows), lambda x: x + 0.3),
    "grid": (lambda rng, rows: rng.integers(0, 256, rows) / 255 + 7, lambda x: x + 0.001),
    "atoms": (lambda rng, rows: rng.choice([0.13, 2.71, 9.9], rows), lambda x: x + 0.4),
    "repeated value": (
        lambda rng, rows: np.where(rng.random(rows) < 0.3, 0, rng.normal(size=rows)),
        lambda x: x + 0.01,
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize("sizes", [(300, 300), (1000, 100)])
def test_broken_rules_are_seen_and_columns_named(rule, sizes):
    draw, fault = BROKEN[rule]
    rng = np.random.default_rng(0)
    known, generated = (np.stack([draw(rng, rows) for _ in range(3)], axis=1) for rows in sizes)
    assert not unlike_known(1.0 * known, 1.0 * generated, 1e-4)
    generated = 1.0 * generated
    generated[:, 1] = fault(generated[:, 1])
    said = unlike_known(1.0 * known, generated, 1e-4, columns=["age", "income", "height"])
    sentence = next(each for each in said if f"training rows' {rule} in 1 of 3 columns" in each)
    assert "(income: " in sentence
    assert f"of {sizes[1]} rows)" in sentence


def test_few_off_values_among_many_rows_are_seen():
    """All of 30 broken rows of 1000 are generated ones by chance once in 2^30."""
    known, generated = np.random.default_rng(0).integers(0, 5, (2, 1000, 4)) * 1.0
    generated[:30, 2] += 0.37
    assert any("(x2: 30 of 1000 rows)" in each for each in unlike_known(known, generated, 1e-4))


def test_a_sentence_names_the_worst_three():
    known, generated = np.random.default_rng(0).random((2, 200, 6))
    generated[:, [1, 3, 4, 5]] -= [0.3, 0.9, 0.5, 0.7]
    (sentence,) = unlike_known(known, generated, 1e-4)
    places = [sentence.index(name) for name in ("4 of 6 columns", "x3:", "x5:", "x4:", ", ...")]
    assert places == sorted(places)
    assert "x1:" not in sentence


@pytest.mark.parametrize("offset", [1e9, 1.7e15])
def test_large_numbers_are_not_merged(offset):
    """Identifiers and time stamps: halves between them are seen, the numbers themselves pass."""
    known, generated = offset + np.random.default_rng(0).integers(0, 100, (2, 400, 1))
    assert not unlike_known(known, generated, 1e-4)
    said = unlike_known(known, generated + 0.5, 1e-4, "real rows")
    assert {rule for rule in hard_checks.CHECKS if f"rows' {rule} in" in "".join(said)} == {
        *("whole numbers", "grid", "atoms")
    }


def test_known_laws_and_bad_cells_name_columns():
    rows, names = np.random.default_rng(0).random((100, 2)), ["age", "income"]
    rows[3, 1] = 1.5
    law, width = KnownLaw(low=0.0, high=1.0), np.full(2, 1e-4)
    assert outside(rows, law, width, names) == [
        "values off the known support in 1 of 2 columns (income: 1 of 100 rows)"
    ]
    rows[7, 1] = np.nan
    named, unnamed = not_finite("real", rows, names), not_finite("real", rows)
    assert named is not None and "first in row 7 (counted from 0), column income" in named
    assert unnamed is not None and "column x1" in unnamed


# Repeated rows


def test_repeats_keep_their_chance(monkeypatch):
    """Laws whose rows repeat in bundles of two and three, where they scatter most."""
    monkeypatch.setattr(repeats, "MIRACLE", 0.05)
    monkeypatch.setattr(repeats, "ATOMS", 0.6)
    for atoms in (300, 150):
        failed = 0
        for seed in range(100):
            sides = np.random.default_rng(seed).integers(0, atoms, (2, 300, 1)) * 1.0
            failed += bool(duplicates(*sides, 1e-6))
        assert failed <= stats.binom.isf(1e-4, 100, 0.05)


def test_repeats_are_seen_at_any_sizes():
    real, generated = normal(0, 300, 5), normal(1, 500, 5)
    assert not duplicates(real, generated, 1e-4)
    said = duplicates(real, generated[np.arange(500) % 200], 1e-4)
    assert said == ["generated rows repeat each other: 100 of 300 (real rows: 0 of 300)"]
    assert not duplicates(np.round(real), np.round(generated)[np.arange(500) % 200], 1e-4)
