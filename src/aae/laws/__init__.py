"""The distributions that rows are drawn from, with moments and marginals in closed form.

- `contract`: `Law`, what a distribution has to provide; `Sizes`, `Sample`.
- `families`: the six laws; `pooled`: `Pooled`, a law of others; `shares`: of their components.
- `moments`: `PopulationMoments`, and how they mix.
- `registry`: `LAWS` by kind, `law_from` parameters, `describe` and `pooled_cdf` for law.json.
"""
