"""What went wrong in training: each sentence follows from losses, codes and verdicts alone."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.evaluation.faults import (
    BLIND,
    LACKING,
    Training,
    collapsed_codes,
    dead_adversaries,
    silent_dimensions,
)
from aae.generator.graphs import Decoded, Encoded
from aae.verdict.judge import DIFFERENT, NOT_DISTINGUISHED, UNDERPOWERED, Verdict
from aae.verdict.outcome import Outcome

CHANCE = math.log(2)


def trained(loss=0.6, accuracy=0.6, name="latent", rates=(1e-3, 5e-3)):
    """A training whose discriminator ends at a loss and an accuracy."""
    falling = np.linspace(0, 1, 50)
    history = {
        f"{name}_discriminator": np.where(falling < 0.9, 0.5, loss),
        f"{name}_accuracy": np.where(falling < 0.9, 0.7, accuracy),
    }
    return Training(history, rates)


def verdicts(codes=DIFFERENT, generated=DIFFERENT, area=0.9):
    tests = {} if area is None else {"classifier": Outcome(area, 0.001, 0.5, 0.55, 9.0)}
    return {
        name: Verdict(verdict, "", tests=tests)
        for name, verdict in (("codes", codes), ("generated", generated))
    }


@pytest.mark.parametrize("loss", [BLIND * CHANCE, CHANCE, 5.0, math.nan])
@pytest.mark.parametrize("area", [0.6, 1.0, None])
def test_a_discriminator_that_sees_nothing_of_what_is_there(loss, area):
    (said,) = dead_adversaries(trained(loss), verdicts(area=area))
    assert "latent discriminator is dead" in said and "codes from the prior" in said


def test_one_that_always_wins():
    (said,) = dead_adversaries(trained(0.05, 0.98), verdicts())
    assert "latent discriminator always wins" in said and "98%" in said


@pytest.mark.parametrize(
    "judged",
    [
        verdicts(codes=NOT_DISTINGUISHED),
        verdicts(codes=UNDERPOWERED),
        verdicts(area=0.55),  # a small difference, which an adversary that works leaves as well
    ],
)
@pytest.mark.parametrize("end", [(CHANCE, 0.5), (0.01, 1.0)])
def test_none_is_at_fault_where_there_is_little_to_see(judged, end):
    assert dead_adversaries(trained(*end), judged) == []


@given(st.floats(0.2, 0.98 * CHANCE), st.floats(0.5, 0.94))
def test_one_that_sees_some_of_it_lives(loss, accuracy):
    assert dead_adversaries(trained(loss, accuracy), verdicts()) == []


def test_without_an_adversary_none_is_dead():
    assert dead_adversaries(Training({"total": np.ones(5)}, (1e-3, 1e-3)), verdicts()) == []


def test_an_adversary_of_rows_is_held_to_the_rows():
    training = trained(CHANCE, 0.5, "data")
    (said,) = dead_adversaries(training, verdicts(codes=NOT_DISTINGUISHED))
    assert "data discriminator is dead" in said and "generated from real rows" in said
    assert dead_adversaries(training, verdicts(generated=UNDERPOWERED)) == []


@pytest.mark.parametrize("own", [1e-9, 1.0])
def test_learning_rates_far_apart_are_named(own):
    (said,) = dead_adversaries(trained(CHANCE, rates=(own, 5e-3)), verdicts())
    assert f"train.discriminator_learning_rate, {own:g}" in said and "0.005" in said
    (near,) = dead_adversaries(trained(CHANCE), verdicts())
    assert "learning_rate" not in near and "model.discriminator" in near


class Linear:
    """A model whose code is three columns of a row, and whose decoder is a matrix."""

    latent = 3

    def __init__(self, heard=(1.0, 1.0, 1.0), told=(1.0, 1.0, 1.0)):
        self.heard, self.told = np.diag(heard), np.diag(told)

    def encode(self, rows, rng):
        return Encoded(rng.normal(size=(len(rows), 3)), rows @ self.told)

    def decode(self, codes, rng):
        mean = codes @ self.heard
        return Decoded(mean + rng.normal(size=mean.shape), mean)


ROWS = np.random.default_rng(0).normal(size=(500, 3))


@given(st.lists(st.sampled_from([0.0, 0.01, 0.5, 2.0]), min_size=3, max_size=3))
def test_a_dimension_is_silent_where_the_decoder_does_not_listen(heard):
    small = [place + 1 for place, each in enumerate(heard) if each < 0.05]
    for model in (Linear(heard=heard), Linear(told=heard)):
        found: Any = model
        assert silent_dimensions(found, ROWS) == small
    shifted: Any = SimpleNamespace(
        latent=3, decode=Linear().decode, encode=lambda rows, rng: Encoded(rows, 0 * rows + 7)
    )
    assert silent_dimensions(shifted, ROWS) == [1, 2, 3]  # codes that are all equal


def test_codes_have_collapsed_where_a_linear_code_explains_more():
    (said,) = collapsed_codes([1, 2], 2, 0.01, 0.99)
    assert "z tells the decoder nothing" in said and "1%" in said and "99%" in said
    (some,) = collapsed_codes([2, 3, 5, 7, 8], 9, 0.3, 0.6)
    assert "z2, z3, z5 and 2 more of 9 dimensions" in some


@given(st.lists(st.integers(1, 5), unique=True), st.floats(0, 1))
def test_what_explains_as_much_has_not(silent, explained):
    assert collapsed_codes(silent, 5, explained, explained + 0.9 * LACKING) == []
    assert collapsed_codes([], 5, 0.0, 1.0) == []
