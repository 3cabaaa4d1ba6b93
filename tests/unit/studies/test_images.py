from types import SimpleNamespace

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.studies.images import Images, summary
from aae.studies.trained import Trained
from aae.verdict.hard_checks import KnownLaw

AXES = np.random.default_rng(0).normal(size=(2, 30))


def images(seed, rows):
    """Rows of a normal law on two axes, and a little noise."""
    rng = np.random.default_rng(seed)
    mean = 0.5 + 0.1 * rng.normal(size=(rows, 2)) @ AXES
    return (mean + 0.02 * rng.normal(size=mean.shape)).astype("f4")


class Truth:
    """A model that draws from the law itself, and projects on its axes."""

    latent = 2

    def generate(self, rows, rng):
        codes = rng.normal(size=(rows, 2))
        return self.decode(codes, rng).rows, codes

    def decode(self, codes, rng):
        mean = (0.5 + 0.1 * codes @ AXES).astype("f4")
        return SimpleNamespace(mean=mean, rows=mean + 0.02 * rng.normal(size=mean.shape))

    def reconstruct(self, rows):
        return 0.5 + (rows - 0.5) @ np.linalg.pinv(AXES) @ AXES


class Whiter(Truth):
    """The same model of rows whose white is not 1."""

    def __init__(self, white):
        self.white = white

    def decode(self, codes, rng):
        plain = super().decode(codes, rng)
        return SimpleNamespace(**{key: each * self.white for key, each in vars(plain).items()})

    def reconstruct(self, rows):
        return super().reconstruct(rows / self.white) * self.white


def measured(white=1.0, rows=600):
    data = [Split(images(seed, rows) * white, None) for seed in (1, 2)]
    model = Truth() if white == 1 else Whiter(white)
    return Images(600, 100, white).of(Trained(model, *data, KnownLaw(), {}, 0))


def test_the_true_model_is_as_good_as_real_rows():
    found = measured()
    rows = found["rows"]
    generated, real = rows["generated"], rows["real rows (training)"]
    # The standard error of the area is 0.024 for 300 rows on either side.
    assert abs(generated["auc"] - 0.5) < 0.12 and abs(real["auc"] - 0.5) < 0.12
    assert abs(generated["mean"] - real["mean"]) < 5
    assert rows["generated, the decoder's mean"]["auc"] > 0.6
    assert abs(found["reconstruction"]["explained"] - found["linear"]) < 0.02


def test_nats_are_those_of_pixels_between_0_and_1():
    one, other = measured()["rows"], measured(white=255.0)["rows"]
    for name, each in one.items():
        assert other[name]["mean"] == pytest.approx(each["mean"], abs=0.1), name


def test_rows_to_measure_must_be_left():
    with pytest.raises(ValueError, match="expected at least 102 test rows, got 101"):
        measured(rows=101)


def test_a_table_over_trainings():
    each = {"rows": 9000, "auc": 0.75, "mean": 10.0, "error": 0.5, "bandwidth": 0.1}
    trial = {
        "reconstruction": {"rmse": 0.1, "explained": 0.5},
        "linear": 0.4,
        "rows": {"generated": each, "real": each | {"auc": 0.5}},
    }
    found = summary({("images", "default"): [trial, trial]})
    assert found["rows"] == [
        ["generated", "9,000", "0.750", "10.0", "0.5", "0.100"],
        ["real", "9,000", "0.500", "10.0", "0.5", "0.100"],
    ]
    assert {len(row) for row in found["rows"]} == {len(found["columns"])}
    assert "rmse 0.1000" in found["note"] and "Trainings: 2" in found["note"]
