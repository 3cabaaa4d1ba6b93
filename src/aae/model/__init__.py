"""The adversarial autoencoder in TensorFlow: configured, built, trained and exported.

- `configuration`: `Model`, `Train` and `Recipe`, what a variant is.
- `autoencoder`: `AAE`, its networks; `priors`, `likelihoods`, `units`, `column_groups`, `clusters`.
- `losses`, `objective`: the losses of one batch; `adam`: the step that they take.
- `training`: `build`, `fit`; `settling`: what is learned after it; `labels`: wrong, unknown.
- `export`: the three ONNX graphs; `history`: the log; `runtime`: TensorFlow set up.
"""
