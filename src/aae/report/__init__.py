"""The page and its figures; the pages of `aae check` and `aae compare` are made of them, too.

- `content`: what was found, read and tabulated; `page`: all of it drawn.
- `figures`: pictures; `pages`: templates filled; `results`: `make results`.
"""
