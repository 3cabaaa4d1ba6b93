"""The command `aae`.

- `commands`: its subcommands; `check`: two tables judged; `plan`: how many rows that needs.
"""
