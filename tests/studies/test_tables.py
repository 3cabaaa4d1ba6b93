"""Studies: what is counted, and the tables that say it."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from aae.base.files import read_json
from aae.model.configuration import Model, Recipe, Train
from aae.studies.pairs import Case, Design, class_accuracy, trials
from aae.studies.tables import READ_TABLES, STUDIES, lanes, markdown, of_adversary, rows, summary

PARAMETERS = {"kind": "normal_mixture", "rows": 60, "test_rows": 9, "columns": 6, "seed": 0}
DESIGN = Design(seeds=[0, 1], pairs=2, permutations=199, variants=["small"])


@pytest.fixture(scope="module")
def records():
    recipe = Recipe(Model(encoder=[4], decoder=[4], discriminator=[4]), Train(epochs=2))
    return list(trials(Case.of(PARAMETERS, {"means": [-9.0, 9.0]}), {"small": recipe}, DESIGN))


def test_real_rows_stand_beside_every_seed(records):
    assert [(each["seed"], each["variant"]) for each in records] == [
        (0, None),
        (0, "small"),
        (1, None),
        (1, "small"),
    ]
    assert all(0 <= each["passed"] <= each["pairs"] == 2 for each in records)


def test_trials_repeat(records):
    recipe = Recipe(Model(encoder=[4], decoder=[4], discriminator=[4]), Train(epochs=2))
    case = Case.of(PARAMETERS, {"means": [-9.0, 9.0]})
    again = trials(case, {"small": recipe}, Design([1], 2, 199, ["small"]))
    assert list(again) == records[2:]


def test_changes_of_a_case_reach_the_law():
    case = Case.of(PARAMETERS, {"means": [-9.0, 9.0]})
    drawn = case.draw(500, 3)
    for label, mean in enumerate([-9.0, 9.0]):
        assert abs(drawn.rows[drawn.labels == label].mean() - mean) < 0.5
    assert np.array_equal(drawn.rows, case.draw(500, 3).rows)
    assert not np.array_equal(drawn.rows, case.draw(500, 4).rows)


def test_categories_stand_for_their_classes():
    class Swapped:
        categories = 3

        def encode(self, rows, rng):
            class Found:
                mean = np.concatenate(
                    [np.zeros((len(rows), 2)), np.eye(3)[2 - (rows[:, 0] > 0).astype(int)]], axis=1
                )

            return Found

    case = Case.of(PARAMETERS, {"means": [-9.0, 9.0]})
    train, fresh = case.draw(50, 0), case.draw(50, 1)
    assert class_accuracy(Swapped(), train, fresh) == 1.0
    assert class_accuracy(Swapped(), train, fresh._replace(labels=1 - fresh.labels)) == 0.0
    assert class_accuracy(Swapped(), train, fresh._replace(labels=None)) is None


def test_tables_add_up():
    trial = {"variant": "a", "pairs": 3, "rejecting": {"energy": 2}, "code": {"row_mean": 0.5}}
    kept = [
        trial | {"passed": n, "code": {"row_mean": m, "class": None}}
        for n, m in ((1, 0.2), (3, 0.4))
    ]
    (line,) = rows("case", kept)
    assert line == ["case", "a", "4 of 6 (67%)", "energy 4", "0.300", "-"]
    control = {"variant": None, "passed": 3, "pairs": 3, "rejecting": {}, "seed": 0}
    content = summary("verdicts", {"case": [control, *kept]})
    assert [each[1] for each in content["rows"]] == ["(real rows)", "a"]
    assert markdown(content).count("\n") == 2 + 1 + 2
    assert all(len(each) == len(content["columns"]) for each in content["rows"])


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (1, "pass: fewer on normal; as many on idle."),
        (4, "pass: as many on normal, idle. It contributes nothing on these data."),
        (5, "pass: as many on idle; more on normal. It contributes nothing on these data."),
    ],
)
def test_the_ablation_says_what_the_adversary_contributes(without, said):
    def trials(passed):
        return [
            {"variant": "default", "passed": 4, "pairs": 5},
            {"variant": "no_adversary", "passed": passed, "pairs": 5},
        ]

    assert of_adversary({"normal": trials(without), "idle": trials(4)}).endswith(said)


PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("study", STUDIES)
def test_lanes_are_all_stages_of_a_study(study, monkeypatch):
    monkeypatch.chdir(PROJECT)
    targets = [lane[-1] for lane in lanes(study).values()]
    for target in targets:
        path, _, name = target.partition(":")
        stages = yaml.safe_load(Path(path).read_text())["stages"]
        assert not name or name.partition("@")[0] in stages
    if name:
        loop = stages[study]["foreach"].strip("${}")
        settings = yaml.safe_load((Path(path).parent / "params.yaml").read_text())
        assert set(lanes(study)) == set(settings[loop])


@pytest.mark.parametrize("study", STUDIES)
def test_lanes_share_no_stage(study, monkeypatch):
    """Two `dvc repro` that reach one stage fail (DVC: "is busy")."""
    monkeypatch.chdir(PROJECT)
    found = lanes(study)
    assert len(found) == 1 or all(lane[0] == "--single-item" for lane in found.values())
    folder = Path(next(iter(found.values()))[-1].partition(":")[0]).parent
    reads = "data/digits" in (folder / "dvc.yaml").read_text()
    assert reads == (study in READ_TABLES)


@pytest.mark.parametrize("file", sorted((PROJECT / "reports" / "studies").glob("*.json")), ids=str)
def test_the_documentation_shows_the_tables(file):
    assert markdown(read_json(file)) in (PROJECT / "docs" / "studies.md").read_text()
