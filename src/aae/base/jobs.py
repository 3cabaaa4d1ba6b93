"""The option `--jobs` of commands that run things side by side."""

import argparse


def add_jobs(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--jobs`, a whole number of at least 1; the parser ends with one line otherwise."""
    parser.add_argument("--jobs", type=_jobs, default=1, help=f"{what} that run side by side")


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text!r}")
    return int(text)
