"""Laws of the report: it holds what params.yaml names, no more, and stands alone."""

import io
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from support.report_runs import Shape, history_of, write_floor, write_history, write_runs

from aae.base.intervals import margin
from aae.report.content import metrics, table
from aae.report.page import page
from aae.report.pictures import panels
from aae.report.runs import flat, read_reports
from aae.report.series import CODES, EPOCHS, codes, histories, marginals
from aae.report.wording import number, probability, spread

SOURCE = Path(__file__).parents[3] / "src"
NAMES = {"one": Shape(1, 7, 0), "two": Shape(2, 49, 3), "eight": Shape(8, 12, 11)}
VARIANTS = {"default": {}, "other": {"model": {"latent": 2, "adversary": "<none>"}}}
SEEDS = [0, 3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write_runs(NAMES, VARIANTS, {0: False, 3: True})
    yield tmp_path


class Page(HTMLParser):
    """Collects what a page shows and what it asks for."""

    def __init__(self, text: str):
        super().__init__()
        self.images: list[str] = []
        self.described: list[str | None] = []
        self.sections: list[str] = []
        self.asked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        values = dict(attrs)
        assert tag not in ("iframe", "object", "embed") and not (tag == "script" and attrs)
        if tag == "section":
            self.sections.append(values["aria-label"])
        if tag in ("img", "svg"):
            self.described.append(values.get("alt", values.get("aria-label")))
        pictures = [values[key] for key in ("src", "href") if key in values and tag != "a"]
        self.images += [each for each in pictures if each != "data:,"]
        self.asked += [values["href"]] if tag == "a" else []


def run_stage(
    names: list[str], variants: Any, seeds: list[int]
) -> subprocess.CompletedProcess[str]:
    params = {"names": names, "variants": variants, "seeds": seeds, "model": {"latent": 2}}
    params["floors"] = {"names": [], "variants": []}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    command = [sys.executable, "-m", "aae.stages.report"]
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_page_stands_alone_and_shows_every_run(project: Path) -> None:
    text = page(read_reports([*NAMES], VARIANTS, SEEDS))
    assert "http:" not in text and "https:" not in text and "url(" not in text
    assert "@import" not in text and "None" not in text and "nan" not in text.lower().split()
    shown = Page(text)
    assert shown.sections == [*NAMES]
    links = [f"#{name}/{variant}" for variant in VARIANTS for name in NAMES]
    assert [each for each in shown.asked if each in links][-len(links) :] == links
    for uri in shown.images:
        kind, content = uri.split(",")
        assert kind == "data:image/png;base64"
        Image.open(io.BytesIO(b64decode(content))).load()
    assert text.count("<figcaption>original") == len(VARIANTS) * len(NAMES)
    assert text.count("<figcaption>generated: first 20") == len(VARIANTS) * len(NAMES)
    for words in (
        "class_10",
        "held",
        "row bootstrap",
        "real against real",
        "Reconstruction loss",
        "1,234",
    ):
        assert words in text
    assert text.count('<details class="variant"') == len(NAMES) * len(VARIANTS)


def test_what_comes_from_files_is_escaped(project: Path) -> None:
    text = page(read_reports(["two"], VARIANTS, SEEDS))
    assert "<none>" not in text and "model.adversary: &lt;none&gt;" in text
    assert "<encoder>" not in text


def test_missing_losses_are_named(project: Path) -> None:
    (case,) = read_reports(["two"], VARIANTS, SEEDS)
    default, other = (panels(variant.runs[0]) for variant in case.variants)
    titles = ["Decoder loss", "Encoder loss", "Reconstruction loss", "Total loss"]
    assert [*default[0]] == [*other[0]] == titles
    assert all(drawing for drawing, _ in default[0].values())
    assert [title for title, (drawing, _) in other[0].items() if not drawing] == ["Encoder loss"]
    assert "no adversary on the codes: no such loss" in page([case])


def test_stage_repeats_bytes_and_ignores_stale_folders(project: Path) -> None:
    written = ["index.html", "metrics.json", "overview.png"]
    written += [f"plots/{each}.csv" for each in ("history", "marginals", "codes")]
    contents = []
    for _ in range(2):
        done = run_stage(["two"], {"other": VARIANTS["other"]}, [0])
        assert done.returncode == 0, done.stderr
        contents.append([(project / "reports" / each).read_bytes() for each in written])
    assert contents[0] == contents[1]
    assert json.loads(contents[0][1]) == {
        "passed": 0,
        "underpowered": 0,
        "different": 1,
        "auc": {"other": 0.25},
        "models": [{"model": "two.other", "passed": 0.0, "auc": 0.25}],
    }
    text = contents[0][0].decode()
    assert Page(text).sections == ["two"] and 'href="#eight"' not in text
    assert not list((project / "reports").rglob(".*"))


@pytest.mark.parametrize(
    ("names", "seeds", "words"),
    [
        ([], [0], "at least one of names"),
        (["two"], [], "at least one of seeds"),
        (["two", "gone"], [0], "gone"),
        (["two"], [0, 1], "reports/runs/two/default/1/metrics.json"),
    ],
)
def test_missing_runs_are_one_line(
    project: Path, names: list[str], seeds: list[int], words: str
) -> None:
    done = run_stage(names, VARIANTS, seeds)
    assert done.returncode == 1 and done.stdout == ""
    line = done.stderr.removesuffix("\n")
    assert line.startswith("error: expected ") and words in line and "\n" not in line
    assert sorted(each.name for each in Path("reports").iterdir()) == ["reference", "runs"]


@pytest.mark.parametrize("file", ["metrics.json", "pictures.npz"])
def test_an_unreadable_file_is_named(project: Path, file: str) -> None:
    path = Path("reports/runs/two/default/0") / file
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=f"{path} cannot be read"):
        read_reports(["two"], VARIANTS, SEEDS)


