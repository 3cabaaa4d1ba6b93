"""A trained autoencoder as three ONNX graphs that work in the data's own units.

Codes are z and, where the decoder sees a category, the one-hot category: shape (n, k).

- encoder.onnx: `rows` (n, columns), and standard normal `noise` (n, latent) unless q(z | x) is
  deterministic, to `codes`, a sample of q(z | x), and `mean`, its mean (a sample as well where q is
  driven by noise), both with the likeliest category;
- decoder.onnx: `codes`, and `noise` (n, columns) where p(x | z, c) is sampled, to `rows`, a sample
  of p(x | z, c), and `mean`, its mean;
- generator.onnx: standard normal `noise` (n, w) to `rows` and the `codes` that they are decoded
  from: category, code, decoder, sampling noise and inverse transform. w is the width of its input.
"""

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from aae.base.checksums import write_checksums
from aae.model.autoencoder import AAE

OPSET = 18
HDF5_GROUP, HDF5_FILE = 2**14, 2**20  # bytes that HDF5 needs at most beside the weights
TOLERANCE = 1e-5  # of the column's scale
AGREEING = 0.999  # share of cells within it: rounding may move one to the next value of a grid

Tensors = Mapping[str, tf.Tensor]
Graph = tuple[Callable[..., Tensors], dict[str, int]]


def write_weights(model: AAE, path: Path) -> None:
    """Write the weights with Keras, once there is room: HDF5 crashes where the disk is full.

    Raises:
        OSError: there is no room for them.
    """
    sizes = [np.asarray(weight).nbytes + HDF5_GROUP for weight in model.weights]
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, sum(sizes) + HDF5_FILE)
    path.unlink()
    model.save_weights(path)


