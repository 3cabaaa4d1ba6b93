"""Drawings over revisions and of sweeps: where values lie, and what is said of them."""

import re

import numpy as np
import pytest

from aae.compare.history import alike, differing
from aae.compare.metrics import AUC, PASSED
from aae.compare.multiples import against, metric_over, parallel, positions, rate, rate_over
from aae.compare.pairing import Values
from aae.compare.ranking import ranking
from aae.compare.revisions import Revision

CELL = ("digits", "default")


def revision(name: str, passed: int, rows: int = 100, **model: object) -> Revision:
    runs: dict[int, Values] = {
        seed: {AUC: 0.1 * seed, PASSED: float(seed < passed)} for seed in range(5)
    }
    return Revision(name, {"model": model}, {CELL: runs}, {CELL: {"rows": rows}})


def test_a_rate_counts_seeds_and_has_an_interval() -> None:
    found = rate(revision("a", 3), CELL)
    assert found is not None and str(found).startswith("3 of 5 (")
    low, high = found.interval
    assert low < 0.6 < high
    assert rate(revision("a", 3), ("other", "default")) is None


def test_runs_are_drawn_from_old_to_new() -> None:
    runs = [revision("a", 1), revision("b", 4)]
    assert 'aria-label="Seeds of digits/default' in rate_over(runs, CELL)
    assert "1 of 5 and 4 of 5." in rate_over(runs, CELL)
    assert metric_over(runs, CELL, AUC).count("h0") == 10  # a dot for each seed of each run


def test_only_what_differs_is_a_parameter() -> None:
    runs = [revision("a", 1, latent=2, prior="x"), revision("b", 1, latent=8, prior="x")]
    assert differing(runs) == {"a": {"model.latent": 2}, "b": {"model.latent": 8}}


def test_what_was_evaluated_otherwise_is_apart() -> None:
    groups = alike([revision("a", 1), revision("b", 1, rows=50), revision("c", 1)])
    assert [[each.name for each in group] for group in groups] == [["a", "c"], ["b"]]


def test_words_have_places_and_numbers_are_kept() -> None:
    assert positions([2, 0.5]).tolist() == [2, 0.5]
    assert positions(["b", "a", "b"]).tolist() == [2, 1, 2]
    assert positions([True, False]).tolist() == [2, 1]


@pytest.mark.parametrize("count", [1, 7])
def test_a_sweep_has_a_line_for_each_experiment_and_names_the_best(count: int) -> None:
    values = {f"e{i}": {"model.latent": i, "model.prior": "x"} for i in range(count)}
    places = ranking({name: {0: i + 1.0, 1: i + 1.1} for i, name in enumerate(values)})
    drawn = parallel(values, places, AUC)
    assert len(re.findall('class="l ', drawn)) == count
    assert "the best has model.latent 0 and model.prior x." in drawn
    one = against("model.latent", {n: v["model.latent"] for n, v in values.items()}, places, AUC)
    assert "the best has 1.05 at 0." in one
    assert np.isclose(places[0].mean, 1.05)
