"""`aae check`: the verdict on any two tables, without any model.

- `tables`: two tables read alike; `checking`: `check`, what is said of them.
- `view`: in the terminal; `page`: as HTML.
"""
