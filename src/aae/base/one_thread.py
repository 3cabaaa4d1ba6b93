"""One thread a process: imported for its effect, before NumPy loads.

Sums then come out the same, bit by bit, however many processes run side by side.
"""

import os

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
