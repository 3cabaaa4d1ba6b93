"""What a model makes of given rows: reconstruction, denoising, and subsets alone."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from aae.dataset.splits import Rows, Split
from aae.evaluation.moments import moments_of_cells
from aae.evaluation.settings import Evaluate
from aae.generator.graphs import TrainedModel


def errors(rows: Rows, reconstructed: Rows) -> dict[str, Any]:
    """Errors of reconstructed rows.

    Returns:
        loss: the article's L_R = 1/2 sum_j (x_j - xhat_j)^2, mean over rows, in the data's units
        squared; loss_interval: 95% of samples of as many such rows have a mean loss within it;
        rmse: a cell, in the data's units; explained: 1 - sum of squares / sum of squares
        about the column means.
    """
    clean = rows.astype(np.float64)
    squares = (clean - reconstructed) ** 2
    spread = float(((clean - clean.mean(axis=0)) ** 2).sum())
    losses = squares.sum(axis=1) / 2
    # Of another sample: its mean varies as this one does.
    margin = 1.96 * float(losses.std(ddof=1)) * np.sqrt(2 / len(losses)) if len(losses) > 1 else 0
    return {
        "loss": float(losses.mean()),
        "loss_interval": [float(losses.mean() - margin), float(losses.mean() + margin)],
        "rmse": float(np.sqrt(squares.mean())),
        "explained": 1 - float(squares.sum()) / spread if spread else 0.0,
    }


def denoising(
    rows: Rows, reconstruct: Callable[[Rows], Rows], config: Evaluate
) -> list[dict[str, float]]:
    """Error against clean rows of what is made of rows with Gaussian noise added.

    Returns:
        For each level (in standard deviations of each column): level, rmse of the reconstruction,
        and rmse of the noisy rows themselves, which a useful denoiser stays below.
    """
    rng = np.random.default_rng([config.seed, 4])
    scale = rows.std(axis=0, dtype=np.float64)
    levels = []
    for level in config.noise_levels:
        noisy = (rows + level * scale * rng.standard_normal(rows.shape)).astype(np.float32)
        rmse, noisy_rmse = (errors(rows, each)["rmse"] for each in (reconstruct(noisy), noisy))
        levels.append({"level": level, "rmse": rmse, "noisy_rmse": noisy_rmse})
    return levels


def alone(model: TrainedModel, subsets: Mapping[str, Split], config: Evaluate) -> dict[str, Any]:
    """What a model makes of some rows alone: reconstruction, and moments of decoded rows.

    Returns:
        For each subset: rows, how many; reconstruction, as in `errors`; moments, as in
        `moments_of_cells`.
    """
    results = {}
    for name, data in subsets.items():
        rows = data.rows
        rng = np.random.default_rng([config.seed, 3])
        decoded = model.decode(model.encode(rows, rng).codes, rng)
        results[name] = {
            "rows": len(rows),
            "reconstruction": errors(rows, model.reconstruct(rows)),
            "moments": moments_of_cells(rows, decoded.rows, config.resolution),
        }
    return results
