"""The adversarial autoencoder in TensorFlow: configured, built, trained and exported.

- `configuration`: `Model`, `Train` and `Recipe`, what a variant is.
- `autoencoder`: `AAE`, its networks; `priors`, `units`, `column_groups`, `clusters`, its parts.
- `exchangeable`: may columns share parameters? Where not, `table` has the model instead: `scores`
  and the way back through `quantiles`; `categories` from `strata` and a `mixture`; `joint`, the law
  of codes and residuals; `recipes`, columns whose values repeat together; `indicators`, columns
  that say what others are, and `exclusive`, their way back.
- `likelihood`: what every one provides; `likelihoods`: by name; `residual`: of shared columns.
- `losses`: each, and their sum; `noise`: what drives what; `objective`: the losses of one batch.
- `trainer`: the step and compiled epochs, moved by `adam`; `plan`: how many; `passes`: epoch after
  epoch; `training`: `build`, `fit`; `settling`: what is learned after it; `labels`: wrong, unknown.
- `streaming`: rows too many for the memory; `sample`: those that closed forms look at; `progress`
  and its `checkpoint`: a killed training goes on.
- `run`: a training run, from rows to a folder; `export`: the three ONNX graphs; `history`: the log;
  `runtime`: TensorFlow set up.
"""
