"""`aae check`: the verdict on any two tables, without any model.

- `tables`: tables read alike, their columns of any kind as numbers.
- `checking`: `check`, two tables compared; `result`: what is said of them; `findings`: where they
  differ.
- `plan`: how many rows a verdict needs.
- `view`: checks in the terminal; `page`: as HTML, with `plots`; `wording`: sentences of both.
"""
