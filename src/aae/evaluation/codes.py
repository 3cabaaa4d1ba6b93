"""Codes of real rows, and those of the prior."""

from typing import Any

import numpy as np

from aae.dataset.splits import Rows
from aae.evaluation.moments import moment
from aae.verdict.closed_form import MOMENTS
from aae.verdict.effects import sample_moments


def code_moments(codes: Rows) -> dict[str, Any]:
    """Moments of each column of codes, and the largest correlation of two of them."""
    columns = sample_moments(codes).columns
    alive = codes[:, np.ptp(codes, axis=0) > 0]
    correlations = np.corrcoef(alive, rowvar=False) if alive.shape[1] > 1 else 0.0
    return {name: moment(columns, name).tolist() for name in MOMENTS} | {
        "largest_correlation": float(np.max(np.abs(np.triu(np.atleast_2d(correlations), 1))))
    }
