"""What a model of images achieves, by the measures that papers report."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows
from aae.evaluation.reconstruction import errors
from aae.evaluation.reference import linear_bound
from aae.generator.graphs import TrainedModel
from aae.studies.parzen import parzen
from aae.verdict.battery import classifier_auc

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
        reconstruction: as `errors`; linear: the largest share of the test rows'
        variance that a linear autoencoder with as many codes explains; rows: for generated rows
        and for what they stand beside, the classifier's area under the curve against test rows
        and the Parzen log-likelihood of test rows.
    """
    rng = np.random.default_rng([seed, 2])
    made, codes = model.generate(GENERATED, rng)
    mean, covariance = train.mean(axis=0, dtype=float), np.cov(train, rowvar=False)
    normal = rng.multivariate_normal(mean, covariance, GENERATED, method="eigh")
    candidates: dict[str, NDArray[np.floating]] = {
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


def summary(trials: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The table: a line for each kind of rows, means over trainings; reconstruction in the note."""
    found = {
        key: np.mean([trial["reconstruction"][key] for trial in trials])
        for key in ("rmse", "explained")
    }
    linear = np.mean([trial["linear"] for trial in trials])
    return {
        "title": "Images: 784 pixels in [0, 1]",
        "note": f"{GENERATED:,} generated rows beside test rows that show other digits. "
        f"Reconstruction of test rows: rmse {found['rmse']:.4f} a pixel, {found['explained']:.1%} "
        f"of the variance explained (a linear autoencoder of as many codes: {linear:.1%}). The "
        "Parzen log-likelihood is known to mislead (Theis et al., arXiv 1511.01844). Trainings: "
        f"{len(trials)}.",
        "command": "make images",
        "columns": [
            *("rows", "classifier AUC", "Parzen log-likelihood, nats"),
            *("standard error", "bandwidth"),
        ],
        "rows": [[name, *cells(trials, name)] for name in trials[0]["rows"]],
    }


def cells(trials: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Means over trainings of one kind of rows."""
    formats = {"auc": ".3f", "mean": ".1f", "error": ".1f", "bandwidth": ".3f"}
    each = [trial["rows"][name] for trial in trials]
    return [f"{np.mean([one[key] for one in each]):{form}}" for key, form in formats.items()]
