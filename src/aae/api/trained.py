"""A trained model in Python: sampled and saved, without TensorFlow."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.api.frames import ARRAY, ARROW, PANDAS
from aae.base.checks import at_least
from aae.base.files import replacing
from aae.generator.graphs import Drawn
from aae.generator.sampling import Source


class Labelled(NamedTuple):
    """Rows, shape (rows, columns), and the class of each, shape (rows,)."""

    rows: NDArray[Any]
    labels: NDArray[Any]


class Model:
    """A model in a folder, as the stage `train` and `aae fit` write it.

    Args:
        folder: that it is in.
        kind: of the samples, `aae.api.frames`: that of the rows that were learned from.
        kept: what has to live as long as the folder.
    """

    def __init__(self, folder: Path, kind: str = ARROW, kept: Any = None):
        """Open the generator."""
        self.folder, self.kind, self._kept = folder, kind, kept
        self._source = Source.of(folder)

    def sample(self, rows: int, seed: int = 0) -> Any:
        """Draw new rows, the same for the same seed.

        Returns:
            A pandas data frame for a model of one; an array for a model of an array, `Labelled` if
            it had labels; else an Arrow table. With the columns and labels that were learned from.
        """
        import pyarrow as pa

        at_least(1).check("rows", rows)
        at_least(0).check("seed", seed)
        source = self._source
        drawn = Drawn(*map(np.concatenate, zip(*source.chunks(rows, seed), strict=True)))
        if self.kind == ARRAY:
            return self._array(drawn)
        table = pa.Table.from_batches(source.batches(iter([drawn]), seed))
        return table.to_pandas() if self.kind == PANDAS else table

    def _array(self, drawn: Drawn) -> Any:
        classes = self._source.labels(drawn)
        if classes is None:
            return drawn.rows
        batch = self._source.schema.batch(drawn.rows, classes, np.random.default_rng(0))
        assert self._source.schema.label is not None
        labels = batch.column(self._source.schema.label.name)
        return Labelled(drawn.rows, labels.to_numpy(zero_copy_only=False))

    def save(self, folder: str | Path) -> None:
        """Write the model's folder, which `aae sample` and `load` take; a model there is replaced.

        Raises:
            FileExistsError: there is something else.
        """
        target = Path(folder)
        if target.exists() and not (target / "generator.onnx").is_file():
            raise FileExistsError(f"expected no folder or a model in {target}, got something else")
        with replacing(target) as temporary:
            shutil.copytree(self.folder, temporary)


def load(folder: str | Path) -> Model:
    """Open a model that was saved, or that the pipeline trained: models/NAME/VARIANT/SEED.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is damaged.
    """
    return Model(Path(folder))
