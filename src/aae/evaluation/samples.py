"""The rows that an evaluation compares: blocks of real rows, and what a model makes of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.generator.graphs import TrainedModel
from aae.verdict.repeats import TRAIN_ROWS

LOADED_CELLS = 80_000_000  # of training rows, or of test rows; 320 MB in float32
SUBSET_ROWS = 10_000  # most rows of a class, or of a held-out law


class Blocks(NamedTuple):
    """Two disjoint blocks of real rows of one size that no model was trained on.

    Attributes:
        judged: generated rows are compared with these.
        encoded: what the encoder is given, and the real control.
    """

    judged: Split
    encoded: Split


def blocks(test: Split, rows: int) -> Blocks:
    """Cut two blocks of at most `rows` rows from the test rows.

    Raises:
        ValueError: fewer than 4 test rows.
    """
    size = min(rows, len(test.rows) // 2)
    if size < 2:
        raise ValueError(f"expected at least 4 test rows, got {len(test.rows)}")
    return Blocks(*(part(test, slice(start, start + size)) for start in (0, size)))


def first_rows(data: Split) -> Split:
    """Load the first rows into memory, a random sample, as the order of rows is random.

    All where there are no more than `TRAIN_ROWS`, nor than `LOADED_CELLS` cells.
    """
    return part(data, slice(min(TRAIN_ROWS, LOADED_CELLS // data.rows.shape[1])))


def part(data: Split, chosen: slice | NDArray[np.intp]) -> Split:
    """Return some rows, loaded into memory, with their labels."""
    labels = None if data.labels is None else data.labels[chosen]
    return Split(np.array(data.rows[chosen]), labels)


def by_class(data: Split, names: list[str]) -> dict[str, Split]:
    """Rows of each class that has two or more, by its name; empty where rows have no labels.

    Of many rows the first `SUBSET_ROWS` of each class, of more than ten classes fewer.
    """
    if data.labels is None:
        return {}
    most = min(SUBSET_ROWS, 10 * SUBSET_ROWS // max(1, len(names)))
    places = [np.flatnonzero(data.labels == index)[:most] for index in range(len(names))]
    return {name: part(data, at) for name, at in zip(names, places, strict=True) if len(at) > 1}


@dataclass(frozen=True)
class Generated:
    """What a model makes, each of shape (rows, columns), or (rows, codes).

    Attributes:
        rows: from the generator; prior: the codes that they are decoded from.
        codes: drawn from q(z | x) of encoded rows; decoded: drawn from p(x | z, c) of these.
        mean: the reconstruction, mean of p(x | z, c) at the mean of q(z | x).
    """

    rows: Rows
    codes: Rows
    prior: Rows
    decoded: Rows
    mean: Rows


def generate(model: TrainedModel, encoded: Rows, *seed: int) -> Generated:
    """Draw as many rows from the generator as are given, and encode and decode those given.

    Args:
        model: trained.
        encoded: real rows, shape (rows, columns).
        seed: of all noise. With the training's seed among them, runs that differ in it alone have
            rows of their own even where training ends in the same model: or chance in the rows
            would look like a difference of models that no seed explains.
    """
    generator, encoder, decoder = (np.random.default_rng([*seed, part]) for part in range(3))
    rows, prior = model.generate(len(encoded), generator)
    code = model.encode(encoded, encoder)
    return Generated(
        rows=rows,
        codes=code.codes,
        prior=prior,
        decoded=model.decode(code.codes, decoder).rows,
        mean=model.reconstruct(encoded),
    )
