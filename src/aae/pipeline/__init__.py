"""conf/ composed into params.yaml, and everything that is out of date run.

- `configure`: `make params`; `reproduce`: `make reproduce`, lanes side by side.
"""
