"""What a study measures of trained models beyond `evaluate`, and what its tables say.

- `measures`: `MEASURES`, by name, and the contract; `trained`: what each is given.
- `verdicts`, `modes`, `robustness`, `images`, `closeness`, `baselines` and `peers`: one measure
  each; `parzen`: a log-likelihood; `peer_rows`: what runs in the peers' own environment.
- `records`: the files of measurements; `experiments`: these of DVC experiments.
- `tables`: what they say, `make verdicts` and so on.
"""
