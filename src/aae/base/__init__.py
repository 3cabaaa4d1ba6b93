"""What every room may use: checks of values, whole-or-nothing files, the frame of a stage.

- `checks`: `expect`, and rules of values: one line that says what was expected and what came.
- `settings`: `setting`, a field with its default and rule; `check_fields`.
- `columns`: `kind_of`, what a column's rows say of it: sign, whole numbers, grid, atoms, spike.
- `files`: `replacing`, `remove_leftovers`, `write_json`, `read_json`.
- `plain_yaml`: `check_yaml`, before a file of configuration is read.
- `checksums`: `write_checksums`, `read_checked`, of the files of a model.
- `stage`: a stage as a Hydra application; `one_thread`: imported before NumPy.
- `journal`: how long the stages of this machine took, beside what they write.
- `intervals`: `margin` of a mean over seeds, that of a `proportion`.
- `markers`: tables within documents; `jobs`: `--jobs`.
"""
