"""A trained autoencoder as three ONNX graphs that work in the data's own units.

- encoder.onnx: `rows` (n, columns) to `codes` (n, latent);
- decoder.onnx: `codes`, and `noise` (n, columns) where p(x | z) is sampled, to `rows`, a sample of
  p(x | z), and `mean`, its mean;
- generator.onnx: standard normal `noise` (n, k) to `rows`: code from the prior, decoder, sampling
  noise and inverse transform. k is the width of its input.
"""

from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from aae.model import AAE

OPSET = 18
TOLERANCE = 1e-5  # of the column's scale

Tensors = Mapping[str, tf.Tensor]
Graph = tuple[Callable[..., Tensors], dict[str, int]]


def graphs(model: AAE) -> dict[str, Graph]:
    """Functions to export, each with the widths of its named inputs."""

    def encoder(rows: tf.Tensor) -> Tensors:
        return {"codes": model.encoder(model.units(rows))}

    def decoder(codes: tf.Tensor, noise: tf.Tensor | float = 0.0) -> Tensors:
        law = model.decode(codes)
        rows = model.generate(codes, noise)
        return {"rows": model.units.inverse(rows), "mean": model.units.inverse(law.mean)}

    def generator(noise: tf.Tensor) -> Tensors:
        codes, sampling = noise[:, : model.latent], noise[:, model.latent :]
        return {"rows": model.units.inverse(model.generate(codes, sampling))}

    sampled = {"noise": model.columns} if model.stochastic else {}
    return {
        "encoder": (encoder, {"rows": model.columns}),
        "decoder": (decoder, {"codes": model.latent} | sampled),
        "generator": (generator, {"noise": model.latent + sampled.get("noise", 0)}),
    }


def export(model: AAE, folder: Path) -> None:
    """Write all graphs, each only after it ran and agreed with Keras.

    Raises:
        RuntimeError: a graph's output differs from Keras's by more than TOLERANCE.
    """
    for name, (function, widths) in graphs(model).items():
        signature = [tf.TensorSpec([None, width], tf.float32, key) for key, width in widths.items()]
        graph, _ = tf2onnx.convert.from_function(
            tf.function(function), input_signature=signature, opset=OPSET
        )
        canonical(graph)
        verify(graph, name, function, widths, np.asarray(model.units.scale))
        onnx.save(graph, folder / f"{name}.onnx")


def canonical(model: onnx.ModelProto) -> None:
    """Name all inner tensors and nodes by their place: names differ from process to process."""
    graph = model.graph
    kept = {value.name for value in chain(graph.input, graph.output)}
    written = chain((i.name for i in graph.initializer), *(node.output for node in graph.node))
    inner = [name for name in written if name not in kept]
    names = {name: f"t{place}" for place, name in enumerate(inner)}
    for initializer in graph.initializer:
        initializer.name = names[initializer.name]
    for place, node in enumerate(graph.node):
        node.name = f"n{place}"
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    del graph.value_info[:]
    for value in chain(graph.input, graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"


def verify(
    graph: onnx.ModelProto,
    name: str,
    function: Callable[..., Tensors],
    widths: Mapping[str, int],
    scale: np.ndarray,
) -> None:
    """Run a graph on random input and compare it with the function that it was made from."""
    import onnxruntime

    rng = np.random.default_rng(0)
    inputs = {key: rng.normal(size=(64, width)).astype("f4") for key, width in widths.items()}
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, inputs), strict=True))
    for key, wanted in function(**{k: tf.constant(v) for k, v in inputs.items()}).items():
        unit = scale if found[key].shape[1] == len(scale) else 1.0
        worst = float(np.max(np.abs(found[key] - wanted.numpy()) / unit))
        size = max(1.0, float(np.max(np.abs(wanted.numpy()) / unit)))
        if not worst <= TOLERANCE * size:
            raise RuntimeError(f"{name}.onnx: {key} differs from Keras by {worst:g} of its scale")
