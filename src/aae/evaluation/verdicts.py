"""Verdicts on generated rows, and on each part of the model that they come through."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Known:
    """What is known of a name beside the rows that are judged.

    Attributes:
        train: rows that the model learned from, or some of them.
        law: support, atoms and moments.
        power: what verdicts on such rows show, of `reference.shown_by`.
    """

    train: Rows
    law: KnownLaw
    power: Mapping[str, Any]


def verdicts(made: Generated, real: Blocks, known: Known, config: Evaluate) -> dict[str, Verdict]:
    """Judge the generated rows, and each part of the model that they come through.

    The power is that of the name's own rows; of codes, that of independent columns.

    Returns:
        `generated`, the verdict, memorisation included; then, to tell which part is at fault,
        `decoded_codes` (p(x | z) of encoded rows) against real rows, and `codes` against the prior.
        Reconstructions are not among them: without noise, the decoder's mean is told apart wherever
        the law has any.
    """
    law = known.law

    def power() -> Mapping[str, Any]:
        return known.power

    judged, settings = real.judged.rows, config.settings(config.part_permutations)
    whole = config.settings(config.permutations)
    return {
        "generated": judge(judged, made.rows, whole, train=known.train, law=law, calibration=power),
        "decoded_codes": judge(judged, made.decoded, settings, calibration=power),
        "codes": judge(made.prior, made.codes, settings),
    }
