"""The report's content: what was found for each name, variant and seed, and tables of it."""

import csv
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.files import read_json
from aae.base.intervals import margin

# As in aae.verdict, which the report need not import: an edit there would make it out of date.
PASSED, UNDERPOWERED = "not distinguished", "underpowered"
EPOCHS = 200  # most rows of one run in reports/plots/history.csv
VALUES = {
    "AUC": "area under the ROC curve of the classifier test: 0.5 is chance, 1 is told apart",
    "energy": "effect of the energy distance: standard deviations from its mean under permutation",
    "KS": "Kolmogorov-Smirnov distance of all cells pooled: 0 is equal, 1 is disjoint",
    "std ratio": "standard deviation of all cells, generated over real",
    "skewness": "of all generated cells",
    "kurtosis": "excess kurtosis of all generated cells",
    "explained": "share of the variance of unseen real rows that the reconstruction explains",
    "linear": "the most that a linear autoencoder with as many dimensions as z explains; a model "
    "may know a category besides",
    "coverage": "share of real rows with a generated row among their nearest neighbours",
}
Array = NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One trained model: metrics.json, pictures.npz, history.csv and summary.txt."""

    seed: int
    metrics: dict[str, Any]
    arrays: dict[str, Array]
    history: dict[str, Array]
    summary: str


@dataclass(frozen=True)
class Variant:
    """The runs of a variant on one name, and what it changes: key -> value."""

    name: str
    changes: dict[str, Any]
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Case:
    """One name: what the reference stage found, and its variants."""

    name: str
    reference: dict[str, Any]
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Row:
    """One line of the table over all names.

    Attributes:
        label: variant, baseline, or "real against real".
        kind: "control", "baseline" or "variant".
        verdict: of all seeds, or "different" and its like where seeds agree.
        passed: share of seeds whose rows are not distinguished.
        failed: hard checks that failed, over all seeds.
        tests: test -> share of seeds in which it rejects.
        least_p: test -> the smallest p-value, after Holm's correction, of all seeds.
        values: VALUES -> one number for each seed that has it.
    """

    label: str
    kind: str
    verdict: str
    passed: float
    failed: list[str]
    tests: dict[str, float]
    least_p: dict[str, float]
    values: dict[str, list[float]]


def read_cases(
    names: Sequence[str], variants: Mapping[str, Any], seeds: Sequence[int]
) -> list[Case]:
    """Read exactly these runs, nothing else that lies in the folders.

    Raises:
        ValueError: a list is empty, or a run is missing or cannot be read.
    """
    for key, chosen in {"names": names, "variants": variants, "seeds": seeds}.items():
        if not chosen:
            raise ValueError(f"expected at least one of {key}, got none")
    return [_read_case(name, variants, seeds) for name in names]


def _read_case(name: str, variants: Mapping[str, Any], seeds: Sequence[int]) -> Case:
    found = [
        Variant(variant, flat(changes or {}), tuple(read_run(name, variant, s) for s in seeds))
        for variant, changes in variants.items()
    ]
    reference = _read(Path("reports/reference") / name / "metrics.json", read_json)
    return Case(name, reference, tuple(found))


def read_run(name: str, variant: str, seed: int) -> Run:
    """Read what train and evaluate wrote of one model."""
    place = Path(name) / variant / str(seed)
    found, model = Path("reports/runs") / place, Path("models") / place
    return Run(
        seed,
        _read(found / "metrics.json", read_json),
        _read(found / "pictures.npz", _read_arrays),
        _read(model / "history.csv", _read_history),
        _read(model / "summary.txt", Path.read_text),
    )


def _read(path: Path, reader: Callable[[Path], Any]) -> Any:
    try:
        return reader(path)
    except FileNotFoundError:
        raise ValueError(f"expected {path}, got no such file: `dvc repro` makes it") from None
    except (ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def _read_arrays(path: Path) -> dict[str, Array]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _read_history(path: Path) -> dict[str, Array]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def flat(changes: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested settings into dotted keys."""
    found: dict[str, Any] = {}
    for key, value in changes.items():
        nested = isinstance(value, Mapping)
        found |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return found


def table(case: Case) -> list[Row]:
    """Rows of one name: real against real, the baselines, the variants over their seeds."""
    rows = [_row("real against real", "control", [case.reference["control"]])]
    for name, found in case.reference["baselines"].items():
        rows.append(_row(name.replace("_", " "), "baseline", [found]))
    for variant in case.variants:
        row = _row(variant.name, "variant", [run.metrics for run in variant.runs])
        row.values["linear"] = [each for run in variant.runs for each in linear(case, run)]
        rows.append(row)
    return rows


