"""Fuzz what reads files of others: `harness.py tables` or `harness.py settings` (`make fuzz`).

Whatever a file holds, it is read, or refused with an error that stages print as one line. Any other
error ends the fuzzing; its input is written to crash-*.
"""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["aae"]):
    import yaml
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from aae.base.plain_yaml import check_yaml
    from aae.base.settings import check_keys
    from aae.evaluation.settings import Evaluate
    from aae.laws.registry import law_from
    from aae.model.configuration import Recipe
    from aae.stages.ingest import ingest
    from aae.tables.source import TableSource

REFUSALS = ValueError, OSError, yaml.YAMLError, HydraException, OmegaConfBaseException, MemoryError
os.chdir(tempfile.mkdtemp())  # paths of tables are relative


def tables(content: bytes) -> None:
    """Ingest a table; the first byte chooses its format and label."""
    kind, label = divmod(content[0] if content else 0, 2)
    path = Path(f"table{('.csv', '.parquet', '.npy')[kind % 3]}")
    path.write_bytes(content[1:])
    try:
        ingest(TableSource(str(path), "y" if label else None), Path("made"))
    except ValueError as error:
        assert str(error).isprintable(), str(error)  # one line


def settings(content: bytes) -> None:
    """Read params.yaml as the stages do."""
    path = Path("params.yaml")
    path.write_bytes(content)
    check_yaml([path])
    params: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    for read in (law_from, table_source, evaluate, recipe):
        with suppress(*REFUSALS):
            read(params)


def table_source(section: Any) -> TableSource:
    """As `ingest` reads it."""
    check_keys(TableSource, section, "tables.a")
    return TableSource(**section)


def evaluate(section: Any) -> Evaluate:
    """As `evaluate` does."""
    check_keys(Evaluate, section, "evaluate")
    return Evaluate(**section)


def recipe(section: Any) -> Recipe:
    """As `train` does, of differences and of all values."""
    with suppress(*REFUSALS):
        Recipe.merged({"model": {}, "train": {}}, "a", section)
    return Recipe.merged({"model": section, "train": section}, "a", {})


def one_input(content: bytes) -> None:
    """Hand an input to the target that the command line names."""
    with suppress(*REFUSALS):
        TARGET(content)


TARGET = {"tables": tables, "settings": settings}[sys.argv.pop(1)]
atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
