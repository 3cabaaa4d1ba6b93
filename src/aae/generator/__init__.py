"""A trained model run from its ONNX graphs, without TensorFlow.

- `graphs`: `TrainedModel` encodes, decodes, reconstructs and generates.
- `sampling`: `sample` writes new rows to a file.
"""
