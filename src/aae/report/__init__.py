"""The page and its figures; the pages of `aae check` and `aae compare` are made of them, too.

- `runs`: what the other stages wrote, read; `content`: tables of it, `series` for `dvc plots`;
  `results`: `make results`.
- `page`: all of it drawn: `about` and `grid` are its first screen, `pictures` those of one run,
  made of `images` (rows as PNG) and `plots` (on `drawing`, SVG).
- `wording`: numbers and verdicts in words; `pages`: templates filled; `overview`: the figure of
  the README.
- `provenance`: MD5 of what a run wrote, as dvc.lock has them; `dated`: `make page`, with times.
"""
