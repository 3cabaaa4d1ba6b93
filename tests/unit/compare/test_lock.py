"""What dvc.lock says, and what makes outputs out of date."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.project import PROJECT

from aae.compare.contents import folder_md5
from aae.compare.lock import Lock, changed_param

TEXT = (PROJECT / "dvc.lock").read_text()
STAGES: dict[str, Any] = yaml.load(TEXT, yaml.CSafeLoader)["stages"]
CODE, DATA, REPORT = "c" * 32, "1" * 32 + ".dir", "2" * 32 + ".dir"
ROWS = {"rows.npy": "3" * 32}
LAW = "4" * 32
PARAMS = {"evaluate": {"level": 1}, "variants": {"default": {}}}


def test_every_output_has_its_md5() -> None:
    lock = Lock(TEXT)
    outs = {out["path"]: out["md5"] for each in STAGES.values() for out in each["outs"]}
    assert outs and {path: lock.md5(path) for path in outs} == outs
    assert lock.md5("reports/runs/nothing") is None


def listed(**paths: str) -> list[dict[str, str]]:
    return [{"path": path.replace("__", "/"), "md5": md5} for path, md5 in paths.items()]


def small(rows: str = DATA, law: str = LAW, level: int = 1) -> str:
    """A dvc.lock of two stages; what the second read is fixed."""
    within = {f"train/{name}": md5 for name, md5 in ROWS.items()} | {"law.json": LAW}
    room = folder_md5(frozenset({"a.py": CODE, "deep/b.py": CODE}.items()))
    stages = {
        "generate": {
            "deps": [{"path": "src/code.py", "md5": CODE}],
            "outs": listed(data__one__train=rows) + [{"path": "data/one/law.json", "md5": law}],
        },
        "evaluate": {
            "deps": listed(data__one=folder_md5(frozenset(within.items())), src__room=room),
            "params": {"params.yaml": {"evaluate.level": level, "variants.default": {}}},
            "outs": listed(reports__one=REPORT),
        },
    }
    return yaml.safe_dump({"schema": "2.0", "stages": stages})


class Held:
    """Files of a revision: path -> MD5; content of others."""

    def __init__(self, contents: dict[str, bytes] | None = None, **md5s: str | None) -> None:
        start: dict[str, str | None] = {
            "src/code.py": CODE,
            "src/room/a.py": CODE,
            "src/room/deep/b.py": CODE,
        }
        changes = {path.replace("__", "/") + ".py": md5 for path, md5 in md5s.items()}
        self.files = {path: md5 for path, md5 in (start | changes).items() if md5}
        self.contents = contents or {}

    def read(self, path: str) -> bytes:
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def md5s(self, path: str) -> dict[str, str]:
        if path in self.files:
            return {"": self.files[path]}
        return {
            str(Path(file).relative_to(path)): md5
            for file, md5 in self.files.items()
            if file.startswith(f"{path}/")
        }


def folders(md5: str) -> dict[str, str]:
    """What is in the cache."""
    if md5 != DATA:
        raise FileNotFoundError(md5)
    return ROWS


OTHER = "d" * 32


@pytest.mark.parametrize(
    ("lock", "held", "changed"),
    [
        ({}, {}, None),
        ({}, {"src__code": OTHER}, "src/code.py"),
        ({}, {"src__room__deep__b": OTHER}, "src/room"),
        ({}, {"src__room__new": OTHER}, "src/room"),
        ({}, {"src__room__a": None}, "src/room"),
        ({}, {"src__other__a": OTHER}, None),
        ({}, {"data__one__note": OTHER}, "data/one"),
        ({}, {"data__one__train__rows": OTHER}, None),  # the output's, which the lock knows
        ({"law": OTHER}, {}, "data/one"),
        ({"level": 2}, {}, "evaluate.level in params.yaml"),
    ],
)
def test_what_makes_outputs_out_of_date(
    lock: dict[str, Any], held: dict[str, str], changed: str | None
) -> None:
    text = Lock(small(**lock))
    assert text.outdated(["reports/one"], PARAMS, Held(**held), folders) == (changed, [])
    assert text.outdated(["reports/other"], PARAMS, Held(**held), folders) == (None, [])


def test_what_neither_the_revision_nor_the_cache_holds_is_unknown() -> None:
    held = Held(src__code=None, src__room__a=None, src__room__deep__b=None)
    found = Lock(small()).outdated(["reports/one"], PARAMS, held, folders)
    assert found == (None, ["src/room", "src/code.py"])
    lock = Lock(small(rows=f"{OTHER}.dir"))
    assert lock.shared_folders(["reports/one"]) == {f"{OTHER}.dir"}
    assert lock.outdated(["reports/one"], PARAMS, Held(), folders) == (None, ["data/one"])


@pytest.mark.parametrize(
    ("read", "code", "changed"),
    [
        (ROWS["rows.npy"], CODE, None),
        (OTHER, CODE, "made/rows.npy"),
        (ROWS["rows.npy"], OTHER, "c"),
    ],
)
def test_a_file_in_a_folder_that_a_stage_wrote_is_known(
    read: str, code: str, changed: str | None
) -> None:
    stages = {
        "make": {"deps": listed(c=CODE), "outs": listed(made=DATA)},
        "use": {"deps": [{"path": "made/rows.npy", "md5": read}], "outs": listed(used=LAW)},
    }
    lock, held = Lock(yaml.safe_dump({"stages": stages})), Held()
    held.files["c"] = code
    assert lock.shared_folders(["used"]) == {DATA}
    assert lock.outdated(["used"], {}, held, folders) == (changed, [])


@pytest.mark.parametrize(("md5", "changed"), [(CODE, None), (OTHER, "src/code.py")])
def test_what_dvc_tracks_is_known_by_its_file(md5: str, changed: str | None) -> None:
    added = {"src/code.py.dvc": f"outs:\n- md5: {md5}\n  path: code.py\n".encode()}
    held = Held(added, src__code=None)
    assert Lock(small()).outdated(["reports/one"], PARAMS, held, folders) == (changed, [])


def test_parameters_of_every_stage_are_those_of_the_project() -> None:
    for name, stage in STAGES.items():
        locked = stage.get("params", {}).get("params.yaml", {})
        assert changed_param(locked, expanded(locked)) is None, name
        assert not locked or changed_param(locked, {}) is not None


def expanded(flat: dict[str, Any]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        *parents, last = key.split(".")
        node = nested
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return nested


@pytest.mark.parametrize("text", ["nothing: here\n", "", "[1]", "stages: [1]\n", "a: b: c\n", "\t"])
def test_a_text_that_is_no_lock_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Lock(text)
