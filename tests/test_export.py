"""ONNX graphs compute what Keras computes, and their bytes repeat."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from conftest import PROJECT, contents, environment
from numpy.typing import NDArray

from aae.export import TOLERANCE, export, graphs, verify
from aae.model import AAE
from aae.recipe import ADVERSARIES, LIKELIHOODS, Model
from aae.trained import session

pytestmark = [pytest.mark.xdist_group("tensorflow"), pytest.mark.usefixtures("tensorflow")]

SCALES = np.array([1e-3, 1.0, 50.0, 1e3, 0.0])
SHIFTS = np.array([1e-3, 0.0, -20.0, 3e3, 7.5])
COLUMNS, LATENT, ROWS = len(SCALES), 2, 300
PARTS = ("encoder", "decoder", "generator")
COMBINATIONS = list(product(ADVERSARIES, LIKELIHOODS))


def model(adversary: str = "latent", likelihood: str = "gaussian", seed: int = 0) -> AAE:
    """A model with random weights everywhere, on columns of very different scales."""
    keras.utils.set_random_seed(seed)
    recipe = Model(latent=LATENT, adversary=adversary, likelihood=likelihood)
    made = AAE(COLUMNS, 3, recipe)
    rng = np.random.default_rng(seed)
    for weight in made.trainable_variables:
        weight.assign_add(0.1 * rng.normal(size=weight.shape))
    made.units.adapt(rows(seed))
    return made


def rows(seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([seed, 1])
    return (rng.normal(size=(ROWS, COLUMNS)) * SCALES + SHIFTS).astype("f4")


def normal(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(shape).normal(size=shape).astype("f4")


def inputs(made: AAE) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Inputs of each graph, by name."""
    noise = {"noise": normal(ROWS, COLUMNS)} if made.stochastic else {}
    width = LATENT + (COLUMNS if made.stochastic else 0)
    return {
        "encoder": {"rows": rows(9)},
        "decoder": {"codes": normal(ROWS, LATENT)} | noise,
        "generator": {"noise": normal(ROWS, width)},
    }


def keras_outputs(made: AAE, part: str) -> dict[str, NDArray[np.float32]]:
    """What Keras makes of the same inputs, without the functions that were exported."""
    given = {key: tf.constant(value) for key, value in inputs(made)[part].items()}
    if part == "encoder":
        return {"codes": np.asarray(made.encoder(made.units(given["rows"])))}
    if part == "generator":
        codes, noise = given["noise"][:, :LATENT], given["noise"][:, LATENT:]
        return {"rows": np.asarray(made.units.inverse(made.generate(codes, noise)))}
    made_rows = made.generate(given["codes"], given.get("noise"))
    mean = made.decode(given["codes"]).mean
    return {
        "rows": np.asarray(made.units.inverse(made_rows)),
        "mean": np.asarray(made.units.inverse(mean)),
    }


@pytest.fixture(scope="module", params=COMBINATIONS, ids="-".join)
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[AAE, Path]:
    made, folder = model(*request.param), tmp_path_factory.mktemp("export")
    export(made, folder)
    return made, folder


@pytest.mark.parametrize("part", PARTS)
def test_onnx_agrees_with_keras(exported: tuple[AAE, Path], part: str) -> None:
    made, folder = exported
    graph = session(folder / f"{part}.onnx")
    wanted = keras_outputs(made, part)
    found = dict(zip(wanted, graph.run(list(wanted), inputs(made)[part]), strict=True))
    assert {each.name for each in graph.get_outputs()} == set(wanted)
    for name, values in wanted.items():
        scale = np.ones(LATENT) if name == "codes" else np.where(SCALES > 0, SCALES, 1.0)
        assert np.ptp(values[:, 0]) > 0, "nothing to compare"
        np.testing.assert_allclose(found[name] / scale, values / scale, rtol=0, atol=1e-5)


def test_a_constant_column_comes_out_exactly(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    graph = session(folder / "generator.onnx")
    found = graph.run(["rows"], inputs(made)["generator"])[0]
    np.testing.assert_array_equal(found[:, -1], np.float32(SHIFTS[-1]))


def test_any_number_of_rows_goes_through(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    graph = session(folder / "generator.onnx")
    noise = inputs(made)["generator"]["noise"]
    whole = graph.run(["rows"], {"noise": noise})[0]
    one = graph.run(["rows"], {"noise": noise[:1]})[0]
    scale = np.where(SCALES > 0, SCALES, 1.0)
    np.testing.assert_allclose(one / scale, whole[:1] / scale, rtol=0, atol=1e-5)


def test_graphs_are_valid_and_named_by_place(exported: tuple[AAE, Path]) -> None:
    _, folder = exported
    for part in PARTS:
        graph = onnx.load(folder / f"{part}.onnx")
        onnx.checker.check_model(graph, full_check=True)
        assert [node.name for node in graph.graph.node] == [
            f"n{place}" for place in range(len(graph.graph.node))
        ]
        used = {name for node in graph.graph.node for name in node.input}
        assert {each.name for each in graph.graph.initializer} <= used, "dead weights"


def test_the_sampling_noise_is_an_input_where_there_is_any(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    names = {each.name for each in session(folder / "decoder.onnx").get_inputs()}
    assert names == ({"codes", "noise"} if made.stochastic else {"codes"})


ANOTHER = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from aae.stages.train import import_tensorflow
import_tensorflow()
import test_export
for name in sys.argv[2:]:
    folder = Path(sys.argv[1], name)
    folder.mkdir()
    test_export.export(test_export.model(*name.split("-")), folder)
"""


def test_bytes_repeat_from_process_to_process(tmp_path: Path) -> None:
    names = ["-".join(each) for each in COMBINATIONS if each[0] in ("none", "both")]
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    command = [sys.executable, "-c", ANOTHER, there, *names]
    subprocess.run(command, cwd=PROJECT, env=environment(tmp_path), check=True)
    for name in reversed(names):  # the converter counts what it converted before
        (here / name).mkdir(parents=True)
        export(model(*name.split("-")), here / name)
    found, wanted = contents(here, "."), contents(there, ".")
    assert len(wanted) == len(PARTS) * len(names)
    assert found.keys() == wanted.keys()
    assert [path for path in wanted if found[path] != wanted[path]] == []


@pytest.mark.parametrize("part", PARTS)
def test_a_graph_that_differs_from_keras_is_refused(part: str, tmp_path: Path) -> None:
    made = model()
    export(made, tmp_path)
    function, widths = graphs(made)[part]
    graph = onnx.load(tmp_path / f"{part}.onnx")
    verify(graph, part, function, widths, made.units)
    network = made.encoder if part == "encoder" else made.decoder
    last = network.get_layer("mean") if part != "encoder" else network.layers[-1]
    last.bias.assign_add(np.full(last.bias.shape, 100 * TOLERANCE))
    with pytest.raises(RuntimeError, match=rf"{part}\.onnx: .* differs from Keras"):
        verify(graph, part, function, widths, made.units)
