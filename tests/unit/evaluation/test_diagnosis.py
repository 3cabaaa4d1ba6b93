"""The diagnosis: each sentence follows from the verdicts and the spread of the rows alone."""

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.evaluation.diagnosis import diagnosis
from aae.evaluation.samples import Blocks, Generated
from aae.verdict.judge import DIFFERENT, ERROR, NOT_DISTINGUISHED, UNDERPOWERED, Verdict
from aae.verdict.memorisation import Estimate, Memorisation

FAILS, PASSES = (DIFFERENT, ERROR), (NOT_DISTINGUISHED, UNDERPOWERED)
REAL = np.random.default_rng(0).normal(size=(400, 3)).astype("f4")
DECODER, CODES = "The decoder is at fault", "do not follow the prior"
UNKNOWN = "No part alone"


def memorised(alarm):
    """An answer with or without an alarm; None without training rows."""
    nothing = Estimate(0.0, 0.0, 0.0)
    return None if alarm is None else Memorisation(*3 * [nothing], 0, 400, 5, alarm, "")


def said(generated=DIFFERENT, decoded=REAL, mean=None, rejecting=("energy",), stored=None, **parts):
    """Diagnose; parts that are not named pass."""
    zeros = np.zeros((4, 2), "f4")
    made = Generated(REAL, zeros, zeros, decoded, np.zeros_like(decoded) if mean is None else mean)
    names = ("decoded_codes", "reconstruction", "codes")
    return diagnosis(
        Verdict(generated, "", rejecting, memorisation=memorised(stored)),
        {name: Verdict(parts.get(name, NOT_DISTINGUISHED), "") for name in names},
        made,
        Blocks(Split(REAL, None), Split(REAL, None)),
    )


@pytest.mark.parametrize("verdict", PASSES)
@pytest.mark.parametrize("part", FAILS)
def test_what_passes_is_not_explained(verdict, part):
    text = said(verdict, rejecting=(), decoded_codes=part, codes=part)
    assert text.startswith("Nothing to explain")


def test_stored_rows():
    assert "too near to training rows" in said(NOT_DISTINGUISHED, rejecting=(), stored=True)
    assert "Nothing to explain" in said(NOT_DISTINGUISHED, rejecting=(), stored=False)
    more = said(codes=DIFFERENT, stored=True)
    assert "training rows" not in more and CODES in more


@pytest.mark.parametrize("generated", FAILS)
@pytest.mark.parametrize("verdict", FAILS)
def test_the_part_that_fails_is_named(generated, verdict):
    decoder, codes, both = (
        said(generated, **dict.fromkeys(names, verdict))
        for names in (["decoded_codes"], ["codes"], ["decoded_codes", "codes"])
    )
    assert DECODER in decoder and CODES not in decoder
    assert DECODER not in codes and CODES in codes
    assert both == f"{decoder} {codes}"


@pytest.mark.parametrize("verdict", PASSES)
def test_no_part_that_passes_is_named(verdict):
    assert said(decoded_codes=verdict, codes=verdict).startswith(UNKNOWN)


def test_the_mean_alone_is_no_fault():
    """Reconstructions lack the noise of p(x | z): failing is what they should do."""
    assert said(reconstruction=DIFFERENT).startswith(UNKNOWN)


def decoder(decoded, mean=None):
    return said(decoded=decoded, mean=mean, decoded_codes=DIFFERENT)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_too_little_spread(share):
    rows = share * REAL
    noiseless, noisy = decoder(rows, mean=rows), decoder(rows)
    assert "adds no noise" in noiseless and "noise is too small" in noisy
    assert all(f"{share:.0%} of the real one" in each for each in (noiseless, noisy))


@pytest.mark.parametrize("share", [1.1, 3.0])
@pytest.mark.parametrize("noiseless", [False, True])
def test_too_much_spread(share, noiseless):
    rows = share * REAL
    text = decoder(rows, mean=rows if noiseless else None)
    assert f"{share:.0%} of the real one" in text and "noise" not in text


@pytest.mark.parametrize("share", [0.96, 1.0, 1.04])
@pytest.mark.parametrize("noiseless", [False, True])
def test_the_shape_is_wrong_where_the_spread_is_right(share, noiseless):
    rows = share * REAL
    text = decoder(rows, mean=rows if noiseless else None)
    assert f"standard deviation is right ({share:.0%}): the shape is not" in text


def test_a_shift_of_the_rows_is_no_spread():
    assert decoder(REAL + 100) == decoder(REAL)
