"""A data set on disk: rows, labels and what is known of their law.

- `splits`: `Split`, `read_split`, `write_split`, `size_of`, `growing`, `read_law`.
- `extent`: `check_range`, of what can be computed with; `expect_room`, on the disk.
"""
