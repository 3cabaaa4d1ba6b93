"""A command's own memory and time, and its end."""

import sys
from pathlib import Path

import numpy as np
import pytest

from aae.benchmark.usage import usage

MEBIBYTE = 2**20


def test_memory_is_that_of_the_command_alone(tmp_path: Path) -> None:
    ours = np.ones(400 * MEBIBYTE, np.uint8)
    small = usage([sys.executable, "-c", "pass"], tmp_path)
    large = usage([sys.executable, "-c", f"b'x' * (200 * {MEBIBYTE})"], tmp_path)
    assert ours[-1] == 1
    assert small.peak < 100 < 200 < large.peak < 300


def test_seconds_are_of_the_processor(tmp_path: Path) -> None:
    asleep = usage([sys.executable, "-c", "import time; time.sleep(1)"], tmp_path)
    assert asleep.seconds < 1 <= asleep.wall


def test_it_runs_in_the_folder(tmp_path: Path) -> None:
    usage([sys.executable, "-c", "open('made', 'w')"], tmp_path)
    assert (tmp_path / "made").exists()


def test_an_error_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('first\\nlast')"]
    with pytest.raises(ValueError, match="to end well, got exit code 1 and 'last'"):
        usage(command, tmp_path)
    assert usage(command, tmp_path, fine=(1,)).seconds > 0
