"""The command `aae`."""

import os
import sys
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aae.base.checks import expect
from aae.check.tables import Reading
from aae.verdict.judge import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def writable(path: Path | None) -> Path | None:
    """Expect, before any work, a place for a file.

    Raises:
        ValueError: there is a folder, or one of its folders is a file.
    """
    if path is not None:
        expect(not path.is_dir(), "a file to write, not a folder", str(path))
        above = next(folder for folder in path.parents if folder.exists())
        expect(above.is_dir(), f"a folder to write {path.name} into", str(above))
    return path


def write_page(path: Path, text: str) -> None:
    """Write an HTML page, whole or not at all."""
    from aae.base.files import replacing

    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


Result = typer.Option(help="write the result here, too", callback=writable)


@app.callback()
def commands() -> None:
    """Does this generative model really model this distribution?"""


@app.command()
def sample(
    model: Annotated[
        Path, typer.Argument(help="folder of a trained model: models/NAME/VARIANT/SEED")
    ],
    out: Annotated[
        Path, typer.Option(help="file to write: .npy, .csv or .parquet", callback=writable)
    ],
    rows: Annotated[int, typer.Option(help="how many rows")] = 1000,
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
def check(
    real: Annotated[Path, typer.Argument(help="rows that the generator did not learn from")],
    generated: Annotated[
        list[Path] | None, typer.Argument(help="rows of a generator, of each; none with --plan")
    ] = None,
    label: Annotated[str | None, typer.Option(help="column of REAL that holds classes")] = None,
    train: Annotated[Path | None, typer.Option(help="rows that the generator learned from")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="leave a column out; repeatable")
    ] = None,
    sep: Annotated[str, typer.Option(help="between the cells of CSV; \\t: tabs")] = ",",
    na: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="means a gap, too; repeatable")
    ] = None,
    allow_memorisation: Annotated[
        bool, typer.Option("--allow-memorisation", help="memorised training rows: no exit code 1")
    ] = False,
    permutations: Annotated[
        int, typer.Option(help="of the labels real and generated")
    ] = Settings.permutations,
    alpha: Annotated[float, typer.Option(help="level over all tests together")] = Settings.alpha,
    seed: Annotated[int, typer.Option(help="of permutations and subsamples")] = Settings.seed,
    power: Annotated[
        bool, typer.Option("--power", help="measure on these rows what they could have shown")
    ] = False,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER|EFFECT=NUMBER",
            help="differences so small do not matter: 0.1, or of std, mean, correlation or auc, "
            "std=0.05; repeatable",
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="only say how many rows like REAL would do")
    ] = False,
    json: Annotated[Path | None, Result] = None,
    html: Annotated[
        Path | None, typer.Option(help="write a page here, too", callback=writable)
    ] = None,
) -> None:
    """Judge generated tables against a real one: CSV with a header, Parquet or NPY.

    Text, dates and gaps are judged, too. Several generators share the level.

    Exit code 0: not distinguished, 1: different (or training rows memorised), 2: could not judge.
    With --tolerance 0: all within, 1: different by more (or a hard check failed), 2: undecided.
    """
    from rich.console import Console

    from aae.base.files import write_json
    from aae.check.checking import as_json, exit_code, shared
    from aae.check.checking import check as judge
    from aae.check.view import layout
    from aae.verdict.tolerance import tolerances

    settings = Settings(permutations, alpha, seed)
    reading = Reading(label, tuple(drop or ()), sep.replace("\\t", "\t"), tuple(na or ()))
    paths, wanted = generated or [], tolerances(tolerance or ())
    if plan:
        expect(not paths, "no GENERATED beside --plan", ", ".join(map(str, paths)))
        return show_plan(real, reading, settings, json)
    if not paths:
        raise ValueError("expected GENERATED or --plan, got REAL alone")
    each = shared(settings, len(paths))
    terms = partial(judge, train=train, reading=reading, power=power, tolerance=wanted)
    with Console(stderr=True).status("judging"):
        checks = [terms(real, path, settings=each) for path in paths]
    checks = [replace(each, allow_memorisation=allow_memorisation) for each in checks]
    Console().print(layout(checks, alpha))
    if json:
        write_json(json, as_json(checks))
    if html:
        from aae.check.page import page

        write_page(html, page(checks))
    raise typer.Exit(exit_code(checks))


def show_plan(real: Path, reading: Reading, settings: Settings, json: Path | None) -> None:
    """Print how many rows a verdict needs, and write it where JSON is asked for."""
    from rich.console import Console

    from aae.base.files import write_json
    from aae.check.plan import plan_view, planned

    with Console(stderr=True).status("dividing rows"):
        found = planned(real, reading=reading, settings=settings)
    Console().print(plan_view(found))
    if json:
        write_json(json, found.to_dict())


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
) -> None:
    """Did a change help? Each OTHER against BASE, metric by metric over seeds.

    Exit code 0: not worse, 1: worse, 2: could not compare (or too few seeds to tell).
    """
    from rich.console import Console
    from rich.progress import Progress

    from aae.base.files import write_json
    from aae.compare.versions import compare as against
    from aae.compare.versions import exit_code
    from aae.compare.view import page, table

    names = others or ["workspace"]
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("reading", total=len(names) + 1)
        found = against(base, names, lambda _: progress.advance(task))
    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    Console(width=120 if wide else None).print(table(found))
    if json:
        write_json(json, [each.to_dict() for each in found])
    if html:
        write_page(html, page(found))
    raise typer.Exit(exit_code(found))


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

    from aae.sweep.best import best, table

    with Console(stderr=True).status("reading"):
        rankings, left_out = best(metric)
    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    for each in rankings:
        Console(width=120 if wide else None).print(table(each))
    for line in left_out:
        typer.echo(line, err=True)


def main() -> None:
    """Run the command line; a user's mistake ends with one line and exit code 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        missing = f"expected the package {error.name} for this command, got none"
        typer.echo(f"error: {missing}: pip install '.[pipeline]'", err=True)
        sys.exit(2)
    except Exception:  # a fault of ours: never the exit code of a verdict
        traceback.print_exc()
        sys.exit(2)
