"""The command `aae`."""

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

import aae.cli.check
import aae.cli.fit  # noqa: F401 (subcommands)
from aae.base.checks import expect
from aae.cli.app import Result, app, writable, write_page
from aae.tables.wording import printable


@app.command()
def sample(
    model: Annotated[
        Path, typer.Argument(help="folder of a trained model: models/NAME/VARIANT/SEED")
    ],
    out: Annotated[
        Path, typer.Option(help="file to write: .npy, .csv or .parquet", callback=writable)
    ],
    rows: Annotated[int, typer.Option("--rows", "-n", help="how many rows")] = 1000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same rows")] = 0,
) -> None:
    """Draw new rows from a trained generator; TensorFlow is not needed."""
    from rich.console import Console
    from rich.progress import Progress

    from aae.generator.sampling import sample as draw

    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task(f"{rows:,} rows", total=rows)
        draw(model, rows, out, seed, lambda done: progress.advance(task, done))
    typer.echo(f"wrote {rows} rows to {out}", err=True)


@app.command()
def compare(
    base: Annotated[
        str, typer.Argument(help="git revision, branch, tag, DVC experiment, or `workspace`")
    ] = "HEAD",
    others: Annotated[
        list[str] | None, typer.Argument(metavar="[OTHER]...", help="the same; the workspace")
    ] = None,
    json: Annotated[Path | None, Result] = None,
    html: Annotated[
        Path | None, typer.Option(help="write a page with plots here, too", callback=writable)
    ] = None,
    runs: Annotated[
        int,
        typer.Option(min=0, help="with --html: draw so many last runs of this branch, and sweeps"),
    ] = 0,
) -> None:
    """Did a change help? Each OTHER against BASE, metric by metric over seeds.

    Exit code 0: not worse, 1: worse, 2: could not compare (or too few seeds to tell).
    """
    from rich.console import Console
    from rich.progress import Progress

    from aae.base.files import write_json
    from aae.compare.history import read_history
    from aae.compare.versions import compare as against
    from aae.compare.versions import exit_code
    from aae.compare.view import layout, page

    expect(html is not None or not runs, "--html where --runs is given", runs)
    names = others or ["workspace"]
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("reading", total=len(names) + 1)
        comparisons = against(base, names, lambda _: progress.advance(task))
    Console().print(layout(comparisons))
    if json:
        write_json(json, [each.to_dict() for each in comparisons])
    if html:
        write_page(html, page(comparisons, read_history(runs) if runs else None))
    raise typer.Exit(exit_code(comparisons))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    options_metavar="[OPTIONS] [KEY=VALUE,VALUE]...",
)
def sweep(
    overrides: typer.Context,
    multirun: Annotated[bool, typer.Option("-m", "--multirun", help="as Hydra's; implied")] = True,
    hub: Annotated[
        str | None, typer.Option(help="git repository that all machines reach; else this one")
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(help="key in reports/metrics.json for a sweeper such as optuna"),
    ] = None,
    best: Annotated[
        bool, typer.Option("--best", help="run nothing: rank the experiments of this commit")
    ] = False,
    by: Annotated[
        str | None, typer.Option(help="what --best ranks by: a metric of aae compare; AUC gap")
    ] = None,
) -> None:
    """Run one DVC experiment for each combination of values: aae sweep -m model.latent=2,8.

    Started again, it runs what is missing. Exit code 0: all are there, 1: some failed, which are
    named, 2: could not start.
    """
    if best:
        others = [*overrides.args, *filter(None, [hub, objective])]
        expect(not others, "nothing beside --best but --by", others)
        print_best(by)
    else:
        expect(by is None, "--best where --by is given", by)
        from aae.sweep.multirun import sweep as run

        raise typer.Exit(run(overrides.args, hub, objective))


def print_best(metric: str | None) -> None:
    """Print the experiments of this commit, the best first."""
    from rich.console import Console

    from aae.sweep.best import best, layout

    with Console(stderr=True).status("reading"):
        rankings, left_out = best(metric)
    Console().print(layout(rankings))
    for line in left_out:
        typer.echo(line, err=True)


def main() -> None:
    """Run the command line; a user's mistake ends with one line and exit code 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"error: {printable(str(error))}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        missing = f"expected the package {error.name} for this command, got none"
        typer.echo(f"error: {missing}: pip install '.[pipeline]'", err=True)
        sys.exit(2)
    except Exception:  # a fault of ours: never the exit code of a verdict
        traceback.print_exc()
        sys.exit(2)
