import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aae.model.labels import corrupted, only


def wrongly(labels, share: float, seed: int) -> NDArray[np.int64]:
    """Corrupted labels of rows that have labels."""
    wrong = corrupted(labels, share, seed)
    assert wrong is not None
    return wrong


@given(st.integers(1, 200), st.integers(2, 12), st.floats(0, 1), st.integers(0, 99))
def test_exactly_the_share_of_labels_is_wrong(rows, classes, share, seed):
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    labels[0] = classes - 1
    wrong = wrongly(labels, share, seed)
    assert (wrong != labels).sum() == round(share * rows)
    assert wrong.min() >= 0 and wrong.max() < classes
    assert (wrong == wrongly(labels, share, seed)).all()


def test_every_other_class_is_alike_likely():
    labels = np.repeat(np.arange(4), 3000)
    wrong = wrongly(labels, 1.0, 0)
    counts = np.bincount(4 * labels + wrong, minlength=16).reshape(4, 4)
    assert (np.diag(counts) == 0).all()
    # Binomial with p = 1/3: five standard deviations are 129.
    assert np.abs(counts[~np.eye(4, dtype=bool)] - 1000).max() < 129


def test_seeds_differ():
    labels = np.zeros(100, dtype=int)
    labels[:50] = 1
    first, second = (wrongly(labels, 0.3, seed) for seed in range(2))
    assert (first != second).any()


def test_without_labels_or_noise_nothing_changes():
    labels = np.arange(5)
    assert corrupted(None, 0.5, 0) is None
    assert corrupted(labels, 0.0, 0) is labels


@pytest.mark.parametrize("known", [[], [2], [4, 0]])
def test_only_the_known_labels_stay(known):
    found = only(np.arange(5), np.array(known, dtype=int))
    assert [place for place in range(5) if found[place] == place] == sorted(known)
    assert (found == -1).sum() == 5 - len(known)
