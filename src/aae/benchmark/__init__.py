"""How fast it is: `make bench`.

- `bench`: all of it, in turn; `result`: reports/bench.json; `tables`: docs/speed.md; `plot`.
- `epoch`: an epoch against its matrix products; `article_loop`: the article's own way to train;
  `peers`: pythae, in an environment of its own, where `pythae_loop` runs.
- `phases`: what the train stage spends its time on, by a `clock`.
- `scale`: stages over rows and columns, in a `workspace`; `exponents`: how their cost grows.
- `pipeline`: `make reproduce` in a `clone`; `growth`: the same with 500 models, by `stand_in`.
- `usage`: seconds and memory of a command; `revision` and `machine`: of what, and where.
"""
