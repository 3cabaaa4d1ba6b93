"""Laws of the report: it holds what params.yaml names, no more, and stands alone."""

import csv
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

from aae.base.intervals import margin
from aae.report.content import EPOCHS, histories, metrics, table
from aae.report.page import number, page, panels, probability, spread
from aae.report.runs import flat, read_reports

SOURCE = Path(__file__).parents[3] / "src"
NAMES = {"one": (1, 7, 0), "two": (2, 49, 3), "eight": (8, 12, 11)}  # latent, columns, classes
VARIANTS = {"default": {}, "other": {"model": {"latent": 2, "adversary": "<none>"}}}
SEEDS = [0, 3]
MOMENTS = ("mean", "std", "skewness", "excess_kurtosis")


def test_of(rejects: bool) -> dict[str, Any]:
    keys = ("statistic", "p", "adjusted_p", "null_median", "null_q95", "effect")
    return dict.fromkeys(keys, 0.25) | {"rejects": rejects}


test_of.__test__ = False  # type: ignore[attr-defined]


def verdict(passed: bool) -> dict[str, Any]:
    tests = {"energy": test_of(False), "classifier": test_of(not passed)}
    return {
        "verdict": "not distinguished" if passed else "different",
        "reason": "no test told them apart" if passed else "told apart by classifier",
        "rejecting": [] if passed else ["classifier"],
        "failed": [],
        "tests": tests,
        "errors": {},
        "rows": {"real": 30, "generated": 30, "train": 40},
        "columns": 7,
    }


def moments() -> dict[str, Any]:
    cells = {name: {"real": 1.0, "generated": 0.5, "null": [0.9, 1.1]} for name in MOMENTS}
    columns = {name: {"rms_difference": 0.1, "largest_difference": 0.2} for name in MOMENTS}
    return {"cells": cells, "columns": columns, "ks_cells": 0.1, "ks_columns_max": 0.2}


def closed_form() -> dict[str, Any]:
    cell = {"law": 1.0, "sample": 0.9, "standard_error": 0.1, "z": -1.0}
    column = {"largest_z": 3.0, "beyond_1.96": 0.05}
    return {"cells": dict.fromkeys(MOMENTS, cell), "columns": dict.fromkeys(MOMENTS, column)}


def modes(classes: int) -> dict[str, Any]:
    shares = [1 / classes] * classes
    names = [f"class_{i}" for i in range(classes)]
    null = [[share - 0.1, share + 0.1] for share in shares]
    return {"classes": names, "real": shares, "generated": shares, "null": null, "p": 0.5}


def found_of(latent: int, classes: int, passed: bool) -> dict[str, Any]:
    errors = {"loss": 1.0, "loss_interval": [0.9, 1.1], "rmse": 0.5, "explained": 0.75}
    part = {"rows": 5, "reconstruction": errors, "moments": moments()}
    parts = ("decoded_codes", "reconstruction", "codes")
    codes = {name: [0.0] * latent for name in MOMENTS} | {"largest_correlation": 0.1}
    return verdict(passed) | {
        "diagnosis": "Nothing to explain.",
        "parts": {name: verdict(passed) for name in parts},
        "moments": moments(),
        "reconstruction": errors,
        "denoising": [{"level": 0.1, "rmse": 0.5, "noisy_rmse": 0.1}],
        "latent": latent,
        "codes": codes,
        "prior": codes,
        "closed_form": closed_form() if classes else None,
        "modes": modes(classes) if classes else None,
        "diversity": {"precision": 0.9, "coverage": 0.8} if classes else {},
        "components": {f"class_{i}": part for i in range(classes)},
        "out_of_distribution": {"held": part} if classes else {},
    }


def arrays_of(latent: int, columns: int, classes: int) -> dict[str, Any]:
    rng = np.random.default_rng(columns)
    rows = rng.standard_normal((20, columns)).astype(np.float32)
    edges = np.linspace(-3, 3, 61)
    density = np.histogram(rows, edges, density=True)[0]
    labels = np.arange(30) % classes if classes else np.full(30, -1)
    subsets = ["", *(f":class_{i}" for i in range(classes)), *[":held"] * bool(classes)]
    return {
        "real": rows,
        "generated": rows[::-1],
        "edges": edges,
        "real_density": density,
        "generated_density": density[::-1],
        "codes": rng.standard_normal((30, latent)),
        "code_labels": labels,
        "prior_codes": rng.standard_normal((30, latent)),
    } | {f"{key}{name}": rows[:5] for name in subsets for key in ("original", "reconstruction")}


def history_of(adversary: bool, epochs: int = 12) -> list[dict[str, Any]]:
    keys = ["reconstruction", "decoder", "total"]
    keys += ["encoder", "latent_discriminator", "latent_accuracy"] * adversary
    losses = {f"{prefix}{key}": 2.5 for key in keys for prefix in ("", "val_")}
    return [
        {"epoch": i}
        | losses
        | {f"{key}_gradient": "" if i % 10 else 1 for key in ("likelihood", "adversarial")}
        for i in range(epochs)
    ]


