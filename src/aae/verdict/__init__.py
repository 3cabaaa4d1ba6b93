"""Two tables in, an answer out: whether generated rows follow the real law.

- `judge`: `judge`, `Settings`, `Verdict`.
- `battery`: the tests; `permutation` and `pooling`: what they are made of; `outcome`: what each says.
- `pairs`: the test of all pairs of columns; `few_columns`: of tables of few; both on `ranks`.
- `hard_checks`, `memorisation`, `closed_form` and `diversity` stand beside the battery.
- `effects`: moments and distances, numbers without a verdict.
- `power`, `calibration`: what effects so many rows detect.
"""
