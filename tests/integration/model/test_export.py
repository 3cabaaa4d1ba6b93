"""ONNX graphs compute what Keras computes, and their bytes repeat."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from support import small_models as small
from support.project import PROJECT, contents, environment

from aae.generator.graphs import TrainedModel, session
from aae.model.autoencoder import AAE
from aae.model.export import TOLERANCE, export, graphs, verify, write_weights
from aae.model.likelihood import ClosedForm

pytestmark = pytest.mark.usefixtures("tensorflow")

SCALES = np.array([1e-3, 1.0, 50.0, 1e3, 0.0])
SHIFTS = np.array([1e-3, 0.0, -20.0, 3e3, 7.5])
COLUMNS, LATENT, ROWS = len(SCALES), 2, 300
PARTS = ("encoder", "decoder", "generator")
MODES = small.MODES | {"16 dimensions": {"latent": 16, "information": 1.0}}


def model(mode: str = "default", seed: int = 0) -> AAE:
    """A model with random weights everywhere, on columns of very different scales."""
    made = small.model(groups=tuple(range(COLUMNS)), seed=seed, **MODES[mode])
    rng = np.random.default_rng(seed)
    for weight in made.trainable_variables:
        weight.assign_add(0.1 * rng.normal(size=weight.shape))
    made.shares.assign(rng.dirichlet(np.ones(made.classes)))
    classes = rng.integers(made.classes, size=ROWS)
    if isinstance(made.likelihood, ClosedForm):
        made.likelihood.settle(rng.normal(size=(ROWS, COLUMNS)).astype("f4"), classes)
    made.units.adapt(rows(seed), made.likelihood.gridded)
    return made


def rows(seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([seed, 1])
    return (rng.normal(size=(ROWS, COLUMNS)) * SCALES + SHIFTS).astype("f4")


def inputs(made: AAE) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Inputs of each graph, by name."""

    def normal(width: int) -> NDArray[np.float32]:
        return np.random.default_rng(width).normal(size=(ROWS, width)).astype("f4")

    sampled = COLUMNS if made.likelihood.stochastic else 0
    codes, categories = [normal(made.latent)], made.conditions
    if categories:
        codes.append(np.eye(categories, dtype="f4")[np.arange(ROWS) % categories])
    noisy = made.settings.posterior != "deterministic"
    return {
        "encoder": {"rows": rows(9)} | ({"noise": normal(made.latent)} if noisy else {}),
        "decoder": {"codes": np.concatenate(codes, axis=1)}
        | ({"noise": normal(COLUMNS)} if sampled else {}),
        "generator": {"noise": normal(made.generator_noise.width)},
    }


def keras_outputs(made: AAE, part: str) -> dict[str, NDArray[np.float32]]:
    """What Keras makes of the same inputs, without the functions that were exported."""
    given = {key: tf.constant(value) for key, value in inputs(made)[part].items()}
    latent, units = made.latent, made.units
    if part == "encoder":
        statistics = made.likelihood.statistics(units(given["rows"]))
        code = made.encode(statistics, given.get("noise"))
        pair = {"codes": code.sample(given.get("noise")), "mean": code.mean}
        if not made.conditions:
            return {key: np.asarray(each) for key, each in pair.items()}
        likeliest = tf.one_hot(tf.argmax(code.logits, axis=1), made.classes)
        return {key: np.concatenate([each, likeliest], axis=1) for key, each in pair.items()}
    if part == "generator":
        noise = made.generator_noise.split(given["noise"])
        codes, classes = made.prior(noise)
        drawn = made.likelihood.sample(made.decode(codes, classes), classes, noise.cells)
        joined = tf.concat([codes, classes], axis=1) if made.conditions else codes
        return {"rows": np.asarray(units.inverse(drawn)), "codes": np.asarray(joined)}
    codes, classes = given["codes"][:, :latent], given["codes"][:, latent:]
    if not made.conditions:
        classes = tf.one_hot([0] * ROWS, made.classes)
    law = made.decode(codes, classes)
    drawn = made.likelihood.sample(law, classes, given.get("noise"))
    mean = made.likelihood.columns(law.mean)
    return {"rows": np.asarray(units.inverse(drawn)), "mean": np.asarray(units.linear(mean))}


