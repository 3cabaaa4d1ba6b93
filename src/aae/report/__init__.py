"""The page and its figures; the pages of `aae check` and `aae compare` are made of them, too.

- `runs`: what the other stages wrote, read; `content`: tables of it; `page`: all of it drawn.
- `figures`: pictures; `pages`: templates filled; `results`: `make results`.
"""
