"""Bad tables, settings, names and damaged files: each ends with one line, and nothing is written.

Seeds are fixed, so that a failure can be seen again.
"""

import base64
import itertools
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from faults.conftest import STAGES, refused, small
from pyarrow import parquet

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
INGEST, GENERATE = STAGES["ingest"][0], STAGES["generate"][0]


CELLS: tuple[str, ...] = (
    "x",
    "1_000",
    "1,5",
    "12 kg",
    "--",
    "1e400",
    "inf",
    "=1+1",
    "\u0661",
    "3e38",
)
CELLS += ("-3e38", "2024-01-01", "<b>", "1;2", '"', "0x1G", "\x00")
ROWS = 1, 7, 40


def table(row: int, cell: str) -> bytes:
    lines = [f"{n},{n * n % 7},k{n % 2}" for n in range(40)]
    lines[row - 1] = f"{cell},1,k0"
    return ("\n".join(["a,b,kind", *lines]) + "\n").encode()


FILES: dict[str, bytes] = {
    "nothing": b"",
    "an empty line": b"\n",
    "a header alone": b"a,b,kind\n",
    "one row": b"a,b,kind\n1,2,x\n",
    "no header": b"1,2,3\n4,5,6\n",
    "the same name twice": b"a,a,kind\n1,2,x\n3,4,y\n",
    "a name that is empty": b"a,,kind\n1,2,x\n3,4,y\n",
    "no label": b"a,b\n1,2\n3,4\n",
    "labels that are empty": b"a,b,kind\n1,2,\n3,4,y\n",
    "only labels": b"kind\nx\ny\n",
    "UTF-16": "a,b,kind\n1,2,x\n3,4,y\n".encode("utf-16"),
    "UTF-16 without mark": "a,b,kind\n1,2,x\n3,4,y\n".encode("utf-16-be"),
    "semicolons": b"a;b;kind\n1;2;x\n3;4;y\n",
    "tabs": b"a\tb\tkind\n1\t2\tx\n",
    "bars": b"a|b|kind\n1|2|x\n",
    "a row too long": b"a,b,kind\n1,2,x\n3,4,y,5\n",
    "a row too short": b"a,b,kind\n1,2,x\n3,4\n",
    "an open quote": b'a,b,kind\n1,2,"x\n3,4,y\n',
    "bytes that are no text": b"a,b,kind\n\xff\xfe,2,x\n3,4,y\n",
    "labels that are no text": b"a,b,kind\n1,2,\xff\n3,4,\xfe\n",
    "binary": bytes(range(256)) * 4,
    "a ZIP file": b"PK\x03\x04" + bytes(100),
    "HTML": b"<html><body>not found</body></html>",
    "JSON": b'{"a": [1, 2]}',
    "Mac line ends, cut": b"a,b,kind\r1,2",
    "too many classes": b"a,b,kind\n" + b"".join(b"1,%d,k%d\n" % (n, n) for n in range(1500)),
}


def test_tables_in_broken_forms(project: Path, tally: Counter[str]) -> None:
    path = project / "data/raw/mine.csv"
    for content in FILES.values():
        path.write_bytes(content)
        refused(project, INGEST, tally)
    path.unlink()
    refused(project, INGEST, tally, "no such file")


def test_cells_that_are_no_numbers_are_named(project: Path, tally: Counter[str]) -> None:
    path = project / "data/raw/mine.csv"
    for row, cell in itertools.product(ROWS, CELLS):
        path.write_bytes(table(row, cell))
        end = refused(project, INGEST, tally)
        if cell in ("x", "1_000", "12 kg", "--") and row < 40:
            assert f"{cell!r} in row {row}" in end.output