def test_stage_imports_nothing_heavy() -> None:
    code = "import sys, aae.stages.report; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    heavy = {"tensorflow", "keras", "onnxruntime", "scipy", "sklearn", "pandas", "pyarrow"}
    assert not heavy & set(done.stdout.split())


def test_table_aggregates_seeds(project: Path) -> None:
    (case,) = read_reports(["eight"], VARIANTS, SEEDS)
    control, baseline, default, _ = table(case)
    assert [control.kind, baseline.kind, default.kind] == ["control", "baseline", "variant"]
    assert control.passed == 1 and baseline.passed == 0 and default.passed == 0.5
    assert default.verdict == "1 of 2 not distinguished, 1 different"
    assert default.tests == {"energy": 0.0, "classifier": 0.5}
    assert default.values["explained"] == [0.75, 0.75]
    assert default.values["linear"] == []  # the bound is known up to two dimensions here
    assert default.values["std ratio"] == [0.5, 0.5]


def test_a_verdict_without_tests_is_counted(project: Path) -> None:
    path = Path("reports/runs/two/default/0/metrics.json")
    empty = {"verdict": "error", "tests": {}, "rejecting": [], "reason": "every row is constant"}
    path.write_text(json.dumps(json.loads(path.read_text()) | empty))
    cases = read_reports(["two"], {"default": None}, [0])
    assert metrics(cases)["models"] == [{"model": "two.default", "passed": 0.0, "auc": None}]
    assert "every row is constant" in page(cases)


def test_several_seeds_have_an_interval(project: Path) -> None:
    cases = read_reports([*NAMES], VARIANTS, SEEDS)
    models = {each["model"]: each for each in metrics(cases)["models"]}
    for case in cases:
        for row in table(case):
            if row.kind == "variant" and row.values["AUC"]:
                found = models[f"{case.name}.{row.label}"]
                assert found["auc"] == pytest.approx(np.mean(row.values["AUC"]))
                assert found["auc_margin"] == margin(row.values["AUC"])
                assert found["passed"] == row.passed


def test_histories_have_few_lines_a_run(project: Path) -> None:
    path = Path("models/two/default/0/history.csv")
    write_history(path, history_of(adversary=False, epochs=5 * EPOCHS + 1))
    header, *lines = histories(read_reports(["two"], {"default": None}, [0]))
    assert header == ("name", "variant", "seed", "epoch", "train", "validation")
    assert len(lines) <= EPOCHS and lines[0] == ("two", "default", 0, 1, "2.5", "2.5")


def test_metrics_count_every_verdict_once(project: Path) -> None:
    path = Path("reports/runs/two/default/0/metrics.json")
    weak = {"verdict": "underpowered", "reason": "few rows"}
    path.write_text(json.dumps(json.loads(path.read_text()) | weak))
    counts = metrics(read_reports([*NAMES], VARIANTS, SEEDS))
    assert counts["underpowered"] == 1
    assert sum(counts[word] for word in ("passed", "underpowered", "different")) == 12


def test_marginals_integrate_to_one_and_codes_are_few(project: Path) -> None:
    cases = read_reports([*NAMES], VARIANTS, [0])
    header, *lines = marginals(cases)
    assert header == ("name", "rows", "value", "density")
    for rows in ("real", *VARIANTS):
        mine = np.array([line[2:] for line in lines if line[:2] == ("two", rows)], dtype=float)
        assert mine[:, 1].sum() * (mine[1, 0] - mine[0, 0]) == pytest.approx(1, rel=1e-3)
    header, *lines = codes(cases)
    assert header == ("name", "codes", "first", "second")
    assert len(lines) <= 2 * CODES * len(NAMES)


def test_flat() -> None:
    assert flat({"model": {"latent": 2, "a": {"b": 1}}}) == {"model.latent": 2, "model.a.b": 1}


def test_numbers() -> None:
    assert [number(x) for x in (None, 1.0, 0.0123456, -1490.4, 123.4)] == [
        "–", "1.00", "0.0123", "−1490", "123"
    ]  # fmt: skip
    assert [probability(p) for p in (1e-9, 0.001, 0.25)] == ["< 0.001", "0.001", "0.250"]
    assert spread([]) == "–" and spread([1.0, 3.0]) == "2.00 ± 12.7"


def test_a_floor_says_what_more_rows_would_cure(project: Path) -> None:
    for seed in SEEDS:
        write_floor(Path("two/default") / str(seed))
    cases = read_reports(["two"], VARIANTS, SEEDS, {"names": ["two"], "variants": ["default"]})
    default, other = cases[0].variants
    assert all(run.floor for run in default.runs) and not any(run.floor for run in other.runs)
    assert "learned from 90 rows, would be different" in page(cases)
    assert ["floor_auc" in each for each in metrics(cases)["models"]] == [True, False]


def test_a_floor_that_is_missing_is_an_error(project: Path) -> None:
    with pytest.raises(ValueError, match="expected reports/floors/two/default/0.json, got no such"):
        read_reports(["two"], VARIANTS, SEEDS, {"names": ["two"], "variants": ["default"]})
