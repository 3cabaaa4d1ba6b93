"""The adversarial autoencoder in TensorFlow: configured, built, trained and exported.

- `configuration`: `Model`, `Train` and `Recipe`, what a variant is.
- `autoencoder`: `AAE`, its networks; `priors`, `units`, `column_groups`, `clusters`, its parts.
- `likelihood`: what every one provides; `likelihoods`: by name; `residual`: the default one.
- `losses`: each, and their sum; `noise`: what drives what; `objective`: the losses of one batch.
- `trainer`: the step and compiled epochs, moved by `adam`; `training`: `build`, `fit`; `settling`:
  what is learned after it; `labels`: wrong, unknown.
- `export`: the three ONNX graphs; `history`: the log; `runtime`: TensorFlow set up.
"""
