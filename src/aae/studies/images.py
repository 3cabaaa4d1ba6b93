"""What a model of images achieves, by the measures that papers report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, expect, within
from aae.base.settings import check_fields, required
from aae.evaluation.reconstruction import errors
from aae.evaluation.reference import linear_bound
from aae.studies.parzen import parzen
from aae.studies.records import Records
from aae.studies.trained import Trained
from aae.verdict.battery import classifier_auc

BANDWIDTHS = np.geomspace(0.02, 1.0, 25)  # of pixels in [0, 1]

Pixels = NDArray[np.floating]


@dataclass(frozen=True)
class Images:
    """Sizes of the protocol of Makhzani et al.

    Attributes:
        generated: rows on which the Parzen window is fitted.
        validation: test rows that choose its bandwidth; the others are measured.
        white: pixels are divided by this number: papers give nats of pixels in [0, 1].
    """

    generated: int = required(at_least(2))
    validation: int = required(at_least(1))
    white: float = required(within("(0, 1000000]"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_fields(self, "study.images")

    def of(self, trained: Trained) -> dict[str, Any]:
        """Reconstruction of test rows, and how far generated rows are from them.

        Returns:
            reconstruction: as `errors`, pixels in [0, 1]; linear: the largest share of
            the test rows' variance that a linear autoencoder with as many codes explains; rows:
            for generated rows and for what they stand beside, see `beside`.

        Raises:
            ValueError: not two test rows more than `validation`.
        """
        model, seed = trained.model, trained.seed
        train, test = (np.array(each.rows) for each in (trained.train, trained.fresh))
        least = self.validation + 2
        expect(len(test) >= least, f"at least {least} test rows", len(test))
        made, codes = model.generate(self.generated, np.random.default_rng([seed, 2]))
        candidates: dict[str, Pixels] = {
            "generated": made,
            "generated, the decoder's mean": model.decode(codes, np.random.default_rng(0)).mean,
            "real rows (training)": train,
            "Gaussian of the training rows' moments": self.gaussian(train, seed),
        }
        scaled, again = test / self.white, model.reconstruct(test) / self.white
        return {
            "reconstruction": errors(scaled, again),
            "linear": linear_bound(train, test)[model.latent - 1],
            "rows": {
                name: self.beside(rows / self.white, scaled, seed)
                for name, rows in candidates.items()
            },
        }

    def gaussian(self, train: Pixels, seed: int) -> Pixels:
        """Rows of the normal law with the mean and covariance of the training rows."""
        mean, covariance = train.mean(axis=0, dtype=float), np.cov(train, rowvar=False)
        rng = np.random.default_rng([seed, 3])
        return rng.multivariate_normal(mean, covariance, self.generated, method="eigh")

    def beside(self, rows: Pixels, test: Pixels, seed: int) -> dict[str, float]:
        """Number of rows, area under the classifier's curve, Parzen log-likelihood of test rows."""
        size, validation = min(len(rows), len(test)), self.validation
        centres = rows[: self.generated]
        window = parzen(centres, test[:validation], test[validation:], BANDWIDTHS)
        area = classifier_auc(test[:size], rows[:size], seed)
        return {"rows": len(centres), "auc": area} | window._asdict()


def summary(records: Records) -> dict[str, Any]:
    """The table: a line for each kind of rows, means over trainings; reconstruction in the note."""
    (trials,) = records.values()
    rmse, explained = (
        np.mean([trial["reconstruction"][key] for trial in trials]) for key in ("rmse", "explained")
    )
    linear = np.mean([trial["linear"] for trial in trials])
    return {
        "title": "Images: 5000 digits of MNIST",
        "note": "Generated rows beside test rows. Reconstruction of test rows: rmse "
        f"{rmse:.4f} a pixel in [0, 1], {explained:.1%} of the variance explained (a linear "
        f"autoencoder of as many codes: {linear:.1%}). The Parzen log-likelihood is known to "
        "mislead (Theis et al., arXiv 1511.01844), and rises with the number of rows that the "
        f"window is fitted on. Trainings: {len(trials)}.",
        "command": "make images",
        "columns": [
            *("rows", "number", "classifier AUC", "Parzen log-likelihood, nats"),
            *("standard error", "bandwidth"),
        ],
        "rows": [[name, *cells(trials, name)] for name in trials[0]["rows"]],
    }


def cells(trials: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Means over trainings of one kind of rows."""
    formats = {"rows": ",.0f", "auc": ".3f", "mean": ".1f", "error": ".1f", "bandwidth": ".3f"}
    each = [trial["rows"][name] for trial in trials]
    return [f"{np.mean([one[key] for one in each]):{form}}" for key, form in formats.items()]
