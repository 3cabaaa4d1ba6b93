"""Which part of a model is at fault: a sentence that follows from the comparisons alone."""

from collections.abc import Mapping

import numpy as np

from aae.evaluation.samples import Blocks, Generated
from aae.verdict.judge import DIFFERENT, ERROR, UNDERPOWERED, Verdict

NOTICEABLE = 0.05  # of the real standard deviation


def diagnosis(
    generated: Verdict, parts: Mapping[str, Verdict], made: Generated, real: Blocks
) -> str:
    """Say which part of a model makes its rows differ from real rows.

    Generated rows are prior codes, decoded. Where rows decoded from the codes of real rows pass,
    the decoder is right for those codes, and the codes of the prior are not like them. Where they
    fail, the decoder is at fault whatever the prior, be it for missing noise (the standard
    deviation of its rows is too small) or for the shape of p(x | z).
    """
    stored = generated.memorisation is not None and generated.memorisation.alarm
    if stored and generated.verdict not in (DIFFERENT, ERROR):
        return "Generated rows lie too near to training rows: the model stores them."
    if generated.verdict == UNDERPOWERED:
        return "Nothing to explain: no difference was seen, though one that matters may be there."
    if generated.verdict not in (DIFFERENT, ERROR):
        return "Nothing to explain: generated rows are not distinguished from real rows."
    failed = [name for name, each in parts.items() if each.verdict in (DIFFERENT, ERROR)]
    sentences = []
    if "decoded_codes" in failed:
        sentences.append(_decoder(made, real))
    elif "codes" not in failed:
        return "No part alone is distinguished from what it should be: more rows may tell which."
    if "codes" in failed:
        sentences.append(
            "Codes of real rows do not follow the prior: decoding the prior meets other codes."
        )
    return " ".join(sentences)


def _decoder(made: Generated, real: Blocks) -> str:
    spread = _spread(real.judged.rows)
    ratio = _spread(made.decoded) / spread if spread else 1.0
    if not np.isfinite(ratio):
        return "The decoder is at fault: its rows are not finite."
    noiseless = np.array_equal(made.decoded, made.mean)
    fault = "The decoder is at fault: rows decoded from codes of real rows are told from real rows"
    if ratio < 1 - NOTICEABLE:
        cause = "it adds no noise" if noiseless else "its noise is too small"
        return f"{fault}; {cause}, and their standard deviation is {ratio:.0%} of the real one."
    if ratio > 1 + NOTICEABLE:
        return f"{fault}; their standard deviation is {ratio:.0%} of the real one."
    return f"{fault}, though their standard deviation is right ({ratio:.0%}): the shape is not."


def _spread(rows: np.ndarray) -> float:
    """Root mean square of the columns' standard deviations."""
    return float(np.sqrt(np.mean(rows.var(axis=0, dtype=np.float64))))
