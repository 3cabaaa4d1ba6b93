"""All that one `make bench` has measured, and reports/bench.json, which keeps it by revision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aae.base.files import read_json, write_json
from aae.benchmark.growth import Many
from aae.benchmark.peers import ABSENT
from aae.benchmark.pipeline import Reproduced
from aae.benchmark.scale import Measured, by_stage

BENCH = Path("reports/bench.json")


@dataclass(frozen=True)
class Epochs:
    """Processor seconds of an epoch at the article's sizes.

    Attributes:
        variants: of each of our models, `epoch`, and `products`, its matrix products alone.
        eager: of the article's own loop; pythae: of its model, None where it is not installed.
    """

    variants: Mapping[str, Mapping[str, float]]
    eager: float
    pythae: float | None


@dataclass(frozen=True)
class Ratio:
    """Something and what it is measured against.

    Attributes:
        name: short, of the ratio.
        what, against: both in words.
        value, base: seconds of both; None where it was not measured.
        unit: to show them in.
    """

    name: str
    what: str
    value: float | None
    against: str
    base: float
    unit: str

    @property
    def ratio(self) -> float | None:
        """How many times as much it is."""
        return None if self.value is None else self.value / self.base


@dataclass(frozen=True)
class Result:
    """One `make bench`.

    Attributes:
        code: git's name of the content of src; commit: of HEAD, short; measured: the day.
        command: that measures the same again.
        machine: where.
        phases: processor seconds of the train stage by phase.
        scale: stages at many sizes.
        many: None where it was not asked for.
    """

    code: str
    commit: str
    measured: str
    command: str
    machine: Mapping[str, Any]
    epochs: Epochs
    phases: Mapping[str, float]
    reproduced: Reproduced
    scale: Sequence[Measured]
    many: Many | None

    @property
    def ratios(self) -> list[Ratio]:
        """What is measured against something else."""
        run, variants = self.reproduced, self.epochs.variants
        ours = "our epoch of the article's model", variants["article"]["epoch"], "ms"
        names = ", ".join(run.names)
        whole = f"`make reproduce` of {names}: {run.stages} stages, {run.lanes} side by side"
        eager, pythae = self.epochs.eager, self.epochs.pythae
        return [
            *(
                Ratio(
                    f"epoch, {name} / its products",
                    f"epoch, the {name} model",
                    each["epoch"],
                    "its matrix products alone",
                    each["products"],
                    "ms",
                )
                for name, each in variants.items()
            ),
            Ratio("article's loop / ours", "epoch, the article's eager loop", eager, *ours),
            Ratio("pythae / ours", "epoch, pythae on PyTorch", pythae, *ours),
            Ratio(
                f"make reproduce, {run.stages} stages / alone",
                *(whole, run.cold, "its stages alone", run.floor, "s"),
            ),
            Ratio(
                "make reproduce, idle / dvc status",
                *("`make reproduce`, nothing to do", run.idle, "`dvc status`", run.status, "s"),
            ),
        ]

    @property
    def skipped(self) -> list[str]:
        """A line for each thing that was not measured, and why."""
        return [f"pythae on PyTorch {ABSENT}"] if self.epochs.pythae is None else []

    def figures(self) -> Iterator[tuple[str, float]]:
        """What `aae compare` shows of two revisions: names with their unit, and numbers."""
        for pair in self.ratios:
            if pair.ratio is not None:
                yield pair.name, pair.ratio
        yield "train stage, processor s", sum(self.phases.values())
        if self.many:
            yield f"dvc status, {self.many.models} models, s", self.many.status
            yield f"added a stage, {self.many.models} models, s", self.many.added
        for (stage, columns), each in by_stage(self.scale).items():
            size = f"{stage}, {each[-1].rows} x {columns}"
            yield f"{size}, rows/s", each[-1].rows / each[-1].seconds
            yield f"{size}, peak MiB", each[-1].peak

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        return asdict(self) | {"figures": dict(self.figures())}


def keep(result: Result, path: Path = BENCH) -> None:
    """Write a result beside those of other revisions, in place of that of its own."""
    kept = read_json(path) if path.exists() else {}
    write_json(path, kept | {result.code: result.to_dict()})