def linear(case: Case, run: Run) -> list[float]:
    """The linear autoencoder's bound for as many dimensions as z has, where it was computed."""
    latent = run.metrics["latent"]
    bound: list[float] = case.reference["explained"][latent - 1 : latent]
    return bound


def _row(label: str, kind: str, found: list[dict[str, Any]]) -> Row:
    passed = sum(each["verdict"] == PASSED for each in found)
    verdicts = {each["verdict"] for each in found}
    mixed = f"{PASSED} {passed} of {len(found)}"
    names = dict.fromkeys(test for each in found for test in each["tests"])
    outcomes = {
        name: [each["tests"][name] for each in found if name in each["tests"]] for name in names
    }
    numbers = [_values(each, kind) for each in found]
    return Row(
        label,
        kind,
        verdicts.pop() if len(verdicts) == 1 else mixed,
        passed / len(found),
        [sentence for each in found for sentence in each["failed"]],
        {
            name: float(np.mean([each["rejects"] for each in tests]))
            for name, tests in outcomes.items()
        },
        {name: min(each["adjusted_p"] for each in tests) for name, tests in outcomes.items()},
        {key: [each[key] for each in numbers if key in each] for key in VALUES},
    )


def _values(found: dict[str, Any], kind: str) -> dict[str, float]:
    """Numbers of one comparison, those that it has."""
    tests, cells = found["tests"], found.get("moments", {}).get("cells")
    values = {
        "AUC": tests.get("classifier", {}).get("statistic"),
        "energy": tests.get("energy", {}).get("effect"),
        "coverage": found.get("diversity", {}).get("coverage"),
    }
    if cells:
        values["KS"] = found["moments"]["ks_cells"]
        values["std ratio"] = cells["std"]["generated"] / (cells["std"]["real"] or np.nan)
        values["skewness"] = cells["skewness"]["generated"]
        values["kurtosis"] = cells["excess_kurtosis"]["generated"]
    if kind == "variant":
        values["explained"] = found["reconstruction"]["explained"]
    return {key: value for key, value in values.items() if value is not None}


def summary(cases: Sequence[Case]) -> dict[str, Any]:
    """The content of reports/metrics.json: counts, and a line for each name and variant."""
    rows = {case.name: table(case) for case in cases}
    seeds = len(cases[0].variants[0].runs)
    variants = [row for each in rows.values() for row in each if row.kind == "variant"]
    return {
        "passed": round(sum(row.passed for row in variants) * seeds),
        "total": len(variants) * seeds,
        "control_passed": round(sum(each[0].passed for each in rows.values())),
        "control_total": len(cases),
    } | {
        name: {row.label: _summary(row) for row in each if row.kind == "variant"}
        for name, each in rows.items()
    }


def counts(cases: Sequence[Case]) -> dict[str, str]:
    """Variant -> how many of its verdicts are `PASSED`, over all names and seeds."""
    found = {}
    for place, variant in enumerate(cases[0].variants):
        runs = [run.metrics["verdict"] for case in cases for run in case.variants[place].runs]
        found[variant.name] = f"{runs.count(PASSED)} of {len(runs)}"
    return found


def _summary(row: Row) -> dict[str, float | None]:
    """Verdict rate and mean over seeds; of several seeds, half its 95% interval's width, too."""
    areas = row.values["AUC"]
    found = {"passed": row.passed, "auc": float(np.mean(areas)) if areas else None}
    return found | ({"auc_margin": margin(areas)} if len(areas) > 1 else {})


def histories(cases: Sequence[Case]) -> Iterator[tuple[Any, ...]]:
    """Lines of reports/plots/history.csv, its header first: at most EPOCHS of each run."""
    yield "name", "variant", "seed", "epoch", "train", "validation"
    for case in cases:
        for variant in case.variants:
            for run in variant.runs:
                epochs = run.history["epoch"].astype(int) + 1
                step = -(-len(epochs) // EPOCHS)
                for i in range(0, len(epochs), step):
                    losses = (f"{run.history[key][i]:.6g}" for key in ("total", "val_total"))
                    yield case.name, variant.name, run.seed, epochs[i], *losses
