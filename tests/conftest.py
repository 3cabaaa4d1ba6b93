"""Shared by the tests: TensorFlow as in `train`, and a toy project."""

import aae.base.one_thread  # noqa: F401  (before NumPy, as all stages have it)

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.toy_pipeline import Toy


@pytest.fixture(scope="session")
def tensorflow() -> ModuleType:
    """TensorFlow, deterministic and on one thread, as the train stage sets it."""
    from aae.model.runtime import import_tensorflow, reproducible

    import_tensorflow()
    reproducible(0)
    import tensorflow as tf

    return tf


@pytest.fixture
def toy(tmp_path: Path) -> "Toy":
    """A toy project (see support/toy_pipeline.py) of the test's own."""
    from support.toy_pipeline import Toy

    return Toy.made(tmp_path)
