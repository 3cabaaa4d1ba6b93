"""A user's table: read, check, describe and split it.

- `table`: `TableSource` (what is configured), `read_table`, `split`, `describe`.
- `packaged`: tables that installed packages ship.
"""
