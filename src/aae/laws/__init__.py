"""The distributions that rows are drawn from, with moments and marginals in closed form.

- `contract`: `Law`, what a distribution has to provide; `Sizes`, `Sample`, `Moments`.
- `families`: the six laws.
- `registry`: `LAWS` by kind, `law_from` parameters, `Pooled` laws, `describe` for law.json.
"""