@pytest.fixture(scope="module", params=MODES)
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[AAE, Path]:
    made, folder = model(request.param), tmp_path_factory.mktemp("export")
    export(made, folder)
    return made, folder


def test_onnx_agrees_with_keras(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    for part in PARTS:
        graph = session(folder / f"{part}.onnx")
        wanted = keras_outputs(made, part)
        found = dict(zip(wanted, graph.run(list(wanted), inputs(made)[part]), strict=True))
        assert {each.name for each in graph.get_outputs()} == set(wanted)
        for name, values in wanted.items():
            of_rows = values.shape[1] == COLUMNS and name != "codes" and part != "encoder"
            scale = np.where(SCALES > 0, SCALES, 1.0) if of_rows else 1.0
            assert np.ptp(values[:, 0]) > 0, "nothing to compare"
            np.testing.assert_allclose(found[name] / scale, values / scale, rtol=1e-5, atol=2e-5)


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
    np.testing.assert_allclose(one / scale, whole[:1] / scale, rtol=0, atol=2e-5)


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


def test_noise_is_an_input_where_there_is_any(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    for part in PARTS:
        names = {each.name for each in session(folder / f"{part}.onnx").get_inputs()}
        assert names == set(inputs(made)[part])


def test_the_trained_model_knows_its_sizes(exported: tuple[AAE, Path]) -> None:
    made, folder = exported
    found = TrainedModel(folder)
    assert (found.columns, found.latent, found.categories) == (
        COLUMNS,
        made.latent,
        made.conditions,
    )


ANOTHER = """
import sys
from pathlib import Path
sys.path[:0] = ["tests", "tests/integration/model"]
from aae.model.runtime import import_tensorflow
import_tensorflow()
import test_export
for name in sys.argv[2:]:
    folder = Path(sys.argv[1], name)
    folder.mkdir()
    test_export.export(test_export.model(name), folder)
"""


def test_bytes_repeat_from_process_to_process(tmp_path: Path) -> None:
    names = ["default", "article", "both adversaries", "label-conditioned"]
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    command = [sys.executable, "-c", ANOTHER, there, *names]
    subprocess.run(command, cwd=PROJECT, env=environment(tmp_path), check=True)
    for name in reversed(names):  # the converter counts what it converted before
        (here / name).mkdir(parents=True)
        export(model(name), here / name)
    found, wanted = contents(here, "."), contents(there, ".")
    assert len(wanted) == (len(PARTS) + 1) * len(names)  # and the checksums of each
    assert found.keys() == wanted.keys()
    assert [path for path in wanted if found[path] != wanted[path]] == []


def test_a_graph_that_differs_from_keras_is_refused(tmp_path: Path) -> None:
    made = model()
    export(made, tmp_path)
    before = made.get_weights()
    for part in PARTS:
        made.set_weights(before)
        function, widths = graphs(made)[part]
        graph = onnx.load(tmp_path / f"{part}.onnx")
        verify(graph, part, function, widths, made)
        network = made.encoder if part == "encoder" else made.decoder
        bias = network.get_layer("mean").bias
        bias.assign_add(np.full(bias.shape, 100 * TOLERANCE))
        with pytest.raises(RuntimeError, match=rf"{part}\.onnx: .* differs from Keras"):
            verify(graph, part, function, widths, made)


def test_weights_are_those_of_keras_or_an_error_where_there_is_no_room(
    exported: tuple[AAE, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = exported
    made.save_weights(tmp_path / "keras.weights.h5")
    write_weights(made, tmp_path / "ours.weights.h5")
    ours, keras = ((tmp_path / f"{each}.weights.h5").read_bytes() for each in ("ours", "keras"))
    assert ours == keras
    sizes = []
    monkeypatch.setattr("os.posix_fallocate", lambda _, start, size: sizes.append(size))
    write_weights(made, tmp_path / "again.weights.h5")
    assert len(ours) < sizes[0]  # what is asked for is enough
