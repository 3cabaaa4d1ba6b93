"""A user's table: read, code, describe and split it.

- `source`: `TableSource`, what is configured.
- `reading`: `Table`, `read_table`; it uses `formats` (CSV, Parquet, NPY) and `labels`.
- `coding`: `coded`, columns of any kind as numbers; `schema`: `Schema`, and back.
- `splitting`: `split`; `description`: `describe`, `one_line`; `wording`: of messages.
- `packaged`: tables that installed packages ship.
"""
