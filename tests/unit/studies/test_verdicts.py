"""Verdicts over trainings: what is counted, and the table that says it."""

from types import SimpleNamespace

import numpy as np
import pytest

from aae.dataset.splits import Split
from aae.studies.trained import Trained
from aae.studies.verdicts import Verdicts, cells, class_accuracy, lines, of_adversary, summary
from aae.verdict.hard_checks import KnownLaw

ROWS, COLUMNS = 60, 6


def drawn(seed, rows=ROWS, shift=0.0):
    """Two classes far apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, rows)
    centres = np.where(labels, 9.0, -9.0)[:, None] + shift
    return Split((centres + rng.normal(size=(rows, COLUMNS))).astype("f4"), labels)


class Model:
    """Draws from the law itself, or beside it; its categories are the classes, in another order."""

    latent, categories = 2, 3

    def __init__(self, shift=0.0):
        self.shift = shift

    def generate(self, rows, rng):
        return SimpleNamespace(rows=drawn(rng.integers(2**32), rows, self.shift).rows)

    def reconstruct(self, rows):
        return np.repeat(rows.mean(axis=1, keepdims=True), COLUMNS, axis=1)

    def encode(self, rows, rng):
        category = 2 - (rows[:, 0] > 0).astype(int)
        return SimpleNamespace(mean=np.hstack([np.zeros((len(rows), 2)), np.eye(3)[category]]))


def trained(shift=0.0, seed=0, rows=4 * ROWS):
    return Trained(Model(shift), drawn(0), drawn(1, rows), KnownLaw(), {}, seed)


MEASURE = Verdicts(pairs=2, permutations=199)


def test_real_rows_stand_beside_generated_ones():
    record = MEASURE.of(trained(shift=3.0))
    assert record["real"]["pairs"] == record["generated"]["pairs"] == 2
    assert record["real"]["passed"] == 2 and record["real"]["rejecting"] == {}
    assert record["generated"]["passed"] == 0
    assert max(record["generated"]["rejecting"].values()) == 2
    assert record["code"] == {"row_mean": pytest.approx(1, abs=1e-6), "class": 1.0}


def test_a_measurement_repeats_and_follows_the_seed():
    assert MEASURE.of(trained(shift=3.0)) == MEASURE.of(trained(shift=3.0))
    drew = []

    def generate(rows, rng):
        drew.append(rng.random())
        return drawn_rows(rng, rows)

    for seed in (1, 1, 2):
        one = trained(seed=seed)
        one.model.generate = generate
        MEASURE.of(one)
    assert drew[:2] == drew[2:4] != drew[4:]


def drawn_rows(rng, rows):
    return SimpleNamespace(rows=drawn(rng.integers(2**32), rows).rows)


def test_each_row_is_judged_once(monkeypatch):
    pairs = []
    answer = SimpleNamespace(verdict="different", rejecting=["energy"], failed=["range"])

    def judge(*pair, **_):
        pairs.append(pair)
        return answer

    monkeypatch.setattr("aae.studies.verdicts.judge", judge)
    one = trained()
    record = MEASURE.of(one)
    assert record["real"]["rejecting"] == {"energy": 2, "hard checks": 2}
    (a, _, _), (b, _, _), (c, x, _), (d, y, _) = pairs
    assert (a is c or (a == c).all()) and (b == d).all()
    np.testing.assert_array_equal(np.concatenate([a, b, x, y]), one.fresh.rows)


def test_too_few_test_rows_are_an_error():
    with pytest.raises(ValueError, match="expected at least 240 test rows .* got 239"):
        MEASURE.of(trained(rows=239))


def test_categories_stand_for_their_classes():
    train, fresh = drawn(0), drawn(1)
    assert class_accuracy(Model(), train, fresh) == 1.0
    assert class_accuracy(Model(), train, fresh._replace(labels=1 - fresh.labels)) == 0.0
    assert class_accuracy(Model(), train, fresh._replace(labels=None)) is None


def test_a_flat_reconstruction_carries_nothing():
    one = trained()
    one.model.reconstruct = lambda rows: np.zeros_like(rows)
    assert MEASURE.of(one)["code"]["row_mean"] == 0


def trial(passed, mean, real=3):
    side = {"pairs": 3, "rejecting": {"energy": 2}}
    return {
        "generated": side | {"passed": passed},
        "real": side | {"passed": real, "rejecting": {}},
        "code": {"row_mean": mean, "class": None},
    }


def test_tables_add_up():
    records = {("n", "a"): [trial(1, 0.2), trial(3, 0.4)], ("n", "b"): [trial(0, 0.0)]}
    real, first, second = lines(records)
    assert real == ["n", "(real rows)", "6 of 6 (100%)", "-", "-", "-"]
    assert first == ["n", "a", "4 of 6 (67%)", "energy 4", "0.300", "-"]
    assert second[:3] == ["n", "b", "0 of 3 (0%)"]
    table = summary("verdicts", records)
    assert {len(row) for row in table["rows"]} == {len(table["columns"])}
    assert [table["rows"][1][2:4]] == [cells([t["generated"] for t in records["n", "a"]])]


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (1, "pass: fewer on normal; as many on idle."),
        (4, "pass: as many on normal, idle. It contributes nothing on these data."),
        (5, "pass: as many on idle; more on normal. It contributes nothing on these data."),
    ],
)
def test_the_ablation_says_what_the_adversary_contributes(without, said):
    records = {
        ("normal", "default"): [trial(4, 0)],
        ("normal", "no_adversary"): [trial(without, 0)],
        ("idle", "default"): [trial(4, 0)],
        ("idle", "no_adversary"): [trial(4, 0)],
    }
    assert of_adversary(records).endswith(said)
    assert of_adversary(records) in summary("ablation", records)["note"]
