"""A user's table: read, code, describe and split it.

- `source`: `TableSource`, what is configured.
- `formats`: `opened`, `load`, files column by column; it uses `separated` (CSV), `parquet` and
  `npy`; `column_file`: `ColumnFile`, columns on a disk.
- `reading`: `choose`, `Chosen.profile`, without rows in memory, and `read_table`, `Table` with
  them; `profile`: `Profile`; they use `features` (what is refused) and `labels`.
- `coding`: `coded`, columns of any kind as numbers; `schema`: `Schema`, and back.
- `splitting`: `split`; `description`: `describe`, `one_line`; `wording`: of messages.
- `packaged`: tables that installed packages ship.
"""
