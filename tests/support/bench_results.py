"""A result that nobody measured."""

from aae.benchmark.growth import Many
from aae.benchmark.pipeline import Reproduced
from aae.benchmark.result import Epochs, Result
from aae.benchmark.scale import Measured

MACHINE = {"processor": "an abacus", "cores": 2, "memory": 23.4, "system": "none", "python": "3.11"}
VERSIONS = dict.fromkeys(("tensorflow", "numpy", "onnxruntime", "dvc"), "1.0")
EPOCH = {"epoch": 0.004, "products": 0.002}
MANY = Many(
    500, 1201, 2, 900.0, 600.0, 12.0, 14.0, 4_000_000, 60_000, {"checksums": 0.7, "the rest": 0.3}
)


def scale(rows: tuple[int, ...] = (1000, 10_000, 100_000)) -> list[Measured]:
    """Two stages: one linear in rows and columns beyond a second, one of 20 columns alone."""
    linear = [
        Measured("generate", each, columns, 1 + each * columns / 1e6, 100 + each * columns / 1e5)
        for columns in (20, 784)
        for each in rows
    ]
    return [*linear, *(Measured("ingest, CSV", each, 20, 2.0, 100.0) for each in rows)]


def result(pythae: float | None = 0.02, many: Many | None = MANY, code: str = "a1") -> Result:
    return Result(
        code=code,
        commit="abc1234",
        measured="2026-01-31",
        command="make bench",
        machine=MACHINE | VERSIONS,
        epochs=Epochs({"article": EPOCH, "default": EPOCH}, eager=0.4, pythae=pythae),
        phases={"training": 6.0, "export": 2.0},
        reproduced=Reproduced(["uniform"], 5, 1, 60.0, 50.0, 2.0, 1.0),
        scale=scale(),
        many=many,
    )
