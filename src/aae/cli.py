"""The command `aae`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def commands() -> None:
    """Does this generative model really model this distribution?"""


@app.command()
def sample(
    model: Annotated[
        Path, typer.Argument(help="folder of a trained model: models/NAME/VARIANT/SEED")
    ],
    out: Annotated[Path, typer.Option(help="file to write: .npy, .csv or .parquet")],
    rows: Annotated[int, typer.Option(help="how many rows")] = 1000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same rows")] = 0,
) -> None:
    """Draw new rows from a trained generator; TensorFlow is not needed."""
    from rich.progress import Progress

    from aae.sampling import sample as draw

    with Progress(transient=True) as progress:
        task = progress.add_task(f"{rows:,} rows", total=rows)
        draw(model, rows, out, seed, lambda done: progress.advance(task, done))
    typer.echo(f"wrote {rows} rows to {out}", err=True)


def main() -> None:
    """Run the command line; a user's mistake ends with one line and exit code 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
