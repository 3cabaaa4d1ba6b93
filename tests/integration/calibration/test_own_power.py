"""Laws of the comparison with brute force: its fit, its search, and what is kept."""

import numpy as np
import pytest
from scipy.special import expit

from aae.calibration import own_power as module
from aae.calibration.own_power import (
    POWER,
    Planting,
    agreement,
    agrees,
    brute_force,
    compared,
    effects_of,
    size_of_power,
    table,
)
from aae.verdict.planting import EFFECTS


def test_the_fit_finds_the_size_of_a_logistic_power():
    at, slope = 0.2, 5.0
    sizes = np.array([0.1, 0.15, 0.2, 0.25, 0.3])
    logits = np.log(POWER / (1 - POWER)) + slope * np.log(sizes / at)
    found, error = size_of_power(dict(zip(sizes, expit(logits), strict=True)))
    assert found == pytest.approx(at, rel=0.05)
    assert 0 < error < 0.3


def fake(threshold):
    """Verdicts that see an effect with 80% power at a size."""

    def seen(self, size, seed):
        power = expit(np.log(4) + 6 * np.log(size / threshold))
        return bool(np.random.default_rng(seed).random() < power)

    return seen


@pytest.mark.parametrize("start", [0.05, 0.1, 0.25])
def test_the_search_does_not_depend_on_where_it_begins(monkeypatch, start):
    monkeypatch.setattr(Planting, "seen", fake(0.1))
    size, (low, high), shares = brute_force(Planting("iris", "std"), start, map)
    assert low <= 0.1 <= high and size == pytest.approx(0.1, rel=0.25)
    assert len(shares) >= 3


def test_what_no_verdict_sees_has_no_size(monkeypatch):
    monkeypatch.setattr(Planting, "seen", lambda *_: False)
    assert brute_force(Planting("iris", "std"), 0.6, map)[0] is None
    monkeypatch.setattr(Planting, "seen", lambda *_: None)
    assert brute_force(Planting("iris", "std"), 0.6, map)[0] is None


@pytest.mark.parametrize(
    "own, brute, whether",
    [(0.1, 0.12, True), (0.1, 0.13, False), (0.13, 0.1, False), (None, None, True)],
)
def test_agreement_is_within_a_quarter(own, brute, whether):
    assert agrees(own, brute) is whether
    assert agrees(None, 0.1) is agrees(0.1, None) is False


def test_finished_cells_are_not_measured_again(tmp_path, monkeypatch):
    monkeypatch.setattr(Planting, "seen", fake(0.1))
    monkeypatch.setattr(module, "power_of", lambda rows, side: POWER_OF)
    cache, never = tmp_path / "cells.json", float("inf")
    cells = compared(["gaussian"], cache, never)
    assert [cell["effect"] for cell in cells] == effects_of("gaussian")
    monkeypatch.setattr(module, "compare", None)
    assert compared(["gaussian"], cache, never) == cells
    assert compared(["iris"], cache, 0.0) == cells  # no time left
    monkeypatch.setattr(module, "statistics_version", lambda: "other")
    assert compared(["gaussian"], cache, 0.0) == []
    assert agreement(cells) in table(cells) and table(cells).count("\n| gaussian |") == 3


POWER_OF = {"divided": 300, "effects": {name: {"size": 0.1} for name in EFFECTS}}


@pytest.mark.parametrize("source", ["gaussian", "iris"])
def test_sides_are_of_the_sources_shape(source):
    sides, again = (Planting(source, "mean").sides(0.1, 0) for _ in range(2))
    assert sides is not None and again is not None
    first, second = sides
    assert first.shape == second.shape
    assert first.shape[1] == module.rows_of(source).shape[1]
    np.testing.assert_array_equal(first, again[0])
