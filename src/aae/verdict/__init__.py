"""Two tables in, an answer out: whether generated rows follow the real law.

- `judge`: `judge`, `Settings`, `Verdict`; `inputs`: whether rows can be judged; `examination`:
  which checks and tests it runs.
- `battery`: the tests; `outcome`, `pooling`, `rounding`, `permutation` and `kernels`: what they are
  made of.
- `pairs`, `few_columns` (on `ranks`) and `classifier` (on `trees`): tests with modules of their
  own.
- `differences`: where and by how much two tables differ, `column_differences` and
  `pair_differences` among it.
- `hard_checks`, `degenerate`, `repeats`, `memorisation`, `closed_form` and `diversity` stand beside
  the battery.
- `tolerance`: is a difference larger than one cares about; from `intervals`, `pair_intervals` and
  `cross_fitting`.
- `effects`: moments and distances, numbers without a verdict; `tails`: of the binomial law.
- `power`: what effects so many rows detect, looked up in `power.json`; `own_power`: measured on the
  table at hand by `trials`, for which `planting` plants effects by choosing rows, most of them by
  `tilting`, or in wide tables by `moving` them.
"""
