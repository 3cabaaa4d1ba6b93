"""Running a trained model: chunks do not show, draws repeat by `rng`, memory does not grow."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from aae import trained
from aae.trained import TrainedModel, generate, session, standard_normal

COLUMNS, LATENT = 6, 2
RNG = np.random.default_rng(0)
ENCODER = RNG.normal(size=(COLUMNS, LATENT)).astype("f4")
DECODER = RNG.normal(size=(LATENT, COLUMNS)).astype("f4")
SHAPES = {"rows": COLUMNS, "mean": COLUMNS, "codes": LATENT}


def write(path: Path, nodes: list[onnx.NodeProto], widths: dict[str, int]) -> None:
    """Write a graph with the matrices E and D; inputs are what `widths` holds."""
    made = {name for node in nodes for name in node.output if name in SHAPES}

    def value(name: str, width: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])

    graph = helper.make_graph(
        nodes,
        "graph",
        [value(name, width) for name, width in widths.items()],
        [value(name, SHAPES[name]) for name in sorted(made)],
        [
            helper.make_tensor(name, TensorProto.FLOAT, matrix.shape, matrix.ravel())
            for name, matrix in (("E", ENCODER), ("D", DECODER))
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


def linear(folder: Path, sampled: bool = True) -> TrainedModel:
    """A model whose encoder and decoder are matrices, with unit noise where it is sampled."""
    encode = [helper.make_node("MatMul", ["rows", "E"], ["codes"])]
    decode = [helper.make_node("MatMul", ["codes", "D"], ["mean"])]
    last = ("Add", ["mean", "noise"]) if sampled else ("Identity", ["mean"])
    decode.append(helper.make_node(*last, ["rows"]))
    noise = {"noise": COLUMNS} if sampled else {}
    write(folder / "encoder.onnx", encode, {"rows": COLUMNS})
    write(folder / "decoder.onnx", decode, {"codes": LATENT} | noise)
    shown = [helper.make_node("Identity", ["noise"], ["rows"])]
    write(folder / "generator.onnx", shown, {"noise": COLUMNS})
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
    assert (model.columns, model.latent) == (COLUMNS, LATENT)


def test_encode(model: TrainedModel, chunked: int) -> None:
    np.testing.assert_allclose(model.encode(rows()), rows() @ ENCODER, atol=1e-5)


@pytest.mark.parametrize("sampled", [True, False])
def test_decode(tmp_path: Path, sampled: bool, chunked: int) -> None:
    model, codes = linear(tmp_path, sampled), rows()[:, :LATENT]
    found = model.decode(codes, np.random.default_rng(1))
    noise = standard_normal(np.random.default_rng(1), (40, COLUMNS)) if sampled else 0
    np.testing.assert_allclose(found.mean, codes @ DECODER, atol=1e-5)
    np.testing.assert_allclose(found.rows, codes @ DECODER + noise, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 40])
def test_generated_rows_do_not_depend_on_the_chunks(
    model: TrainedModel, chunked: int, count: int
) -> None:
    chunks = list(model.generate(count, np.random.default_rng(2)))
    wanted = standard_normal(np.random.default_rng(2), (count, COLUMNS))
    assert all(0 < len(chunk) * COLUMNS <= max(chunked, COLUMNS) for chunk in chunks)
    np.testing.assert_array_equal(np.concatenate([*chunks, wanted[:0]]), wanted)


def test_generation_repeats_by_rng(model: TrainedModel) -> None:
    def drawn(seed: int) -> NDArray[np.float32]:
        return np.concatenate(list(model.generate(20, np.random.default_rng(seed))))

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
    model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = 2**14
    monkeypatch.setattr(trained, "CHUNK_CELLS", cells)

    def drain(chunks: int) -> None:
        for _ in model.generate(chunks * cells // COLUMNS, np.random.default_rng(0)):
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
    chunks = generate(session(tmp_path / "generator.onnx"), 5, np.random.default_rng(0))
    assert sum(len(chunk) for chunk in chunks) == 5