def graphs(model: AAE) -> dict[str, Graph]:
    """Functions to export, each with the widths of its named inputs."""
    categories, layout = model.conditions, model.generator_noise
    restored = model.restored
    posterior = {} if model.settings.posterior == "deterministic" else {"noise": model.latent}
    sampled = {"noise": layout.cells} if layout.cells else {}

    def joined(codes: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        return tf.concat([codes, classes], axis=1) if categories else codes

    def drawn(codes: tf.Tensor, classes: tf.Tensor, noise: tf.Tensor | None) -> Tensors:
        law = model.decode(codes, classes)
        mean = model.likelihood.columns(law.mean)
        rows = mean if noise is None else model.drawn(law, codes, classes, noise)
        return {
            "rows": restored(rows, classes),
            "mean": model.restored_mean(mean, classes),
        }

    def encoder(rows: tf.Tensor, noise: tf.Tensor | None = None) -> Tensors:
        code = model.encode(model.likelihood.statistics(model.units(rows)), noise)
        classes = tf.one_hot(tf.argmax(code.logits, axis=1), categories) if categories else None
        return {"codes": joined(code.sample(noise), classes), "mean": joined(code.mean, classes)}

    def decoder(codes: tf.Tensor, noise: tf.Tensor | None = None) -> Tensors:
        classes = codes[:, model.latent :] if categories else first(model, codes)
        return drawn(codes[:, : model.latent], classes, noise)

    def generator(noise: tf.Tensor) -> Tensors:
        parts = layout.split(noise)
        codes, classes = model.source(parts)
        rows = drawn(codes, classes, parts.cells if layout.cells else None)["rows"]
        return {"rows": rows, "codes": joined(codes, classes)}

    return {
        "encoder": (encoder, {"rows": model.columns} | posterior),
        "decoder": (decoder, {"codes": model.latent + categories} | sampled),
        "generator": (generator, {"noise": layout.width}),
    }


def first(model: AAE, codes: tf.Tensor) -> tf.Tensor:
    """The only category, of each row."""
    return tf.one_hot(tf.zeros_like(codes[:, 0], tf.int32), model.classes)


def export(model: AAE, folder: Path) -> None:
    """Write all graphs, each only after it ran and agreed with Keras, and checksums of all files.

    Raises:
        RuntimeError: a graph's output differs from Keras's by more than TOLERANCE.
    """
    for name, (function, widths) in graphs(model).items():
        kinds = {"rows": model.units.numbers}
        signature = [
            tf.TensorSpec([None, width], kinds.get(key, "float32"), key)
            for key, width in widths.items()
        ]
        graph, _ = tf2onnx.convert.from_function(
            tf.function(function, autograph=False), input_signature=signature, opset=OPSET
        )
        canonical(graph)
        onnx.helper.set_model_props(graph, {"latent": str(model.latent)} | model.properties)
        verify(graph, name, function, widths, model)
        onnx.save(graph, folder / f"{name}.onnx")
    write_checksums(folder)


def canonical(model: onnx.ModelProto) -> None:
    """Order and name nodes and inner tensors by their place in the graph.

    The converter's order and names differ from process to process. Nodes are visited depth first
    from the outputs, which gives an order that follows from the computation alone.
    """
    graph = model.graph
    swap_aliases(graph)
    nodes = {name: node for node in graph.node for name in node.output}
    initializers = {each.name: each for each in graph.initializer}
    names = {value.name: value.name for value in chain(graph.input, graph.output)}
    ordered: list[onnx.NodeProto] = []
    used: list[onnx.TensorProto] = []

    def visit(name: str) -> None:
        node = nodes.get(name)
        if node is not None and not any(node is each for each in ordered):
            for source in node.input:
                visit(source)
            ordered.append(node)
            for output in node.output:
                names.setdefault(output, f"t{len(names)}")
        elif name in initializers and name not in names:
            used.append(initializers[name])
            names[name] = f"t{len(names)}"

    graph.output.sort(key=lambda value: value.name)
    for value in graph.output:
        visit(value.name)
    for place, node in enumerate(ordered):
        node.name = f"n{place}"
        node.input[:] = [names[name] if name else "" for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for initializer in used:
        initializer.name = names[initializer.name]
    replace(graph.node, ordered)
    replace(graph.initializer, used)
    del graph.value_info[:]
    graph.ClearField("doc_string")
    for value in chain(graph.input, graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"


def swap_aliases(graph: onnx.GraphProto) -> None:
    """Let the first by name of two outputs that are one tensor be the one that is computed."""
    outputs = {value.name for value in graph.output}
    for node in graph.node:
        (target,) = node.output if len(node.output) == 1 else ("",)
        if node.op_type == "Identity" and target in outputs and target < node.input[0] in outputs:
            swapped = {target: node.input[0], node.input[0]: target}
            for each in graph.node:
                each.input[:] = [swapped.get(name, name) for name in each.input]
                each.output[:] = [swapped.get(name, name) for name in each.output]


def replace(field: Any, items: Sequence[Any]) -> None:
    """Fill a repeated field with copies of items, some of which may be its own."""
    copies = [copy.deepcopy(item) for item in items]
    del field[:]
    field.extend(copies)


def verify(
    graph: onnx.ModelProto,
    name: str,
    function: Callable[..., Tensors],
    widths: Mapping[str, int],
    model: AAE,
) -> None:
    """Run a graph on random input and compare it with the function that it was made from."""
    import onnxruntime

    rng = np.random.default_rng(0)
    inputs = {key: rng.normal(size=(64, width)).astype("f4") for key, width in widths.items()}
    if "rows" in inputs:
        rows = inputs["rows"]
        inputs["rows"] = np.asarray(model.restored_mean(rows, first(model, rows)))
    scale = model.units.sensitivity()
    scale = np.where(scale > 0, scale, 1.0)
    spacing = model.units.spacing()
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, inputs), strict=True))
    for key, wanted in function(**{k: tf.constant(v) for k, v in inputs.items()}).items():
        cells = outputs[key].shape[1] == len(scale)
        unit, step = (scale, spacing) if cells else (1.0, 0.0)
        gap = np.maximum(np.abs(outputs[key] - wanted.numpy()) - step, 0.0) / unit
        size = max(1.0, float(np.max(np.abs(wanted.numpy()) / unit)))
        if not np.mean(gap <= TOLERANCE * size) >= AGREEING:
            raise RuntimeError(
                f"{name}.onnx: {key} differs from Keras by {gap.max():g} of its scale"
            )
