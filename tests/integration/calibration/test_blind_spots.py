"""The faults of the table are what they say, and the counts are those of the verdicts."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from aae.calibration import blind_spots as module
from aae.calibration.blind_spots import SPOTS, Spot, counted, one_repeat, table
from aae.verdict.battery import STATISTICS

SMALL = {name: spot for name, spot in SPOTS.items() if spot.rows <= 1000 and spot.columns <= 64}
DEPENDENCE = ["one correlation .5 -> 0", "circle", "y = abs(x) + noise", "heteroscedastic noise"]


@pytest.mark.parametrize("name", DEPENDENCE)
def test_only_the_dependence_of_one_pair_is_lost(name):
    """Columns keep their laws; |x|, squares or products of the pair depend in real rows alone."""
    real, generated = SPOTS[name].draw(4000, 3, np.random.default_rng(0))
    assert min(ks_2samp(real[:, i], generated[:, i]).pvalue for i in range(3)) > 1e-3

    def dependence(rows):
        scores = np.stack([rows[:, :2], rows[:, :2] ** 2])
        return max(abs(np.corrcoef(x[:, 0], y[:, 1])[0, 1]) for x in scores for y in scores)

    assert dependence(real) > 0.2 > 0.1 > dependence(generated)


@pytest.mark.parametrize("name", SMALL)
def test_sides_have_the_shape_that_is_stated(name):
    spot = SPOTS[name]
    for side in spot.draw(spot.rows, spot.columns, np.random.default_rng(0)):
        assert side.shape == (spot.rows, spot.columns) and np.isfinite(side).all()


def test_counts_are_those_of_the_verdicts(monkeypatch):
    def same(rows, columns, rng):
        return tuple(rng.normal(size=(2, rows, columns)))

    def moved(rows, columns, rng):
        x, y = same(rows, columns, rng)
        return x, y + 2

    spots = {"none": Spot(60, 2, 3, same), "moved": Spot(60, 2, 3, moved)}
    monkeypatch.setattr(module, "SPOTS", spots)
    records = [one_repeat(name, repeat) for name in spots for repeat in range(3)]
    assert records == [one_repeat(name, repeat) for name in spots for repeat in range(3)]
    none, far = counted(records)
    assert far["different"] == far["before"] == far["tests"]["energy"] == far["repeats"] == 3
    assert none["different"] <= 1 and none["hard checks"] == 0
    assert "row_summaries" not in none["tests"]
    lines = table({"statistics": "x", "faults": [none, far]}).splitlines()
    assert [line.count("|") for line in lines[2:]] == [len(STATISTICS) + 8] * 4


def test_what_was_added_is_left_out_of_the_battery_before():
    """A correlation of one pair among 64 is what the other tests do not see."""
    record = one_repeat("one correlation .5 -> 0", 0)
    assert record["rejecting"] == ["pairs"]
    assert record["different"] and not record["before"]
