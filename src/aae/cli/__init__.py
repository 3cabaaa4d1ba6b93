"""The command `aae`.

- `commands`: its subcommands, of `app`; `check`: that of two tables; `fit`: of a table.
"""
