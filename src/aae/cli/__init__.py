"""The command `aae`.

- `commands`: its subcommands; `check`: two tables judged.
"""
