"""conf/ composed into params.yaml, and everything that is out of date run.

- `configure`: `make params`; `reproduce`: `make reproduce`, in `lanes` side by side.
- `worker`: a process that keeps DVC imported; `processes`: how one ends with all that it started.
"""
