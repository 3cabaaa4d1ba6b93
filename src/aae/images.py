"""What a model of images achieves, by the measures that papers report.

`python -m aae.images` prints reports/images.json as Markdown.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset import Rows
from aae.evaluation import errors
from aae.files import read_json
from aae.intervals import interval
from aae.parzen import parzen
from aae.reference import linear_bound
from aae.statistics import classifier_auc
from aae.trained import TrainedModel

GENERATED = 10_000  # rows, as in the protocol
VALIDATION = 1000  # real rows that choose the bandwidth
BANDWIDTHS = np.geomspace(0.02, 1.0, 25)  # of pixels in [0, 1]


def measured(model: TrainedModel, train: Rows, test: Rows, seed: int) -> dict[str, Any]:
    """Reconstruction of test rows, and how far generated rows are from them.

    Args:
        model: trained on `train`.
        train: shape (rows, columns), pixels in [0, 1].
        test: of other images.
        seed: of all that is drawn.

    Returns:
        reconstruction: as `aae.evaluation.errors`; linear: the largest share of the test rows'
        variance that a linear autoencoder with as many codes explains; rows: for generated rows
        and for what they stand beside, the classifier's area under the curve against test rows
        and the Parzen log-likelihood of test rows.
    """
    rng = np.random.default_rng([seed, 2])
    chunks = zip(*model.generate(GENERATED, rng), strict=True)
    made, codes = (np.concatenate(parts) for parts in chunks)
    mean, covariance = train.mean(axis=0, dtype=float), np.cov(train, rowvar=False)
    normal = rng.multivariate_normal(mean, covariance, GENERATED, method="eigh")
    candidates = {
        "generated": made,
        "generated, the decoder's mean": model.decode(codes, rng).mean,
        "real rows (training)": train,
        "Gaussian of the training rows' moments": normal,
    }
    return {
        "reconstruction": errors(test, model.reconstruct(test)),
        "linear": linear_bound(train, test)[model.latent - 1],
        "rows": {name: beside(rows, test, seed) for name, rows in candidates.items()},
    }


def beside(rows: NDArray[np.floating], test: Rows, seed: int) -> dict[str, float]:
    """Area under the classifier's curve, and the Parzen log-likelihood, of test rows."""
    size = min(len(rows), len(test))
    found = parzen(rows[:GENERATED], test[:VALIDATION], test[VALIDATION:], BANDWIDTHS)
    return {"auc": classifier_auc(test[:size], rows[:size], seed)} | found._asdict()


def table(trials: list[Mapping[str, Any]]) -> str:
    """Markdown: reconstruction in a sentence, then a line for each kind of rows."""
    each = [trial["reconstruction"] for trial in trials]
    rmse, _, _ = interval([found["rmse"] for found in each])
    explained, _, _ = interval([found["explained"] for found in each])
    linear = np.mean([trial["linear"] for trial in trials])
    lines = [
        f"Reconstruction of test rows: rmse {rmse:.4f} a pixel, {explained:.1%} of the variance "
        f"explained (a linear autoencoder of as many codes: at most {linear:.1%}); trainings: "
        f"{len(trials)}.",
        "",
        "| rows | classifier AUC | Parzen log-likelihood, nats | standard error | bandwidth |",
        "|---|---|---|---|---|",
    ]
    for name in trials[0]["rows"]:
        found = [trial["rows"][name] for trial in trials]
        auc, mean, error, width = (
            np.mean([one[key] for one in found]) for key in ("auc", "mean", "error", "bandwidth")
        )
        lines.append(f"| {name} | {auc:.3f} | {mean:.1f} | {error:.1f} | {width:.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    print(table(read_json(Path("reports/images.json"))["trials"]))


if __name__ == "__main__":
    main()
