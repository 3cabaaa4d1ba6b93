"""What the experiments of a study have measured, read out of DVC's cache."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path("reports/measured")
Records = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]  # name, variant -> of each training


def place(measure: str, name: str, variant: str, seed: int) -> Path:
    """File of one measurement, relative to the project."""
    return FOLDER / measure / name / variant / f"{seed}.json"


def read_records(experiments: Iterable[str]) -> Records:
    """Measurements of experiments, by name and variant.

    Raises:
        ValueError: an experiment is absent, or has measured nothing, or what it has measured is
            neither in DVC's cache nor on its remote.
    """
    from aae.compare.revisions import opened

    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    with opened() as store:
        for experiment in experiments:
            places = dict(_places(store.params(experiment)))
            contents = store.outputs(experiment, places)
            for path, key in places.items():
                found.setdefault(key, []).append(contents[path])
    names = dict.fromkeys(name for name, _ in found)
    return {key: found[key] for name in names for key in found if key[0] == name}


def _places(params: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for measure in params["study"]["measures"]:
        for name in params["names"]:
            for variant in params["variants"]:
                for seed in params["seeds"]:
                    yield str(place(measure, name, variant, seed)), (name, variant)
