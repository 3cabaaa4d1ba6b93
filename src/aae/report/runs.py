"""What the other stages wrote, read for exactly the names, variants and seeds of params.yaml."""

import csv
import itertools
import zipfile
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.files import read_json
from aae.report.provenance import folder_md5

Array = NDArray[Any]


@dataclass(frozen=True)
class ModelRun:
    """One trained model: what evaluate and train wrote of it.

    Attributes:
        seed: of the training.
        metrics, arrays: metrics.json and pictures.npz.
        history, summary, recipe: history.csv, summary.txt and recipe.json.
        hashes: SHA-256 of the graphs, by file name.
        outputs: MD5 of the folders that train and evaluate wrote, as dvc.lock has them.
        floor: what the stage `floor` wrote, None where it was not asked for.
    """

    seed: int
    metrics: dict[str, Any]
    arrays: dict[str, Array]
    history: dict[str, Array]
    summary: str
    recipe: dict[str, Any]
    hashes: dict[str, str]
    outputs: dict[str, str]
    floor: dict[str, Any] | None = None


@dataclass(frozen=True)
class VariantRuns:
    """The runs of a variant on one name, and what it changes: key -> value."""

    name: str
    changes: dict[str, Any]
    runs: tuple[ModelRun, ...]


@dataclass(frozen=True)
class DataReport:
    """One name: what the reference stage measured, and its variants."""

    name: str
    reference: dict[str, Any]
    variants: tuple[VariantRuns, ...]

    @property
    def runs(self) -> list[ModelRun]:
        """All runs, of every variant and seed."""
        return [run for variant in self.variants for run in variant.runs]


def read_reports(
    names: Sequence[str],
    variants: Mapping[str, Any],
    seeds: Sequence[int],
    floors: Mapping[str, Sequence[str]] | None = None,
) -> list[DataReport]:
    """Read exactly these runs, nothing else that lies in the folders.

    Args:
        names, variants, seeds: of the runs.
        floors: `names` and `variants` of those that have a floor; none has if not given.

    Raises:
        ValueError: a list is empty, or a run is missing or cannot be read.
    """
    for key, chosen in {"names": names, "variants": variants, "seeds": seeds}.items():
        if not chosen:
            raise ValueError(f"expected at least one of {key}, got none")
    measured = set(itertools.product(floors["names"], floors["variants"])) if floors else set()
    return [_read_report(name, variants, seeds, measured) for name in names]


def _read_report(
    name: str,
    variants: Mapping[str, Any],
    seeds: Sequence[int],
    measured: Container[tuple[str, str]],
) -> DataReport:
    runs = [
        VariantRuns(
            variant,
            flat(changes or {}),
            tuple(read_run(name, variant, seed, (name, variant) in measured) for seed in seeds),
        )
        for variant, changes in variants.items()
    ]
    reference = _read(Path("reports/reference") / name / "metrics.json", read_json)
    return DataReport(name, reference, tuple(runs))


def read_run(name: str, variant: str, seed: int, floor: bool = False) -> ModelRun:
    """Read what train, evaluate and, if it was asked for, floor wrote of one model."""
    place = Path(name) / variant / str(seed)
    evaluated, model = Path("reports/runs") / place, Path("models") / place
    return ModelRun(
        seed,
        _read(evaluated / "metrics.json", read_json),
        _read(evaluated / "pictures.npz", _read_arrays),
        _read(model / "history.csv", _read_history),
        _read(model / "summary.txt", Path.read_text),
        _read(model / "recipe.json", read_json),
        {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(model.glob("*.onnx"))},
        {str(folder): folder_md5(folder) for folder in (model, evaluated)},
        _read(Path("reports/floors") / f"{place}.json", read_json) if floor else None,
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
    leaves: dict[str, Any] = {}
    for key, value in changes.items():
        nested = isinstance(value, Mapping)
        leaves |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return leaves
