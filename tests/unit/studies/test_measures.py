"""Files of conf/study: each composes, selects what it says, and fits what it measures."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.project import PROJECT

from aae.base.files import read_json
from aae.model.configuration import Recipe
from aae.studies.measures import MEASURES, check_study, measure_from
from aae.studies.tables import STUDIES, markdown, sweeps, tables
from aae.studies.verdicts import Verdicts
from aae.tables.packaged import PACKAGED

FILES = sorted(path.stem for path in (PROJECT / "conf/study").glob("*.yaml"))
MAKEFILE = (PROJECT / "Makefile").read_text()
SWEEPS = re.findall(
    r"^(\w+): (?:STUDY|SLOWER) = (.*)$", MAKEFILE.replace("$(PEERS)", ",peers"), re.M
)
SPLIT_ANEW = (
    "tables",
    "baselines",
    "peers",
    "mnist",
)  # studies whose replicates split the tables anew
Compose = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Compose:
    """Compose conf/ as `dvc exp run -S` does."""
    from dvc.utils.hydra import compose_and_dump

    target = tmp_path_factory.mktemp("studies") / "params.yaml"

    def composed(*words: str) -> dict[str, Any]:
        conf, plugins = str(PROJECT / "conf"), str(PROJECT / "src/plugins")
        compose_and_dump(target, conf, None, "config", plugins, list(words))
        found: dict[str, Any] = yaml.safe_load(target.read_text())
        return found

    return composed


@pytest.mark.parametrize("study", FILES)
def test_a_replicate_has_data_and_a_seed_of_its_own(study: str, compose: Compose) -> None:
    params = compose(f"+study={study}", "study.replicate=7")
    assert params["seeds"] == [7]
    assert {each["seed"] for each in params["distributions"].values()} <= {7}
    splits = {(each["seed"], each["test_share"]) for each in params["tables"].values()}
    assert splits == ({(7, 0.5)} if study in SPLIT_ANEW else splits & {(0, 0.5), (0, 0.4)})
    assert params["seeds"] == [7]
    other = compose(f"+study={study}")
    assert other["seeds"] == [0]
    assert other["names"] == params["names"]


@pytest.mark.parametrize("study", FILES)
def test_every_model_of_a_study_can_be_measured(study: str, compose: Compose) -> None:
    params = compose(f"+study={study}")
    for variant, changes in params["variants"].items():
        Recipe.merged(params, variant, changes)
    for name in params["study"]["measures"]:
        measure: Any = measure_from(name, params["study"][name])
        for each in params["distributions"].values():
            if name == "verdicts":
                assert isinstance(measure, Verdicts)
                assert each["test_rows"] == 2 * measure.pairs * each["rows"]
            if name == "robustness":
                assert each["test_rows"] == each["rows"]


SELECTED = {
    "verdicts": (
        "uniform density expon_neg normal_expon normal normal_half normal_mixture pooled",
        "default",
    ),
    "unlabelled": ("normal_mixture", "unlabelled"),
    "ablation": (
        "uniform density expon_neg normal_expon normal normal_mixture",
        "default no_adversary data_adversary both_adversaries gaussian mse no_information "
        "latent_8 latent_16",
    ),
    "modes": ("digits", "labels_100 clusters_16 clusters_30"),
    "robustness": ("normal normal_mixture mixture_1_to_9 digits", "default"),
    "wrong_labels": ("normal_mixture digits", "wrong_10_percent wrong_30_percent"),
    "images": ("mnist_5k", "default"),
    "tables": (
        "wine breast_cancer diabetes digits",
        "default code_adversary data_adversary prior_codes prior_alone article",
    ),
    "baselines": ("wine breast_cancer diabetes digits", "default"),
    "peers": ("wine breast_cancer diabetes", "default"),
    "mnist": ("mnist_5k", "default"),
}


@pytest.mark.parametrize("study", FILES)
def test_a_study_selects_names_and_variants(study: str, compose: Compose) -> None:
    params = compose(f"+study={study}")
    assert (" ".join(params["names"]), " ".join(params["variants"])) == SELECTED[study]
    assert params["packaged"].keys() == set(PACKAGED) & set(params["names"])


def test_without_a_study_nothing_is_measured_or_unpacked(compose: Compose) -> None:
    params = compose()
    assert params["study"] == {"measures": []} and params["packaged"] == {}


def test_what_a_variant_of_a_study_changes(compose: Compose) -> None:
    variants = compose("+study=ablation")["variants"] | compose("+study=modes")["variants"]
    assert variants["labels_100"]["model"]["labelled"] == 100
    assert variants["clusters_30"]["model"] == {
        "labels": "ignored",
        "clusters": 30,
        "likelihood": "gaussian",
    }
    laws = compose("+study=robustness")["distributions"]
    assert laws["mixture_1_to_9"] == laws["normal_mixture"] | {"weights": [0.1, 0.9]}


def test_make_runs_every_study() -> None:
    assert {study for study, _ in SWEEPS} == set(STUDIES)
    swept = {name for _, words in SWEEPS for name in words.split()[0][7:].split(",")}
    assert swept == set(FILES)
    assert all(re.fullmatch(r"\S+ study\.replicate=[\d,]+", words) for _, words in SWEEPS)


def test_words_of_several_sweeps_are_told_apart() -> None:
    first, second = (
        ["+study=tables,baselines", "study.replicate=0,1"],
        ["+study=mnist", "seeds=[0]"],
    )
    assert sweeps([*first, *second]) == [first, second]
    assert sweeps(["study.replicate=0", "seeds=[0]"]) == [["study.replicate=0", "seeds=[0]"]]


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ({"measures": "verdicts"}, "study.measures to be a list"),
        ({"measures": None}, "study.measures to be a list"),
        (
            {"measures": ["magic"]},
            "one of verdicts, modes, robustness, images, closeness, baselines, peers, got 'magic'",
        ),
        ({"measures": [], "pairs": 3}, "a key of study to be one of"),
        ({"measures": ["modes"]}, "study.modes with folds, got"),
        ({"measures": ["modes"], "modes": {"folds": 1}}, "study.modes.folds"),
        ({"measures": ["verdicts"], "verdicts": {"pairs": 0, "permutations": 239}}, "pairs"),
        ({"measures": ["verdicts"], "verdicts": {"pairs": 1, "permutations": 1}}, "permutations"),
        ({"measures": ["robustness"], "robustness": {"permutations": 239, "radii": [0]}}, "radii"),
        (
            {"measures": ["closeness"], "closeness": {"folds": 1, "permutations": 239}},
            "study.closeness.folds",
        ),
        ({"measures": ["baselines"], "baselines": {"folds": 2, "permutations": 1}}, "permutations"),
        ({"measures": [], "replicate": -1}, "study.replicate"),
    ],
)
def test_wrong_settings_are_refused(study: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"expected .*{message}"):
        check_study(study)


def test_every_study_has_a_table() -> None:
    side = {"passed": 1, "pairs": 2, "rejecting": {}}
    code = {"row_mean": 0.0, "class": None}
    verdict = {("n", each): [{"generated": side, "real": side, "code": code}] for each in
               ("default", "no_adversary")}  # fmt: skip
    pushed: dict[tuple[str, str], list[dict[str, Any]]] = {
        ("n", "default"): [{"classes": None, "pushed": [], "passed": True}]
    }
    errors = {("n", "default"): [{"aae": 0.5}]}
    row = {"rows": 1, "auc": 0.5, "mean": 0.0, "error": 0.0, "bandwidth": 0.1}
    image = {"reconstruction": {"rmse": 0.0, "explained": 0.0}, "linear": 0.0, "rows": {"g": row}}
    records = {"verdicts": verdict, "ablation": verdict, "modes": errors, "robustness": pushed}
    close = {"trees": 0.5, "logistic": 0.5, "ks": 0.1, "correlation": 0.1, "nearer": 0.0,
             "verdict": "different", "rejecting": ["pairs"]}  # fmt: skip
    records["tables"] = {("n", "default"): [close, {"real rows": close | {"nearer": None}}]}
    records["images"] = {("n", "default"): [image]}
    names = {name for study in STUDIES for name in tables(study, records[study])}
    assert names == {path.stem for path in (PROJECT / "reports/studies").glob("*.json")}


@pytest.mark.parametrize("file", sorted((PROJECT / "reports/studies").glob("*.json")), ids=str)
def test_the_documentation_shows_the_tables(file: Path) -> None:
    table = read_json(file)
    assert re.search(r"easured at commit [0-9a-f]{7}\b", table["note"])
    assert markdown(table) in (PROJECT / "docs/studies.md").read_text()


def test_measures_are_named_in_the_documentation() -> None:
    text = (PROJECT / "docs/studies.md").read_text()
    assert [name for name in MEASURES if f"`{name}`" not in text] == []