def write_run(name: str, variant: str, seed: int) -> None:
    latent, columns, classes = NAMES[name]
    place = Path(name) / variant / str(seed)
    found, model = Path("reports/runs") / place, Path("models") / place
    found.mkdir(parents=True)
    model.mkdir(parents=True)
    metrics = found_of(latent, classes, passed=seed == 3)
    (found / "metrics.json").write_text(json.dumps(metrics))
    np.savez(found / "pictures.npz", **arrays_of(latent, columns, classes))
    (model / "summary.txt").write_text("Model: <encoder>\n")
    rows = history_of(adversary=variant == "default")
    with (model / "history.csv").open("w") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        for variant in VARIANTS:
            for seed in SEEDS:
                write_run(name, variant, seed)
        reference = Path("reports/reference") / name / "metrics.json"
        reference.parent.mkdir(parents=True)
        control = verdict(True) | {
            "closed_form": closed_form(),
            "null_intervals": {"precision": [0.7, 0.9], "coverage": [0.9, 1.0]},
            "moments": moments(),
            "reconstruction": {"loss": 2.0, "rmse": 1.0, "explained": -1.0},
            "diversity": {"precision": 0.9, "coverage": 0.9},
        }
        content = {"control": control, "baselines": {"row_bootstrap": verdict(False)}}
        reference.write_text(json.dumps(content | {"explained": [0.1, 0.2]}))
    yield tmp_path


class Page(HTMLParser):
    """Collects what a page shows and what it asks for."""

    def __init__(self, text: str):
        super().__init__()
        self.images: list[str] = []
        self.sections: list[str] = []
        self.asked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        values = dict(attrs)
        assert tag not in ("script", "iframe", "object", "embed")
        if tag == "section":
            self.sections.append(values["id"])
        pictures = [values[key] for key in ("src", "href") if key in values and tag != "a"]
        self.images += [each for each in pictures if each != "data:,"]
        self.asked += [values["href"]] if tag == "a" else []


def run_stage(
    names: list[str], variants: Any, seeds: list[int]
) -> subprocess.CompletedProcess[str]:
    params = {"names": names, "variants": variants, "seeds": seeds, "model": {"latent": 2}}
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
    assert shown.asked == [f"#{name}" for name in NAMES]
    for uri in shown.images:
        kind, content = uri.split(",")
        assert kind == "data:image/png;base64"
        Image.open(io.BytesIO(b64decode(content))).load()
    triptychs = sum(1 + classes + (classes > 0) for _, _, classes in NAMES.values())
    assert text.count("<figcaption>original ") == len(VARIANTS) * triptychs
    assert text.count("<figcaption>generated: first 20") == len(VARIANTS) * len(NAMES)
    for words in ("class_10", "held", "row bootstrap", "real against real", "Reconstruction loss"):
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
    written = ["index.html", "metrics.json", "overview.png", "plots/history.csv"]
    contents = []
    for _ in range(2):
        done = run_stage(["two"], {"other": VARIANTS["other"]}, [0])
        assert done.returncode == 0, done.stderr
        contents.append([(project / "reports" / each).read_bytes() for each in written])
    assert contents[0] == contents[1]
    metrics = json.loads(contents[0][1])
    assert metrics == {
        "passed": 0,
        "total": 1,
        "control_passed": 1,
        "control_total": 1,
        "two": {"other": {"passed": 0.0, "auc": 0.25}},
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
    assert default.verdict == "not distinguished 1 of 2"
    assert default.tests == {"energy": 0.0, "classifier": 0.5}
    assert default.values["explained"] == [0.75, 0.75]
    assert default.values["linear"] == []  # the bound is known up to two dimensions here
    assert default.values["std ratio"] == [0.5, 0.5]


def test_a_verdict_without_tests_is_counted(project: Path) -> None:
    path = Path("reports/runs/two/default/0/metrics.json")
    empty = {"verdict": "error", "tests": {}, "rejecting": [], "reason": "every row is constant"}
    path.write_text(json.dumps(json.loads(path.read_text()) | empty))
    cases = read_reports(["two"], {"default": None}, [0])
    assert metrics(cases)["two"] == {"default": {"passed": 0.0, "auc": None}}
    assert "every row is constant" in page(cases)


def test_several_seeds_have_an_interval(project: Path) -> None:
    cases = read_reports([*NAMES], VARIANTS, SEEDS)
    for case in cases:
        for row in table(case):
            if row.kind == "variant" and row.values["AUC"]:
                found = metrics(cases)[case.name][row.label]
                assert found["auc"] == pytest.approx(np.mean(row.values["AUC"]))
                assert found["auc_margin"] == margin(row.values["AUC"])
                assert found["passed"] == row.passed


def test_histories_have_few_lines_a_run(project: Path) -> None:
    path = Path("models/two/default/0/history.csv")
    rows = history_of(adversary=False, epochs=5 * EPOCHS + 1)
    with path.open("w") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    header, *lines = histories(read_reports(["two"], {"default": None}, [0]))
    assert header == ("name", "variant", "seed", "epoch", "train", "validation")
    assert len(lines) <= EPOCHS and lines[0] == ("two", "default", 0, 1, "2.5", "2.5")


def test_flat() -> None:
    assert flat({"model": {"latent": 2, "a": {"b": 1}}}) == {"model.latent": 2, "model.a.b": 1}


def test_numbers() -> None:
    assert [number(x) for x in (None, 1.0, 0.0123456, -1490.4, 123.4)] == [
        "–", "1.00", "0.0123", "−1490", "123"
    ]  # fmt: skip
    assert [probability(p) for p in (1e-9, 0.001, 0.25)] == ["< 0.001", "0.001", "0.250"]
    assert spread([]) == "–" and spread([1.0, 3.0]) == "2.00 ± 12.7"
