"""Whether a change helped: revisions compared over seeds, `aae compare`.

- `versions`: `compare` revisions; `revisions`, `contents`, `lock` and `objects`: read them.
- `comparison`, `pairing`, `relabelling`: exact tests over seeds; `ranking`: which is best.
- `history`: the last runs of a branch, and its experiments; `multiples`: drawings of them;
  `experiments`: what each of these has changed, `make experiments`.
- `speed`: of two revisions, where both were measured.
- `metrics`: what is compared; `view` and `forest`: for the eye; `seed_noise`: how often it errs.
"""
