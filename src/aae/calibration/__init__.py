"""Level and power of the verdict, measured: `make calibrate`.

- `measure`: `calibrate`, resumable; `plan`: what is measured; `faults`: what is planted.
- `own_power`: power on a table's own rows beside brute force; `blind_spots`: faults by tests.
- `tolerance`: coverage of the intervals of effects.
- `tables`: what a calibration says, as tables and a plot; `version`: of which statistics.
"""