def test_other_formats_damaged(project: Path, tally: Counter[str]) -> None:
    rng, folder = random.Random(16), project / "data/raw"
    parquet.write_table(pa.table({"a": range(90), "kind": ["x", "y"] * 45}), folder / "t.parquet")
    np.save(folder / "t.npy", np.arange(90.0).reshape(30, 3))
    for name in ("t.parquet", "t.npy"):
        params = small()
        params["tables"]["mine"] |= {"path": f"data/raw/{name}", "label": None}
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        whole = (folder / name).read_bytes()
        for _ in range(15):
            (folder / name).write_bytes(whole[: rng.randrange(len(whole))])
            refused(project, INGEST, tally)
    for array in (np.zeros(3), np.zeros((2, 2, 2)), np.array([["a"]]), np.array([[1j]])):
        np.save(folder / "t.npy", array)
        refused(project, INGEST, tally)
    np.save(folder / "t.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    refused(project, INGEST, tally)


FOUND = (  # by `make fuzz`: what is said of a file, its suffix, and what it holds, in base64
    (
        "don't know what type",  # and bytes of the file
        ".parquet",
        "UEFSMRUAFSwVLCwVBhUAFQYVBh4AAAACAAAAAwUAAAAAAAD4PwAAAAAAAAAAAAACAAAAAwUAAAAAAAD4PwAA"
        "AAAAAABAFQAVKhUqLBUGFQAVBhUGHAAAAAIAAAAGAQEAAABrAQAAAG0BAAAAaxUEGTw1ABgGc2NoZW1hFQQA"
        "AGsBAAAAbRUAFQAVAgA8KQYZJgIEAAAAJgAcFRklABgBDAYZeRUAFgYWUBZQJlpJHBUAFQAgMjYuMC4xGSwc"
        "AAAcAAAAuQAAAFBBUjE=",
    ),
    (
        "21864838781 rows in row groups, 3 in all",  # for which memory was asked
        ".parquet",
        "UEFSMRUAFSwVLCwVBhUAFQYVBhwAAAACAAAAAwUAAAAAAAD4PwAAAAAAAABAFS0VKhUqLBUGFQAVBhUGHAAA"
        "AAIAAAAGAQEAAABrAQAAAG0BAAAAaxUEGTw1ABgGc2NoZW1hFQQAFQolAhgBYQAVDCUCGAF5JQBMHAAAABYG"
        "GRwZLCYAHBUKGSUGABkYAWEVABYGFlIWUiYISRwVABUAFQIAPCkGGSYCBAAAACYAHBUMGSUGABkYAXkVABYG"
        "FlAWUCZaSRwVABUAFQIAPBYGGQYZJgAGAAAAFqIBFvrZ9/OiAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNp"
        "b24gMjYuMC4xGSwcAAAcAAAAuQAAAFBBUjE=",
    ),
)


def test_tables_that_fuzzing_has_found(project: Path, tally: Counter[str]) -> None:
    for said, suffix, content in FOUND:
        path, params = project / f"data/raw/found{suffix}", small()
        path.write_bytes(base64.b64decode(content))
        params["tables"]["mine"]["path"] = f"data/raw/{path.name}"
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        refused(project, INGEST, tally, said)


YAML = (
    *("names: [", "a: {", "a: 'x", "a: b: c", "\ta: 1", "- a\nb", "&a [*a]", "*none", "a: &a *a"),
    *("!!python/object:os.system {}", "a: !!python/name:os.system", "a: !!python/tuple [1]"),
    *("a: !!python/object/apply:os.system ['touch ran']", "a: !mine 1", "a: !!binary aGk="),
    *("a: !!set {b}", "a: !!timestamp 2024-01-01", "a: {_target_: os.system}", BOMB, "{}", "[]"),
    *(
        "",
        "1",
        "null",
        "text",
        "a: 1\n---\na: 2",
        "a: 1\na: 2",
        "a: " + "[" * 9999,
        "\x00",
        "%TAG !",
    ),
    *("distributions: null", "distributions: 3", "distributions: []", "distributions: {}"),
    *("distributions: {uniform: null}", "distributions: {uniform: 3}", "a: ${b", "a: ${b}"),
    *("distributions: {uniform: {}}", "distributions: {uniform: ${names}}", "? [a]\n: 1"),
    *("distributions: ${oc.env:HOME}", "distributions: {uniform: {rows: 1}}", "defaults: [x]"),
)


def test_settings_that_are_no_yaml_or_no_settings(project: Path, tally: Counter[str]) -> None:
    path, whole = project / "params.yaml", (project / "params.yaml").read_text()
    for content in YAML:
        path.write_text(content)
        refused(project, GENERATE, tally)
    rng = random.Random(16)
    lines = whole.splitlines()
    for _ in range(25):  # a bracket more somewhere
        place = rng.randrange(len(lines))
        broken = [*lines[:place], lines[place].split(":")[0] + ": [", *lines[place + 1 :]]
        path.write_text("\n".join(broken))
        refused(project, GENERATE, tally, "params.yaml, line ")
    assert not (project / "ran").exists()


VALUES: tuple[Any, ...] = (
    None,
    "x",
    -1,
    1e400,
    float("nan"),
    True,
    [],
    {},
    "",
    "1; ls",
    1e31,
    [1e999],
)
KEYS = (
    *(("generate", f"distributions.uniform.{key}") for key in ("rows", "columns", "seed", "low")),
    *(("ingest", f"tables.mine.{key}") for key in ("path", "test_share", "seed")),
    *(("train", f"train.{key}") for key in ("epochs", "batch_size", "learning_rate", "noise")),
    *(("train", f"model.{key}") for key in ("latent", "encoder", "adversary", "prior")),
    *(("evaluate", f"evaluate.{key}") for key in ("rows", "permutations", "alpha", "noise_levels")),
)
FINE = {("distributions.uniform.low", -1), ("evaluate.noise_levels", "[]"), ("model.encoder", "[]")}


@pytest.mark.parametrize("stage", sorted({stage for stage, _ in KEYS}))
def test_values_that_no_setting_has(stage: str, project: Path, tally: Counter[str]) -> None:
    for key, value in itertools.product((key for it, key in KEYS if it == stage), VALUES):
        if (key, value if isinstance(value, int) else str(value)) in FINE:
            continue
        params = small()
        *above, last = key.split(".")
        branch = params
        for each in above:
            branch = branch[each]
        branch[last] = value
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        refused(project, STAGES[stage][0], tally, last)


UNKNOWN = {
    "generate": "distributions.uniform",
    "ingest": "tables.mine",
    "train": "model",
    "evaluate": "evaluate",
    "reference": "evaluate",
}


@pytest.mark.parametrize("stage", UNKNOWN)
def test_keys_that_no_section_has(stage: str, project: Path, tally: Counter[str]) -> None:
    for key, above in itertools.product(("lalpha", "__init__", "", "a b", 3), (False, True)):
        params = small()
        *path, last = UNKNOWN[stage].split(".")
        branch = params
        for each in path:
            branch = branch[each]
        branch[last] = [key] if above else branch[last] | {key: 1}  # in its place, or within
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        refused(project, STAGES[stage][0], tally)


NAMES = (
    *("../evil", "/tmp/evil", "..", ".", "", "a/b", "a b", "-x", "--help", "x;ls", "$(ls)", "`ls`"),
    *(
        "<script>alert(1)</script>",
        "a\\nb",
        "é",
        "~",
        "a,b",
        "*",
        "{}",
        "[x]",
        "x=y",
        "a'b",
    ),
    *("absent", "uniform/..", "_hidden", ".hidden", "a" * 300),
)


def test_names_that_are_paths_flags_and_words(project: Path, tally: Counter[str]) -> None:
    for name, stage in itertools.product(NAMES, ("generate", "train")):
        params = small()
        section = "distributions" if stage == "generate" else "variants"
        if name != "absent":
            params[section][name] = params[section]["uniform" if stage == "generate" else "default"]
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        quoted = "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
        words = f"name={quoted}" if stage == "generate" else f"variant={quoted}"
        other = () if stage == "generate" else ("name=uniform", "seed=0")
        refused(project, (f"stages.{stage}", words, *other), tally)


DAMAGED = {
    "data/uniform/train/rows.npy": "train",
    "data/uniform/test/rows.npy": "evaluate",
    "data/uniform/law.json": "evaluate",
    "models/uniform/default/0/encoder.onnx": "evaluate",
    "models/uniform/default/0/generator.onnx": "sample",
    "models/uniform/default/0/checksums.json": "sample",
    "reports/reference/uniform/power.json": "evaluate",
    "reports/reference/uniform/metrics.json": "report",
    "reports/runs/uniform/default/0/metrics.json": "report",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_outputs_of_other_stages_cut_short(name: str, project: Path, tally: Counter[str]) -> None:
    rng, path = random.Random(16), project / name
    words, whole = STAGES[DAMAGED[name]][0], path.read_bytes()
    for size in (0, *(rng.randrange(len(whole) - 2) for _ in range(3))):
        path.write_bytes(whole[:size])
        refused(project, words, tally, path.name)
    path.unlink()
    refused(project, words, tally, path.name)


@pytest.mark.parametrize("part", ["encoder", "decoder", "generator"])
def test_flipped_bits_of_models(part: str, project: Path, tally: Counter[str]) -> None:
    path = project / f"models/uniform/default/0/{part}.onnx"
    whole, rng = path.read_bytes(), random.Random(16)
    for _ in range(8):
        content = bytearray(whole)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        words = STAGES["sample" if part == "generator" else "evaluate"][0]
        refused(project, words, tally, "SHA-256")
