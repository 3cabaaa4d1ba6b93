"""The package from Python: `aae.fit`, `aae.load`, `aae.judge`, on arrays and data frames.

- `frames`: arrays and data frames as tables, and back.
- `fitting`: `fit`, `fit_table`, what the stage `train` does, without the pipeline.
- `trained`: `Model`, which samples and is saved; `load`.
- `judging`: `judge`, what `aae check` says.
"""
