"""Arrays from which the report draws its pictures of one run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Split
from aae.evaluation.samples import Blocks, Generated
from aae.generator.graphs import TrainedModel

GRID = 20  # rows in the article's grid of 5 x 4
EXAMPLES = 5  # rows shown with their reconstruction
BINS = 60
SHOWN_CODES = 1000


def pictures(
    model: TrainedModel, made: Generated, real: Blocks, subsets: Mapping[str, Split]
) -> dict[str, NDArray[Any]]:
    """Collect rows, reconstructions, histograms and codes.

    Returns:
        real, generated: the first GRID rows; original, reconstruction: EXAMPLES rows, and
        original:NAME, reconstruction:NAME for each subset; edges, real_density,
        generated_density: histograms of all cells; codes, code_labels (-1 without labels),
        prior_codes: at most SHOWN_CODES points.
    """
    labels = real.encoded.labels
    unlabelled = np.full(len(made.codes), -1)
    arrays: dict[str, NDArray[Any]] = {
        "real": real.judged.rows[:GRID],
        "generated": made.rows[:GRID],
        "original": real.encoded.rows[:EXAMPLES],
        "reconstruction": made.mean[:EXAMPLES],
        "codes": made.codes[:SHOWN_CODES],
        "code_labels": (unlabelled if labels is None else labels)[:SHOWN_CODES],
        "prior_codes": made.prior[:SHOWN_CODES],
    }
    for name, data in subsets.items():
        rows = data.rows[:EXAMPLES]
        arrays[f"original:{name}"] = rows
        arrays[f"reconstruction:{name}"] = model.reconstruct(rows)
    return arrays | histograms(real.judged.rows, made.rows)


def histograms(real: NDArray[Any], generated: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Densities of all cells over common bins; the outermost bins hold whatever lies beyond."""
    low, high = np.quantile(real, [0.001, 0.999])
    margin = 0.1 * (high - low) or 0.5
    edges = np.linspace(low - margin, high + margin, BINS + 1)
    densities = [
        np.histogram(np.clip(rows, edges[0], edges[-1]), bins=edges, density=True)[0]
        for rows in (real, generated)
    ]
    return {"edges": edges, "real_density": densities[0], "generated_density": densities[1]}
