"""The command `aae`.

- `commands`: its subcommands.
"""
