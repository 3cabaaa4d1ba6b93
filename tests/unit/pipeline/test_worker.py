"""Parameters that a process of lanes has read, and reads anew when they have changed."""

from pathlib import Path

import pytest
from dvc.dependency import param

from aae.pipeline.worker import read_params_when_changed


def test_parameters_are_parsed_when_they_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, parsed = tmp_path / "params.yaml", list[str]()

    def parse(path: str, fs: object) -> dict[str, str]:
        parsed.append(Path(path).read_text())
        return {"text": parsed[-1]}

    monkeypatch.setattr(param, "load_path", parse)
    read_params_when_changed()
    file.write_text("a")
    param.load_path(str(file), None)["text"] = "changed by who asked"
    assert param.load_path(str(file), None) == {"text": "a"}
    file.write_text("longer")
    assert param.load_path(str(file), None) == {"text": "longer"}
    assert parsed == ["a", "longer"]
