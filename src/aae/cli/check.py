"""`aae check`: two tables, or one and how many of its rows would do."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from aae.base.checks import expect
from aae.check.result import Check
from aae.check.tables import Reading
from aae.cli.app import Gaps, Result, Separator, app, writable, write_page
from aae.verdict.judge import Settings


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
    sep: Annotated[str, Separator] = ",",
    na: Annotated[list[str] | None, Gaps] = None,
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
    from aae.check.result import exit_code
    from aae.verdict.tolerance import tolerances

    settings = Settings(permutations, alpha, seed)
    reading = Reading(label, tuple(drop or ()), sep, tuple(na or ()))
    paths = generated or []
    if plan:
        others = [*map(str, paths), *(["--tolerance"] if tolerance else [])]
        expect(not others, "nothing else beside REAL and --plan", ", ".join(others))
        return show_plan(real, reading, settings, json)
    if not paths:
        raise ValueError("expected GENERATED or --plan, got REAL alone")
    terms = {"train": train, "power": power, "tolerance": tolerances(tolerance or ())}
    checks = made_checks(real, paths, reading, settings, terms)
    checks = [replace(each, allow_memorisation=allow_memorisation) for each in checks]
    show_checks(checks, alpha, json, html)
    raise typer.Exit(exit_code(checks))


def made_checks(
    real: Path, paths: Sequence[Path], reading: Reading, settings: Settings, terms: dict[str, Any]
) -> list[Check]:
    """Judge each table; all together have the level of the settings."""
    from rich.console import Console

    from aae.check.checking import check as judge
    from aae.check.checking import shared

    of_each = shared(settings, len(paths))
    with Console(stderr=True).status("judging"):
        return [judge(real, path, reading=reading, settings=of_each, **terms) for path in paths]


def show_checks(
    checks: Sequence[Check], alpha: float, json: Path | None, html: Path | None
) -> None:
    """Print the answers, and write them where a file is asked for."""
    from rich.console import Console

    from aae.base.files import write_json
    from aae.check.result import as_json
    from aae.check.view import layout

    Console().print(layout(checks, alpha))
    if json:
        write_json(json, as_json(checks))
    if html:
        from aae.check.page import page

        write_page(html, page(checks))


def show_plan(real: Path, reading: Reading, settings: Settings, json: Path | None) -> None:
    """Print how many rows a verdict needs, and write it where JSON is asked for."""
    from rich.console import Console

    from aae.base.files import write_json
    from aae.check.plan import plan_view, planned

    with Console(stderr=True).status("dividing rows"):
        needed = planned(real, reading=reading, settings=settings)
    Console().print(plan_view(needed))
    if json:
        write_json(json, needed.to_dict())
