"""What a user sees of jobs that run elsewhere."""

from pathlib import Path

from aae.base.files import write_json
from aae.sweep.experiment import DONE, FAILED, RUNNING
from aae.sweep.progress import Watch


def state(kind: str, message: str = "") -> dict[str, object]:
    overrides = ["distributions=[density]", "model.latent=2"]
    told = {"overrides": overrides, "state": kind, "message": message}
    return told | {"seconds": 3.0, "host": "n1"}


def test_each_end_is_told_once_and_as_it_is(tmp_path: Path, capsys) -> None:
    with Watch(tmp_path, 3) as watch:
        write_json(tmp_path / "sweep-a.json", state(DONE))
        write_json(tmp_path / "sweep-b.json", state(RUNNING))
    out = capsys.readouterr().out
    line = "sweep-a distributions=[density] model.latent=2: done after 3 s on n1"
    assert out.count(line) == 1
    assert "sweep-b" not in out
    assert "1/3 1 running" in out
    assert watch.states.keys() == {"sweep-a", "sweep-b"}


def test_reasons_of_a_failure_are_the_message_and_the_log(tmp_path: Path) -> None:
    with Watch(tmp_path, 0) as watch:
        write_json(tmp_path / "sweep-a.json", state(FAILED, "full"))
        write_json(tmp_path / "sweep-b.json", state(RUNNING))
        (tmp_path / "sweep-a.log").write_text("one\n\ntwo\n")
    assert watch.reasons("sweep-a") == ["full", "one", "two"]
    assert watch.reasons("sweep-b") == ["it was killed, or still runs"]
    assert watch.reasons("sweep-c") == ["it has written nothing"]
