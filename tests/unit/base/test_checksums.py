"""A file reads back as long as it is what its checksum says; any flipped bit is seen."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aae.base.checksums import CHECKSUMS, read_checked, write_checksums


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=50), bit=st.integers(0, 7), place=st.integers(0))
def test_a_flipped_bit_is_seen(tmp_path: Path, content: bytes, bit: int, place: int) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    write_checksums(tmp_path)
    assert read_checked(path) == content
    changed = bytearray(content)
    changed[place % len(content)] ^= 1 << bit
    path.write_bytes(changed)
    with pytest.raises(ValueError, match="SHA-256"):
        read_checked(path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    with pytest.raises(FileNotFoundError, match="a.onnx"):
        read_checked(path)
    path.touch()
    with pytest.raises(FileNotFoundError, match=CHECKSUMS):
        read_checked(path)
    write_checksums(tmp_path)
    (tmp_path / "b.onnx").touch()
    with pytest.raises(ValueError, match="b.onnx to have the SHA-256 None"):
        read_checked(tmp_path / "b.onnx")
