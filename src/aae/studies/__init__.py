"""What a study measures of trained models beyond `evaluate`, and what its tables say.

- `measures`: `MEASURES`, by name, and the contract; `trained`: what each is given.
- `verdicts`, `modes`, `robustness`, `images`: one measure each; `parzen`: a log-likelihood.
- `records`: what experiments have measured; `tables`: their tables, `make verdicts` and so on.
"""
