"""How fast it is: `make bench`.

- `speed`: an epoch, the stages and sampling, timed.
"""
