from types import SimpleNamespace

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.studies.robustness import (
    Robustness,
    classes,
    dimensions_used,
    of_classes,
    of_codes,
    pushed,
    surprise,
)
from aae.studies.trained import Trained
from aae.verdict.hard_checks import KnownLaw


class Linear:
    """Rows are a code's first dimension, repeated; the encoder inverts this, up to a limit."""

    latent, categories = 2, 0

    def __init__(self, limit=np.inf):
        self.limit = limit

    def decode(self, codes, rng):
        mean = np.repeat(codes[:, :1], 5, axis=1)
        return SimpleNamespace(rows=mean + 0.01 * rng.normal(size=mean.shape), mean=mean)

    def encode(self, rows, rng):
        first = np.clip(rows.mean(axis=1, keepdims=True), -self.limit, self.limit)
        return SimpleNamespace(mean=np.hstack([first, np.zeros_like(first)]))


def rows(seed, model):
    rng = np.random.default_rng(seed)
    return model.decode(rng.normal(size=(500, 2)), rng).rows


def measure(model, radii):
    prior = np.random.default_rng(3).normal(size=(500, 2))
    return pushed(model, prior, rows(1, model), rows(2, model), radii)


def test_only_dimensions_that_matter_count():
    assert dimensions_used(Linear(), np.ones((4, 2))).tolist() == [0]


def test_codes_of_the_prior_raise_false_alarms_alone():
    (found,) = measure(Linear(), [1])
    # 5%, five standard errors of two samples of 500.
    assert found["detected"] == pytest.approx(0.05, abs=0.07)
    assert found["returned"] > 0.99
    assert found["distance"] == pytest.approx(1, abs=0.3)


def test_an_encoder_that_inverts_the_decoder_notices():
    near, far = measure(Linear(), [1, 8])
    assert far["detected"] > 0.75 and far["returned"] > 0.99
    assert far["distance"] > near["distance"]
    assert far["moments"]["std"] == pytest.approx(8 * near["moments"]["std"], rel=0.01)
    assert far["real"] == near["real"]


def test_an_encoder_that_saturates_does_not():
    (found,) = measure(Linear(limit=1.0), [8])
    assert found["detected"] < 0.5 and found["returned"] < 0.5


def test_idle_codes_return_nothing():
    class Idle(Linear):
        def decode(self, codes, rng):
            cells = (len(codes), 5)
            return SimpleNamespace(rows=rng.normal(size=cells), mean=np.zeros(cells))

    model = Idle()
    (found,) = measure(model, [4])
    assert found["returned"] is None and found["detected"] is None


def test_surprise_is_the_density_of_the_prior():
    from scipy.stats import norm

    codes = np.random.default_rng(0).normal(size=(9, 3))
    wanted = -norm.logpdf(codes).sum(axis=1) - 1.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(surprise(codes), wanted)


def test_classes_are_counted():
    class Signs(Linear):
        categories, labels = 2, np.arange(2)

        def encode(self, rows, rng):
            return SimpleNamespace(mean=np.hstack([rows, np.eye(2)[(rows[:, 0] > 0).astype(int)]]))

    model = Signs()
    labels = np.array([0, 0, 0, 1])
    fresh = Split(np.array([[-1, 0], [-1, 0], [1, 0], [1, 0]], dtype="f4"), labels)
    codes = np.hstack([np.zeros((10, 2)), np.eye(2)[[0] * 5 + [1] * 5]])
    found = classes(model, codes, fresh)
    assert found == {"accuracy": 0.75, "shares": 0.25, "rarest": 0.25, "made_rarest": 0.5}
    assert classes(Linear(), codes, fresh) is None


@pytest.mark.parametrize("radii", [[], [1, 2]])
def test_all_is_measured_of_the_same_generated_rows(radii):
    class Generator(Linear):
        def generate(self, rows, rng):
            return self.decode(codes(rng, rows), rng).rows, codes(rng, rows)

    model = Generator()
    train, fresh = (Split(rows(seed, model).astype("f4"), None) for seed in (1, 2))
    found = Robustness(199, radii).of(Trained(model, train, fresh, KnownLaw(), {}, 0))
    assert found["classes"] is None and isinstance(found["passed"], bool)
    assert [each["radius"] for each in found["pushed"]] == radii


def codes(rng, rows):
    return rng.normal(size=(rows, 2))


def test_tables_have_a_line_for_each_place_and_radius():
    off = measure(Linear(), [1, 2])
    counted = {"accuracy": 0.9, "shares": 0.1, "rarest": 0.2, "made_rarest": 0.3}
    records = {
        ("codes", "default"): [{"classes": None, "pushed": off, "passed": True}] * 2,
        ("labels", "wrong"): [{"classes": counted, "pushed": [], "passed": False}] * 2,
    }
    first, second = of_classes(records), of_codes(records)
    assert [row[:2] for row in first["rows"]] == [["labels", "wrong"]]
    assert first["rows"][0][2:4] == ["90.0% (90.0% to 90.0%)", "0 of 2"]
    assert [row[:2] for row in second["rows"]] == [["codes", "1"], ["codes", "2"]]
    for table in (first, second):
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}
