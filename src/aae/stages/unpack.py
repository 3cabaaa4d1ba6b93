"""Write a table that an installed package ships."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig

from aae.base.stage import Application, selected, stage
from aae.tables.packaged import write_packaged
from aae.tables.source import TABLE_PATH


@dataclass
class Unpack(Application):
    """Which table."""

    name: str = MISSING


@stage(Unpack)
def main(config: DictConfig) -> None:
    """Write the file that `packaged.NAME` says, for `ingest` to read."""
    chosen: Any = selected(config.params, "packaged", config.name)
    TABLE_PATH.check(f"packaged.{config.name}", chosen)
    path = Path(chosen)
    rows = write_packaged(config.name, path)
    print(f"{config.name}: {rows} rows in {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
