"""Draw the train, test and held-out rows of one synthetic distribution."""

import aae.base.one_thread  # noqa: F401

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from omegaconf import MISSING, DictConfig

from aae.base.checks import expect
from aae.base.files import write_json
from aae.base.stage import Application, selected, stage
from aae.dataset.extent import check_range, expect_room
from aae.dataset.splits import Split, size_of, write_split
from aae.laws.contract import Law, Sizes
from aae.laws.pooled import Pooled
from aae.laws.registry import describe, law_from

CHUNK_CELLS = 2**20  # cells drawn at a time: 8 MiB of float64


@dataclass
class Generate(Application):
    """Which distribution to draw."""

    name: str = MISSING


@stage(Generate)
def main(config: DictConfig) -> None:
    """Write data/NAME/{train,test}/ and law.json; held-out laws go to test/NAME_OF_THE_LAW/."""
    parameters = selected(config.params, "distributions", config.name)
    keys = "rows", "test_rows", "columns", "seed"
    missing = [key for key in keys if key not in parameters]
    expect(not missing, f"distributions.{config.name} with {', '.join(keys)}", [*parameters])
    sizes = Sizes(*(parameters.pop(key) for key in keys))
    law = law_from(parameters)
    folder = Path("data") / config.name
    # Children of one seed: train, test and held-out rows are independent of one another.
    train, test, held_out = np.random.SeedSequence(sizes.seed).spawn(3)
    parts = {"train": (law, sizes.rows, train), "test": (law, sizes.test_rows, test)}
    if isinstance(law, Pooled):
        unseen = law.held_out_laws.items()
        parts |= {f"test/held_out/{key}": (each, sizes.test_rows, held_out) for key, each in unseen}
    shapes = [((rows, sizes.columns), bool(each.classes)) for each, rows, _ in parts.values()]
    expect_room(folder, sum(size_of(*each) for each in shapes))
    for place, (each, rows, seed) in parts.items():
        shape, rng = (rows, sizes.columns), np.random.default_rng(seed)
        write_split(folder / place, chunks(each, shape, rng), shape)
    write_json(folder / "law.json", describe(law, sizes.columns))


def chunks(law: Law, shape: tuple[int, int], rng: np.random.Generator) -> Iterator[Split]:
    """Draw rows of a law in chunks of a bounded number of cells."""
    rows, columns = shape
    step = max(1, CHUNK_CELLS // columns)
    for start in range(0, rows, step):
        drawn = Split(*law.sample(min(step, rows - start), columns, rng))
        check_range(drawn.rows)
        yield drawn


if __name__ == "__main__":
    main()
