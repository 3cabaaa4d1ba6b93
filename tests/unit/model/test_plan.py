"""How many epochs of how many steps, and the order of their rows."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.model.configuration import Train
from aae.model.plan import MOST_HELD_BACK, Plan, batches, train_validation_split


@given(st.integers(1, 10**7), st.integers(1, 500), st.integers(1, 10**4), st.integers(1, 10**5))
def test_steps_are_capped_and_epochs_are_not_lost(
    rows: int, epochs: int, batch: int, most: int
) -> None:
    plan = Plan.of(Train(epochs=epochs, batch_size=batch, max_steps=most), rows)
    assert plan.size == min(batch, rows) and 1 <= plan.steps <= rows // plan.size
    assert plan.total <= most
    passes = epochs * (rows // plan.size)
    assert plan.total == passes if passes <= most else plan.total > most - plan.epochs


@pytest.mark.parametrize("rows", [900, 3600])
def test_by_default_up_to_4000_rows_are_passed_over_in_full(rows: int) -> None:
    assert Plan.of(Train(), rows) == (300, rows // 200, 200)
    article = replace(Train(), epochs=200, batch_size=128)
    assert Plan.of(article, rows) == (200, rows // 128, 128)


@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 15))
def test_permutations_are_used_up(rows: int, size: int, steps: int) -> None:
    """An epoch is of permutations in full, but for the last, or several are of one."""
    size = min(rows, size)
    whole = rows // size
    epochs = list(islice(batches(rows, Plan(6, steps, size), 0), 6))
    assert all(each.shape == (steps, size) for each in epochs)
    shared = max(1, whole // steps)
    for start in range(0, 6, shared):
        seen = np.concatenate(epochs[start : start + shared])
        for first in range(0, len(seen), whole):
            part = seen[first : first + whole].ravel()
            assert len(np.unique(part)) == len(part) and 0 <= part.min() <= part.max() < rows


def test_rows_held_back_are_no_more_than_tell_a_loss() -> None:
    rng = np.random.default_rng(0)
    trained, held_back = train_validation_split(50_000, Train(), rng)
    assert len(held_back) == MOST_HELD_BACK and len(trained) == 50_000 - MOST_HELD_BACK
