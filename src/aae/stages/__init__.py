"""The stages of dvc.yaml: each reads files, calls pure functions and writes files."""

import os

# One thread a process, set before NumPy loads: sums then come out the same, bit by bit, however
# many stages run side by side.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
