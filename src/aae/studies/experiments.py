"""What DVC experiments have measured, read out of DVC's cache."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aae.compare.revisions import opened
from aae.studies.records import Records, place


def read_records(experiments: Iterable[str]) -> Records:
    """Measurements of experiments, by name and variant; all variants of a name stand together.

    Raises:
        ValueError: an experiment is absent, or has measured nothing, or what it has measured is
            neither in DVC's cache nor on its remote.
    """
    records: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    with opened() as store:
        for experiment in experiments:
            places = dict(_places(store.params(experiment)))
            contents = store.outputs(experiment, places)
            for path, run in places.items():
                records.setdefault(run, []).append(contents[path])
    names = dict.fromkeys(name for name, _ in records)
    return {run: records[run] for name in names for run in records if run[0] == name}


def _places(params: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for measure in params["study"]["measures"]:
        for name in params["names"]:
            for variant in params["variants"]:
                for seed in params["seeds"]:
                    yield str(place(measure, name, variant, seed)), (name, variant)
