"""Running a trained model: chunks do not show, draws repeat by `rng`, memory does not grow."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from aae.base.checksums import write_checksums
from aae.generator import graphs as trained
from aae.generator.graphs import TrainedModel, chunks, classes_of, session, standard_normal

COLUMNS, LATENT, CATEGORIES = 6, 2, 3
CODES = LATENT + CATEGORIES
RNG = np.random.default_rng(0)
ENCODER = RNG.normal(size=(COLUMNS, CODES)).astype("f4")
DECODER = RNG.normal(size=(CODES, COLUMNS)).astype("f4")
SHAPES = {"rows": COLUMNS, "mean": COLUMNS, "codes": CODES}


def write(path: Path, nodes: list[onnx.NodeProto], inputs: dict[str, int], outputs: str) -> None:
    """Write a graph with the matrices E and D."""

    def value(name: str, width: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])

    # The encoder's mean is a code.
    shapes = SHAPES | ({"mean": CODES} if path.stem == "encoder" else {})
    graph = helper.make_graph(
        nodes,
        "graph",
        [value(name, width) for name, width in inputs.items()],
        [value(name, shapes[name]) for name in outputs.split()],
        [
            helper.make_tensor(name, TensorProto.FLOAT, matrix.shape, matrix.ravel())
            for name, matrix in (("E", ENCODER), ("D", DECODER))
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    helper.set_model_props(model, {"latent": str(LATENT)})
    onnx.save(model, path)


def linear(folder: Path, sampled: bool = True) -> TrainedModel:
    """A model whose encoder and decoder are matrices, with unit noise where it is sampled."""
    last = ("Add", ["mean", "noise"]) if sampled else ("Identity", ["mean"])
    for part, matrix, given, width in (
        ("encoder", "E", "rows", CODES),
        ("decoder", "D", "codes", COLUMNS),
    ):
        made = "codes" if part == "encoder" else "rows"
        nodes = [
            helper.make_node("MatMul", [given, matrix], ["mean"]),
            helper.make_node(*last, [made]),
        ]
        noise = {"noise": width} if sampled else {}
        write(folder / f"{part}.onnx", nodes, {given: SHAPES[given]} | noise, f"{made} mean")
    shown = [
        helper.make_node("Identity", ["noise"], ["rows"]),
        helper.make_node("MatMul", ["noise", "E"], ["codes"]),
    ]
    write(folder / "generator.onnx", shown, {"noise": COLUMNS}, "rows codes")
    write_checksums(folder)
    return TrainedModel(folder)


@pytest.fixture
def model(tmp_path: Path) -> TrainedModel:
    return linear(tmp_path)


@pytest.fixture(params=[1, 7 * COLUMNS, 2**20])
def chunked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Every chunk size from one row to all rows."""
    monkeypatch.setattr(trained, "CHUNK_CELLS", request.param)
    return int(request.param)


def rows(count: int = 40) -> NDArray[np.float32]:
    return np.random.default_rng(count).normal(size=(count, COLUMNS)).astype("f4")


def test_sizes_are_those_of_the_graphs(model: TrainedModel) -> None:
    assert (model.columns, model.latent, model.categories) == (COLUMNS, LATENT, CATEGORIES)


def noise_of(width: int, sampled: bool) -> NDArray[np.float32] | float:
    return standard_normal(np.random.default_rng(1), (40, width)) if sampled else 0.0


@pytest.mark.parametrize("sampled", [True, False])
def test_encode(tmp_path: Path, sampled: bool, chunked: int) -> None:
    found = linear(tmp_path, sampled).encode(rows(), np.random.default_rng(1))
    np.testing.assert_allclose(found.mean, rows() @ ENCODER, atol=1e-5)
    np.testing.assert_allclose(found.codes, found.mean + noise_of(CODES, sampled), atol=1e-5)


@pytest.mark.parametrize("sampled", [True, False])
def test_decode(tmp_path: Path, sampled: bool, chunked: int) -> None:
    codes = rows()[:, :CODES]
    found = linear(tmp_path, sampled).decode(codes, np.random.default_rng(1))
    np.testing.assert_allclose(found.mean, codes @ DECODER, atol=1e-5)
    np.testing.assert_allclose(found.rows, found.mean + noise_of(COLUMNS, sampled), atol=1e-5)


def test_reconstruct_is_the_mean_at_the_mean(model: TrainedModel, chunked: int) -> None:
    np.testing.assert_allclose(model.reconstruct(rows()), rows() @ ENCODER @ DECODER, atol=1e-4)


@pytest.mark.parametrize("count", [1, 6, 7, 8, 40])
def test_generated_rows_do_not_depend_on_the_chunks(
    model: TrainedModel, chunked: int, count: int
) -> None:
    found = model.generate(count, np.random.default_rng(2))
    wanted = standard_normal(np.random.default_rng(2), (count, COLUMNS))
    np.testing.assert_array_equal(found.rows, wanted)
    np.testing.assert_allclose(found.codes, found.rows @ ENCODER, atol=1e-5)


def test_generation_repeats_by_rng(model: TrainedModel) -> None:
    def drawn(seed: int) -> NDArray[np.float32]:
        return model.generate(20, np.random.default_rng(seed)).rows

    np.testing.assert_array_equal(drawn(3), drawn(3))
    assert not np.array_equal(drawn(3), drawn(4))


def peak(act: Callable[[], None]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows(
    model: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, generator = 2**14, session(tmp_path / "generator.onnx")
    monkeypatch.setattr(trained, "CHUNK_CELLS", cells)

    def drain(number: int) -> None:
        for _ in chunks(generator, number * cells // COLUMNS, np.random.default_rng(0)):
            pass

    few, many = peak(lambda: drain(3)), peak(lambda: drain(100))
    assert many < few + 4 * cells  # one more chunk of float32


def test_noise_is_standard_normal() -> None:
    noise = standard_normal(np.random.default_rng(0), (1000, 100))
    assert noise.dtype == np.float32 and noise.shape == (1000, 100)
    assert abs(noise.mean()) < 5 / np.sqrt(noise.size)
    assert abs(noise.std() - 1) < 5 / np.sqrt(2 * noise.size)


@pytest.mark.parametrize("part", ["encoder", "decoder", "generator"])
def test_a_missing_graph_is_named(tmp_path: Path, part: str) -> None:
    linear(tmp_path)
    (tmp_path / f"{part}.onnx").unlink()
    with pytest.raises(FileNotFoundError, match=f"expected a trained model's {part}.onnx in .*"):
        TrainedModel(tmp_path)


def test_a_generator_alone_is_enough(tmp_path: Path) -> None:
    linear(tmp_path)
    (tmp_path / "encoder.onnx").unlink()
    found = chunks(session(tmp_path / "generator.onnx"), 5, np.random.default_rng(0))
    assert sum(len(each.rows) for each in found) == 5


def test_a_row_is_of_the_class_of_its_category() -> None:
    labels = np.array([1, 0, 1])
    codes = np.concatenate([RNG.normal(size=(3, LATENT)), np.eye(3)], axis=1).astype("f4")
    np.testing.assert_array_equal(classes_of(codes, LATENT, labels), labels)
    alone = classes_of(codes[:, :LATENT], LATENT, labels[:0])
    np.testing.assert_array_equal(alone, [0, 0, 0])
