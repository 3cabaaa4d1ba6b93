"""Laws of what a column's rows say about it."""

import numpy as np
import pytest

from aae.base.columns import kind_of

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=400)
COLUMNS = {
    "continuous": NORMAL,
    "counts": RNG.poisson(3, 400),
    "unique numbers": 10**9 + RNG.permutation(400),
    "grid": RNG.integers(0, 256, 400) / 255 - 7,
    "rounded": np.round(NORMAL, 2),
    "atoms": RNG.choice([-0.13, 2.71, 9.9], 400),
    "zero inflated": np.where(NORMAL > 0.5, np.exp(NORMAL), 0.0),
    "constant": np.full(400, 3.5),
    "zeros": np.zeros(400),
    "flags": NORMAL > 0,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_values_and_counts_are_the_columns(name):
    kind = kind_of(COLUMNS[name])
    assert (np.repeat(kind.distinct, kind.counts) == np.sort(COLUMNS[name])).all()
    assert kind.rows == 400
    assert kind.constant is (name in {"constant", "zeros"})


def kinds(predicate):
    return {name for name, values in COLUMNS.items() if predicate(kind_of(values))}


def test_sign():
    assert kinds(lambda kind: kind.negative) == {"continuous", "grid", "rounded", "atoms"}
    assert kinds(lambda kind: not kind.positive) == {"grid", "zeros"}


def test_whole_numbers():
    assert kinds(lambda kind: kind.whole) == {"counts", "unique numbers", "zeros", "flags"}


def test_grids():
    assert kinds(lambda kind: kind.step > 0) == {"counts", "grid", "rounded"}
    for name, step in {"counts": 1, "grid": 1 / 255, "rounded": 0.01}.items():
        assert kind_of(COLUMNS[name]).step == pytest.approx(step)
        assert kind_of(COLUMNS[name].astype(np.float32)).step == pytest.approx(step, rel=1e-3)


def test_rounding_errors_make_no_finer_grid():
    tenths = RNG.integers(0, 10, 400) * 0.1
    assert kind_of(np.where(NORMAL > 0, tenths, tenths + 0.1 - 0.1)).step == pytest.approx(0.1)


def test_atoms():
    discrete = kinds(lambda kind: len(kind.atoms) > 0)
    assert discrete == {"counts", "atoms", "constant", "zeros", "flags"}
    assert list(kind_of(COLUMNS["atoms"]).atoms) == [-0.13, 2.71, 9.9]


def test_spikes():
    assert kinds(lambda kind: kind.spike is not None) == {"zero inflated"}
    assert kind_of(COLUMNS["zero inflated"]).spike == 0
    assert kind_of(np.where(NORMAL > 0.5, np.round(NORMAL, 2), -1)).spike == -1


def test_few_rows():
    kind = kind_of(np.array([2.5]))
    assert (kind.whole, kind.step, kind.spike, len(kind.atoms)) == (False, 0.0, None, 1)


def test_decimals_are_those_that_all_values_end_after():
    assert kind_of(np.round(NORMAL * 30, 2)).decimals == 2
    assert kind_of(np.round(NORMAL * 30, 2).astype("f4")).decimals == 2
    assert kind_of(np.round(NORMAL * 30)).decimals == 0
    assert kind_of(NORMAL).decimals is None
    assert kind_of(NORMAL.astype("f4")).decimals is None


def test_a_lattice_has_all_values_as_they_were_read():
    """First value and spacing are decimal numbers: first + k spacing is each value, to the bit."""
    for values in (np.round(NORMAL * 30, 2), RNG.integers(0, 900, 400) / 5, RNG.permutation(400)):
        single = values.astype("f4")
        first, step = kind_of(single).lattice
        turns = np.round((single.astype(float) - first) / step)
        np.testing.assert_array_equal((first + step * turns).astype("f4"), single)
    assert kind_of(NORMAL).lattice[1] == kind_of(NORMAL.astype("f4")).lattice[1] == 0


def test_round_numbers_of_most_rows_are_a_coarse_lattice():
    rare = np.arange(400) % 20 == 0
    tenths = np.where(rare, np.round(NORMAL * 90, 2) + 0.01, np.round(NORMAL * 90, 1))
    spacing, share = kind_of(tenths).coarse
    assert spacing == pytest.approx(0.1)
    assert 0.94 < share < 1
    fives = np.where(rare, 5 * RNG.integers(1, 300, 400) + 1, 5 * RNG.integers(1, 300, 400))
    assert kind_of(fives).coarse == (5.0, 0.95)


def test_numbers_that_are_round_by_chance_are_no_coarse_lattice():
    for values in (RNG.permutation(4000), np.round(RNG.normal(size=4000) * 90, 2), NORMAL):
        assert kind_of(values).coarse == (0.0, 0.0)


def test_values_repeat_or_are_new_and_heavy_ones_are_in_many_rows():
    assert kind_of(RNG.poisson(3, 400)).repeating
    assert not kind_of(NORMAL).repeating
    inflated = kind_of(COLUMNS["zero inflated"])
    assert inflated.heavy.tolist() == [0.0]
    assert not len(kind_of(NORMAL).heavy)
