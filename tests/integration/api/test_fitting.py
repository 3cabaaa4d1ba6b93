"""A model without the pipeline: mixed tables come out as they went in, bytes as the stage's."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
import yaml
from pyarrow import csv, parquet
from support.mixed import PLANTED, numbers, people
from support.project import PROJECT

import aae
from aae.base.checksums import CHECKSUMS
from aae.dataset.splits import Split, write_split

pytestmark = pytest.mark.usefixtures("tensorflow")

ROWS, MANY = 1000, 20_000
WHOLE = people(2 * ROWS, 5)
TRAIN, TEST = WHOLE.slice(0, ROWS), WHOLE.slice(ROWS)
QUICK = {"train.steps": 20, "model.encoder": [8], "model.decoder": [8]}


@pytest.fixture(scope="module")
def model():
    return aae.fit(TRAIN, labels="rich")


@pytest.fixture(scope="module")
def made(model):
    return model.sample(MANY, seed=1)


def aae_command(*words, fails=False):
    code = "from aae.cli.commands import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True)
    assert (done.returncode != 0) == fails, done.stderr.decode()
    return done.stderr.decode()


def test_a_mixed_table_comes_out_as_it_went_in(made):
    assert made.schema == TRAIN.schema
    for name in ("work", "education", "city", "rich", "male"):
        assert set(made.column(name).to_pylist()) == set(TRAIN.column(name).to_pylist())


def test_no_hard_check_fails(made):
    assert not aae.judge(TEST, made.slice(0, ROWS), "rich").verdict.failed


def test_shares_of_categories_and_gaps_are_those_of_the_rows(made):
    for name in ("work", "education", "city", "rich", "male", "wage"):
        wanted, got = (
            each.column(name).is_null()
            if name == "wage"
            else each.column(name).fill_null("none")
            if name == "work"
            else each.column(name)
            for each in (TRAIN, made)
        )
        for value in set(wanted.to_pylist()):
            share, own = (each.to_pylist().count(value) / len(each) for each in (wanted, got))
            assert abs(share - own) < 4 * (share / ROWS) ** 0.5, (name, value)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_seen(made, name):
    """As far from unseen rows as two samples are, or a tenth: what a table of 1000 rows blurs."""
    real, generated = PLANTED[name](numbers(TEST)), PLANTED[name](numbers(made))
    rng = np.random.default_rng(0)
    columns = numbers(TEST)
    again = [
        PLANTED[name]({key: each[rows] for key, each in columns.items()})
        for rows in (rng.integers(ROWS, size=ROWS) for _ in range(60))
    ]
    error = float(np.std(again))
    assert abs(real) > 4 * error
    assert abs(real - generated) < max(3 * 2**0.5 * error, 0.1 * abs(real))


def test_a_saved_model_draws_the_same_rows(model, tmp_path):
    model.save(tmp_path / "saved")
    wanted = model.sample(50, seed=3)
    assert aae.load(tmp_path / "saved").sample(50, seed=3).equals(wanted)
    for ending, read in ((".parquet", parquet.read_table), (".csv", csv.read_csv)):
        out = tmp_path / f"x{ending}"
        aae_command("sample", tmp_path / "saved", "-n", 50, "--seed", 3, "--out", out)
        got = read(out)
        assert got.column_names == wanted.column_names
        assert got.drop_columns("work").equals(wanted.drop_columns("work"))
    with pytest.raises(FileExistsError, match="something else"):
        model.save(tmp_path)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_pipeline_command_and_function_give_the_same_bytes(tmp_path, dtype):
    """Each in a process of its own: TensorFlow takes its kernels when it is first imported."""
    rows = np.random.default_rng(0).gamma(2.0, size=(80, 3)).astype(dtype)
    labels = np.arange(80) % 2
    write_split(tmp_path / "data/mine/train", [Split(rows, labels)], rows.shape, rows.dtype)
    table = {f"x{j}": column for j, column in enumerate(rows.T)} | {"y": labels}
    parquet.write_table(pa.table(table), tmp_path / "mine.parquet")
    params: dict[str, dict[str, object]] = {"model": {}, "train": {}}
    for key, value in QUICK.items():
        section, name = key.split(".")
        params[section][name] = value
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params | {"variants": {"default": {}}}))
    words = [word for key in QUICK for word in ("--set", f"{key}={QUICK[key]}")]
    command = ["fit", "mine.parquet", "--label", "y", "--seed", "4", "--out", "command", *words]
    function = (
        "import aae, pyarrow.parquet as p; aae.fit(p.read_table('mine.parquet'), 'y', seed=4, "
        f"settings={QUICK}).save('function')"
    )
    main = f"import sys; sys.argv = {['aae', *command]}; from aae.cli.commands import main; main()"
    stage = ["-m", "aae.stages.train", "name=mine", "variant=default", "seed=4"]
    path = {"PYTHONPATH": str(PROJECT / "src"), "PATH": ""}
    for run in (stage, ["-c", main], ["-c", function]):
        subprocess.run([sys.executable, *run], cwd=tmp_path, env=path, check=True)
    stages = tmp_path / "models/mine/default/4"
    # `aae fit` has table.json beside the model, and a checksum more.
    files = (each for each in stages.iterdir() if each.is_file() and each.name != CHECKSUMS)
    for wanted in files:
        for other in ("command", "function"):
            got = (tmp_path / other / wanted.name).read_bytes()
            assert got == wanted.read_bytes(), (other, wanted.name)


def test_arrays_give_arrays_and_labels():
    rows = np.random.default_rng(0).gamma(2.0, size=(80, 3))
    labels = np.where(rows[:, 0] > 2, "large", "small")
    made = aae.fit(rows, labels, settings=QUICK).sample(30)
    assert made.rows.shape == (30, 3) and set(made.labels) <= {"large", "small"}
    assert aae.fit(rows, settings=QUICK).sample(30).shape == (30, 3)


def test_large_integers_decimals_and_times_survive():
    rng = np.random.default_rng(0)
    key = 2**53 - rng.integers(0, 4, size=300)
    cents = rng.integers(100, 100_000, size=300)
    time = 1_700_000_000_000_000 + rng.integers(0, 10**15, size=300)
    table = pa.table(
        {
            "key": key,
            "price": cents / 100,
            "time": pa.array(time, pa.timestamp("us", "UTC")),
            "micro": time,
        }
    )
    made = aae.fit(table, settings=QUICK).sample(5000)
    assert made.schema == table.schema
    assert set(made.column("key").to_pylist()) == set(key.tolist())
    price = made.column("price").to_numpy()
    np.testing.assert_array_equal(price, np.round(price * 100) / 100)
    micro = made.column("micro").to_numpy()
    assert micro.min() >= time.min() and micro.max() <= time.max()
    assert np.count_nonzero(micro % 2) > 2000  # all of the digits, not those of float32


@pytest.mark.parametrize(
    "columns, part",
    [
        ({"id": [f"n{j}" for j in range(50)]}, "text that repeats in column 'id'"),
        ({"day": pa.array(range(50), pa.int32()).cast(pa.date32())}, "column 'day'"),
    ],
)
def test_what_cannot_be_modelled_is_named_and_left_out(columns, part, tmp_path):
    table = pa.table(columns | {"x": np.random.default_rng(0).normal(size=50)})
    parquet.write_table(table, tmp_path / "x.parquet")
    words = ["fit", tmp_path / "x.parquet", "--out", tmp_path / "m", "--set", "train.steps=20"]
    error = aae_command(*words, fails=True)
    assert part in error and "`drop`" in error and len(error.splitlines()) == 1
    aae_command(*words, "--drop", next(iter(columns)))
    assert aae.load(tmp_path / "m").sample(5).column_names == ["x"]


def test_separators_and_gaps_are_those_that_are_named(tmp_path):
    x, kind = np.random.default_rng(0).normal(size=(2, 60)).round(2)
    cells = [f"{a};{'none' if j < 9 else b}" for j, (a, b) in enumerate(zip(x, kind, strict=True))]
    (tmp_path / "x.csv").write_text("\n".join(["x;kind", *cells]))
    words = ["fit", tmp_path / "x.csv", "--out", tmp_path / "m", "--set", "train.steps=20"]
    assert "separated by ','" in aae_command(*words, fails=True)
    assert "one character" in aae_command(*words, "--sep", "semicolon", fails=True)
    aae_command(*words, "--sep", ";", "--na", "none")
    made = aae.load(tmp_path / "m").sample(1000)
    assert 0 < made["kind"].null_count < 400
