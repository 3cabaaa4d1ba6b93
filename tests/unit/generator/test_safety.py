"""What runs is a graph of ONNX's own operators, with all of its numbers; other bytes do not."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from aae.generator.safety import check_onnx

SHOWN = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 3])
GIVEN = helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["n", 3])


def matrix() -> onnx.TensorProto:
    return numpy_helper.from_array(np.eye(3, dtype=np.float32), "D")


def model(
    nodes: list[onnx.NodeProto] | None = None, domains: tuple[str, ...] = ("",)
) -> onnx.ModelProto:
    nodes = nodes or [helper.make_node("MatMul", ["noise", "D"], ["rows"])]
    graph = helper.make_graph(nodes, "graph", [GIVEN], [SHOWN], [matrix()])
    opsets = [helper.make_opsetid(each, 18 if not each else 1) for each in domains]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def test_plain_graphs_pass() -> None:
    check_onnx(model().SerializeToString())
    check_onnx(model(domains=("", "ai.onnx.ml")).SerializeToString())


def test_external_data_are_refused(tmp_path: Path) -> None:
    onnx.save(model(), tmp_path / "a.onnx", save_as_external_data=True, size_threshold=0)
    with pytest.raises(ValueError, match="external data"):
        check_onnx((tmp_path / "a.onnx").read_bytes())


def elsewhere() -> onnx.TensorProto:
    tensor = matrix()
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def branch() -> onnx.GraphProto:
    return helper.make_graph([], "branch", [], [], [elsewhere()])


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Constant", [], ["c"], value=elsewhere()),
        helper.make_node("Loop", [], ["c"], body=branch()),
        helper.make_node("If", ["x"], ["c"], then_branch=branch(), else_branch=branch()),
    ],
    ids=lambda node: node.op_type,
)
def test_external_data_deep_inside_are_refused(node: onnx.NodeProto) -> None:
    with pytest.raises(ValueError, match="external data"):
        check_onnx(model([node]).SerializeToString())


@pytest.mark.parametrize("domain", ["mine", "com.microsoft", "ai.onnx.contrib"])
def test_operators_of_others_are_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="own operators alone"):
        check_onnx(model(domains=("", domain)).SerializeToString())
    node = helper.make_node("Run", ["noise"], ["rows"], domain=domain)
    with pytest.raises(ValueError, match="own operators alone"):
        check_onnx(model([node]).SerializeToString())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_refused_in_one_line_or_hold_no_graph(content: bytes) -> None:
    try:
        check_onnx(content)
    except ValueError as error:
        assert str(error).isprintable() and str(error).startswith("expected ")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_graph_that_is_cut_short_is_refused(data: st.DataObject) -> None:
    """But for one that ends where a field of the model itself does: onnxruntime refuses that."""
    whole = model().SerializeToString()
    cut = data.draw(st.integers(8, len(whole) - 8))
    with pytest.raises(ValueError, match="expected an ONNX graph"):
        check_onnx(whole[:cut])
