"""A user's table: read, check, describe and split it.

- `source`: `TableSource`, what is configured.
- `reading`: `Table`, `read_table`; it uses `formats` (CSV, Parquet, NPY) and `labels`.
- `splitting`: `split`; `description`: `describe`, `one_line`; `wording`: of messages.
- `packaged`: tables that installed packages ship.
"""
