"""Verdicts on generated rows, and on each part of the model that they come through."""

from typing import Any

import numpy as np

from aae.dataset.splits import Rows
from aae.evaluation.samples import Blocks, Generated
from aae.evaluation.settings import Evaluate
from aae.verdict.closed_form import MOMENTS
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.judge import Verdict, judge


def known_law(law: dict[str, Any]) -> KnownLaw:
    """Support, atoms and moments from the content of law.json."""
    low, high = law["support"]
    moments = law["moments"] and np.array([law["moments"][name] for name in MOMENTS])
    return KnownLaw(low, high, law["atoms"], moments)


def verdicts(
    made: Generated, real: Blocks, train: Rows, law: KnownLaw, config: Evaluate
) -> dict[str, Verdict]:
    """Judge the generated rows, and each part of the model that they come through.

    Returns:
        `generated`, the verdict, memorisation included; then, to tell which part is at fault,
        `decoded_codes` (p(x | z) of encoded rows) against real rows, and `codes` against the prior.
        Reconstructions are not among them: without noise, the decoder's mean is told apart wherever
        the law has any.
    """
    judged, settings = real.judged.rows, config.settings(config.part_permutations)
    whole = config.settings(config.permutations)
    return {
        "generated": judge(judged, made.rows, whole, train=train, law=law),
        "decoded_codes": judge(judged, made.decoded, settings),
        "codes": judge(made.prior, made.codes, settings),
    }
