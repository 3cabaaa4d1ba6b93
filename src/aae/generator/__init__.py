"""A trained model run from its ONNX graphs, without TensorFlow.

- `graphs`: `TrainedModel` encodes, decodes, reconstructs and generates.
- `safety`: `check_onnx`, what a graph may hold.
- `sampling`: `sample` writes new rows to a file.
"""
