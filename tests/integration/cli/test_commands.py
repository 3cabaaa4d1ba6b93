"""The command line: exit codes, one line for a mistake, the same rows in every format."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pyarrow.csv
import pyarrow.parquet
import pytest
from onnx import TensorProto, helper

from aae.base.checksums import write_checksums
from aae.cli.commands import main
from aae.generator.graphs import standard_normal

PROJECT = Path(__file__).parents[3]
WIDTH, COLUMNS = 2, 3
MATRIX = np.random.default_rng(0).normal(size=(WIDTH, COLUMNS)).astype("f4")
ENDINGS = ("npy", "csv", "parquet")


@pytest.fixture
def run(monkeypatch, capfd):
    """Return a function that runs `aae` here: exit code, stdout and stderr."""

    def act(*words):
        monkeypatch.setattr(sys, "argv", ["aae", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        return int(caught.value.code or 0), *capfd.readouterr()

    return act


def save(path, rows):
    np.save(path, rows)
    return path


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Two halves of some digits, and two things that are not digits."""
    folder = tmp_path_factory.mktemp("tables")
    digits = np.loadtxt(PROJECT / "data/raw/digits.csv", delimiter=",", skiprows=1)[:, :-1]
    rng = np.random.default_rng(0)
    real, other = np.split(rng.permutation(digits)[:1200], 2)
    gaussian = rng.multivariate_normal(real.mean(axis=0), np.cov(real.T), len(real))
    noisy = other + 0.02 * other.std() * rng.normal(size=other.shape)
    named = {"real": real, "other": other, "noisy": noisy, "gaussian": gaussian}
    whole = np.round(np.clip(gaussian, 0, 16))
    named["whole"] = np.where(np.ptp(real, axis=0) > 0, whole, real[0])
    return {name: save(folder / f"{name}.npy", rows) for name, rows in named.items()}


def judged(run, *words):
    return run("check", *words, "--permutations", 199)


def test_digits_are_digits(run, tables):
    code, out, err = judged(run, tables["real"], tables["other"])
    assert code == 0 and "not distinguished at 600 real, 600 generated rows" in out
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["noisy", "gaussian", "whole"])
def test_what_is_no_digit_is_different(run, tables, name):
    """Noise of 2%; a Gaussian of the same moments, and one of the same range and grid."""
    code, out, err = judged(run, tables["real"], tables[name])
    assert code == 1 and "different at 600 real, 600 generated rows" in out
    assert "Traceback" not in err


def small(seed=0, rows=60):
    return np.random.default_rng(seed).normal(size=(rows, 3))


def test_results_are_written(run, tmp_path):
    first, second = (save(tmp_path / f"{seed}.npy", small(seed) + seed) for seed in (0, 1))
    out, html = tmp_path / "new" / "out.json", tmp_path / "new" / "out.html"
    code, *_ = judged(run, first, second, "--json", out, "--html", html)
    found = json.loads(out.read_text())
    assert code == 1 and found["verdict"] == "different" and found["alpha"] == 0.05
    assert found["real_file"] == "0.npy" and found["generated_file"] == "1.npy"
    assert html.read_text().startswith("<!doctype html>")
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.html", "out.json"]


def test_a_result_repeats_by_seed(run, tmp_path):
    first, second = (save(tmp_path / f"{seed}.npy", small(seed)) for seed in (0, 1))
    found = []
    for seed in (1, 1, 2):
        judged(run, first, second, "--seed", seed, "--json", tmp_path / "out.json")
        found.append((tmp_path / "out.json").read_bytes())
    assert found[0] == found[1] != found[2]


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("error: ")
    return lines[0]


def test_no_message_commands_the_terminal(run):
    code, _, err = run("check", "\x1b[2J.csv", "b.csv")
    assert code == 2 and one_line(err).isprintable()


