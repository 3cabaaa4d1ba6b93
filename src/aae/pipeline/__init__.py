"""conf/ composed into params.yaml, and everything that is out of date run.

- `configure`: `make params`; `reproduce`: `make reproduce`, in `lanes` side by side.
- `refusals`: what Hydra refuses of either, in one line.
- `integrity`: `make verify`, what is cached and checked out against its checksum.
- `live`: `make live`, losses of trainings while they run.
- `alone`: one at a time; `dvc_shared`: DVC for processes that share a cache.
- `worker`: a process that keeps DVC imported; `processes`: how one ends with all that it started.
"""
