"""Another implementation: its environment may be absent, or broken."""

from pathlib import Path

import pytest

from aae.benchmark.peers import pythae_epoch


def stand_in(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_absent_peers_are_skipped(tmp_path: Path) -> None:
    assert pythae_epoch(tmp_path / "python") is None


def test_the_last_line_is_the_time(tmp_path: Path) -> None:
    script = """[ "$*" = "-m aae.benchmark.pythae_loop 1000 784 128 20" ] || exit 1
    echo chatter; echo '{"epoch": 0.25}'"""
    assert pythae_epoch(stand_in(tmp_path / "python", script)) == 0.25


def test_an_error_says_what_mends_it(tmp_path: Path) -> None:
    python = stand_in(tmp_path / "python", "echo 'No module named pythae' >&2; exit 1")
    with pytest.raises(ValueError, match="No module named pythae.*make peers"):
        pythae_epoch(python)