def csv(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


MISTAKES = {
    "missing file": (None, "expected a table in"),
    "text": (["a,b,c", "1,2,3", "1,oops,3"], "expected numbers in column 'b' of made.csv"),
    "infinite": (["a,b,c", "1,2,3", "1,inf,3"], "expected finite numbers in made.csv, got inf in"),
    "other columns": (["a,b,x", "1,2,3"], "got no 'c' and an unknown 'x'"),
    "fewer columns": (["a,b", "1,2"], "got no 'c'"),
    "no rows": (["a,b,c"], "expected at least one row"),
    "no header": (["1,2,3", "1,2,3"], "expected a header row"),
    "ragged": (["a,b,c", "1,2"], "2 cells in row 1"),
    "nothing": ([""], "made.csv"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(run, tmp_path, mistake):
    lines, message = MISTAKES[mistake]
    real = csv(tmp_path / "real.csv", "a,b,c", *(",".join(map(str, row)) for row in small()))
    path, out = tmp_path / "made.csv", tmp_path / "out.json"
    if lines is not None:
        csv(path, *lines)
    code, stdout, err = judged(run, real, path, "--json", out)
    assert code == 2 and message in one_line(err)
    assert not stdout.strip() and not out.exists()


@pytest.mark.parametrize(
    "words, message",
    [
        (["--permutations", 9], "expected permutations >= "),
        (["--alpha", 2], "expected alpha to be a number in (0, 1), got 2.0"),
        (["--label", "kind"], "expected label column 'kind'"),
        (["--train", "nowhere.csv"], "expected a table in 'nowhere.csv'"),
        (["--seed", -1], "expected seed to be a whole number >= 0, got -1"),
        (["--json", "."], "expected a file to write, not a folder, got '.'"),
        (["--html", f"{__file__}/page.html"], "expected a folder to write page.html into, got"),
    ],
)
def test_a_wrong_option_is_one_line(run, tmp_path, words, message):
    path = save(tmp_path / "a.npy", small())
    code, _, err = run("check", path, path, *words)
    assert code == 2 and message in one_line(err)


def test_several_generators_are_judged_in_one_table(run, tmp_path):
    real, same, moved = (save(tmp_path / f"{seed}.npy", small(seed)) for seed in (0, 1, 2))
    save(moved, small(2) + 5)
    out, html = tmp_path / "out.json", tmp_path / "out.html"
    words = "--permutations", 999, "--json", out, "--html", html
    code, text, _ = run("check", real, same, moved, *words)
    found = json.loads(out.read_text())
    assert code == 1 and "0.025 each (Bonferroni)" in " ".join(text.split())
    assert [each["exit_code"] == 1 for each in found] == [False, True]
    page = html.read_text()
    assert page.count("<h1") == 1 and "2 generators" in page
    assert all(
        len(re.findall(rf"<h2[^>]*>[^<]*{each['generated_file']}", page)) == 1 for each in found
    )


def test_a_plan_needs_no_generated_rows(run, tmp_path):
    path, out = save(tmp_path / "real.npy", small(rows=100)), tmp_path / "plan.json"
    code, said, _ = run("check", path, "--plan", "--json", out)
    found = json.loads(out.read_text())
    assert code == 0 and "rows a side" in said
    assert found["rows"] == 100 and found["divided"] == 50
    assert all(each["rows"] is None or each["rows"] > 50 for each in found["effects"].values())
    assert {"std", "mean", "correlation"} <= set(found["effects"])


@pytest.mark.parametrize(
    "words, message",
    [
        (["a.npy"], "expected GENERATED or --plan, got REAL alone"),
        (["a.npy", "b.npy", "--plan"], "expected nothing else beside REAL and --plan, got 'b.npy'"),
        (["nowhere.npy", "--plan"], "expected a table in"),
    ],
)
def test_a_plan_is_of_one_table(run, words, message):
    code, _, err = run("check", *words)
    assert code == 2 and message in one_line(err)


def test_too_few_rows_are_no_pass(run, tmp_path):
    first, second = (save(tmp_path / f"{seed}.npy", small(seed, 20)) for seed in (0, 1))
    code, out, err = judged(run, first, second)
    assert code == 2 and "underpowered at 20 real, 20 generated rows" in out
    assert "Traceback" not in out + err


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_a_constant_table_is_no_pass(run, tmp_path, value):
    first = save(tmp_path / "a.npy", np.full((60, 3), value))
    html = tmp_path / "out.html"
    code, out, err = judged(run, first, first, "--json", tmp_path / "o.json", "--html", html)
    assert code == 2 and "every column of the real rows is constant" in " ".join(out.split())
    assert "Traceback" not in out + err and html.exists()


@pytest.fixture
def model(tmp_path):
    """Folder of a generator that is one matrix."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["noise", "D"], ["rows"]),
            helper.make_node("Identity", ["noise"], ["codes"]),
        ],
        "graph",
        [value("noise", TensorProto.FLOAT, ["n", WIDTH])],
        [
            value("rows", TensorProto.FLOAT, ["n", COLUMNS]),
            value("codes", TensorProto.FLOAT, ["n", WIDTH]),
        ],
        [helper.make_tensor("D", TensorProto.FLOAT, MATRIX.shape, MATRIX.ravel())],
    )
    opset = [helper.make_opsetid("", 18)]
    folder = tmp_path / "model"
    folder.mkdir()
    made = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(made, folder / "generator.onnx")
    write_checksums(folder)
    return folder


def read(path):
    if path.suffix == ".npy":
        return np.load(path)
    reader = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.parquet.read_table
    found = reader(path)
    assert found.column_names == [f"x{column}" for column in range(COLUMNS)]
    return np.stack([column.to_numpy() for column in found.columns], axis=1).astype("f4")


def sampled(run, model, out, *words):
    code, _, err = run("sample", model, "--out", out, *words)
    assert code == 0, err
    return out


@pytest.mark.parametrize("rows", [1, 50])
def test_every_format_holds_the_same_rows(run, model, tmp_path, rows):
    noise = standard_normal(np.random.default_rng(7), (rows, WIDTH))
    for ending in ENDINGS:
        out = sampled(run, model, tmp_path / f"x.{ending}", "--rows", rows, "--seed", 7)
        found = read(out)
        np.testing.assert_allclose(found, noise @ MATRIX, atol=1e-6)
        np.testing.assert_array_equal(found, read(tmp_path / "x.npy"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_rows_repeat_by_seed(run, model, tmp_path, ending):
    one, same, other = (
        sampled(run, model, tmp_path / f"{name}.{ending}", "--rows", 50, "--seed", seed)
        for name, seed in (("one", 3), ("same", 3), ("other", 4))
    )
    assert one.read_bytes() == same.read_bytes()
    assert not np.isin(read(other), read(one)).any()


def test_row_groups_of_parquet_are_in_order(run, model, tmp_path, monkeypatch):
    monkeypatch.setattr("aae.generator.graphs.CHUNK_CELLS", 7 * WIDTH)
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    sampled(run, model, whole, "--rows", 50)
    monkeypatch.setattr("aae.generator.sampling.GROUP_CELLS", 10 * COLUMNS)
    sampled(run, model, cut, "--rows", 50)
    assert [pyarrow.parquet.ParquetFile(each).num_row_groups for each in (whole, cut)] == [1, 4]
    np.testing.assert_array_equal(read(cut), read(whole))


def test_a_longer_sample_begins_with_the_shorter(run, model, tmp_path):
    few, many = (
        read(sampled(run, model, tmp_path / f"{rows}.npy", "--rows", rows)) for rows in (10, 90)
    )
    np.testing.assert_allclose(many[:10], few, atol=1e-6)


@pytest.mark.parametrize(
    "name, words, message",
    [
        ("x.txt", [], "the ending of x.txt to be one of .npy, .csv, .parquet, got '.txt'"),
        ("x", [], "the ending of x to be one of .npy, .csv, .parquet, got ''"),
        ("x.npy", ["--rows", 0], "rows to be a whole number >= 1, got 0"),
        ("x.csv", ["--rows", -3], "rows to be a whole number >= 1, got -3"),
        ("x.parquet", ["--seed", -1], "seed to be a whole number >= 0, got -1"),
    ],
)
def test_a_wrong_sample_is_one_line_and_no_file(run, model, tmp_path, name, words, message):
    code, _, err = run("sample", model, "--out", tmp_path / "new" / name, *words)
    assert code == 2 and message in one_line(err)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_missing_model_is_one_line_and_no_file(run, tmp_path, ending):
    out = tmp_path / f"x.{ending}"
    code, _, err = run("sample", tmp_path / "nowhere", "--out", out)
    assert code == 2 and "expected a trained model's generator.onnx" in one_line(err)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_damaged_model_is_one_line(run, model, tmp_path, ending):
    (model / "generator.onnx").write_bytes(b"no graph")
    code, _, err = run("sample", model, "--out", tmp_path / f"x.{ending}")
    assert code == 2 and "to have the SHA-256" in one_line(err)
    write_checksums(model)
    code, _, err = run("sample", model, "--out", tmp_path / f"x.{ending}")
    assert code == 2 and "generator.onnx: expected an ONNX graph" in one_line(err)


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.99])
def test_a_flipped_bit_of_a_model_is_one_line_and_no_file(run, model, tmp_path, place):
    path = model / "generator.onnx"
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 4
    path.write_bytes(content)
    code, _, err = run("sample", model, "--out", tmp_path / "x.npy")
    assert code == 2 and "damaged: pull or train it anew" in one_line(err)
    assert not (tmp_path / "x.npy").exists()


@pytest.mark.parametrize("content", ["", "[]", "{", "{}"])
def test_a_model_without_its_checksums_is_refused(run, model, tmp_path, content):
    (model / "checksums.json").write_text(content)
    code, _, err = run("sample", model, "--out", tmp_path / "x.npy")
    assert code == 2 and "checksums.json" in one_line(err)
    (model / "checksums.json").unlink()
    code, _, err = run("sample", model, "--out", tmp_path / "x.npy")
    assert code == 2 and "expected checksums.json beside" in one_line(err)


@pytest.mark.parametrize("columns, named", [(COLUMNS, True), (COLUMNS + 1, False)])
def test_columns_have_the_names_of_the_table(run, model, tmp_path, columns, named):
    folder = tmp_path / "models/mine/default/0"
    folder.parent.mkdir(parents=True)
    model.rename(folder)
    names = [f"name{column}" for column in range(columns)]
    described = tmp_path / "data/mine/table.json"
    described.parent.mkdir(parents=True)
    described.write_text(json.dumps({"columns": names}))
    out = sampled(run, folder, tmp_path / "x.parquet", "--rows", 5)
    found = pyarrow.parquet.read_table(out).column_names
    assert found == (names if named else [f"x{column}" for column in range(COLUMNS)])


def test_a_fault_of_ours_is_no_verdict(run, model, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr("aae.generator.sampling.sample", fail)
    code, _, err = run("sample", model, "--out", tmp_path / "x.npy")
    assert code == 2 and "RuntimeError: a fault" in err


def test_a_file_outlives_a_mistake(run, model, tmp_path):
    out = sampled(run, model, tmp_path / "x.npy", "--rows", 5)
    before = out.read_bytes()
    (model / "generator.onnx").unlink()
    assert run("sample", model, "--out", out)[0] == 2
    assert out.read_bytes() == before


def test_tensorflow_is_not_needed(model, tmp_path):
    """Both commands in a process of their own, in which TensorFlow cannot be imported."""
    out = tmp_path / "x.npy"
    script = """if True:
        import sys
        for name in ("tensorflow", "keras", "tf2onnx"):
            sys.modules[name] = None
        from aae.cli.commands import main
        main()
    """
    other = save(tmp_path / "other.npy", small() + 5)
    for words, code in (
        (["sample", model, "--out", out, "--rows", "60"], 0),
        (["check", out, other, "--permutations", "199"], 1),
    ):
        command = [sys.executable, "-c", script, *map(str, words)]
        done = subprocess.run(command, cwd=PROJECT / "src", capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
