"""Many experiments on one machine or a Slurm cluster: `aae sweep`.

- `multirun`: `sweep`, a Hydra multirun; `experiment`: one job; `hub`: their git repository.
- `progress`: the bar; `best`: their ranking.
"""
