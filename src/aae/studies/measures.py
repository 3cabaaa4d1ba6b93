"""What a study can measure of a trained model; `study` of params.yaml selects and sets it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Protocol

from aae.base.checks import at_least, expect, list_of, one_of
from aae.studies.baselines import Baselines
from aae.studies.closeness import Closeness
from aae.studies.images import Images
from aae.studies.modes import Modes
from aae.studies.peers import Peers
from aae.studies.robustness import Robustness
from aae.studies.trained import Trained
from aae.studies.verdicts import Verdicts


class Measure(Protocol):
    """A frozen dataclass, whose fields are the settings of `study.NAME` and check themselves."""

    def of(self, trained: Trained) -> dict[str, Any]:
        """Measure one training; what comes out is written as JSON."""
        ...


MEASURES: dict[str, type[Measure]] = {
    "verdicts": Verdicts,
    "modes": Modes,
    "robustness": Robustness,
    "images": Images,
    "closeness": Closeness,
    "baselines": Baselines,
    "peers": Peers,
}


KIND = one_of(tuple(MEASURES))


def measure_from(name: str, settings: Mapping[str, Any]) -> Measure:
    """The measure of a name with its settings, `study.NAME`.

    Raises:
        ValueError: an unknown name, a key too many or too few, or a value out of range.
    """
    KIND.check("a measure", name)
    kind = MEASURES[name]
    keys = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    expect(set(settings) == set(keys), f"study.{name} with {', '.join(keys)}", [*settings])
    return kind(**settings)


def check_study(study: Mapping[str, Any]) -> None:
    """Expect what `study` of params.yaml may hold: measures, their settings, and a replicate.

    Raises:
        ValueError: it holds anything else.
    """
    for key in study:
        one_of(("measures", "replicate", *MEASURES)).check("a key of study", key)
    list_of(KIND).check("study.measures", study.get("measures"))
    for name in study["measures"]:
        measure_from(name, study.get(name) or {})
    at_least(0).check("study.replicate", study.get("replicate", 0))
