"""`aae fit`: a table in, a trained model out, without the pipeline."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from aae.base.checks import expect
from aae.cli.app import Gaps, Separator, app


@app.command()
def fit(
    table: Annotated[Path, typer.Argument(help="CSV with a header, Parquet or NPY")],
    out: Annotated[Path, typer.Option(help="folder to write the model into")],
    label: Annotated[str | None, typer.Option(help="column that holds classes")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="leave a column out; repeatable")
    ] = None,
    sep: Annotated[str, Separator] = ",",
    na: Annotated[list[str] | None, Gaps] = None,
    set: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="model.codes=4, train.steps=500; repeatable"),
    ] = None,
    seed: Annotated[int, typer.Option(help="the same seed gives the same model")] = 0,
) -> None:
    """Learn the law of a table's rows: text, booleans and gaps, too.

    `aae sample OUT` then draws new rows. Whether they follow the law, only rows that were left out
    of TABLE can tell: `aae check`.
    """
    from aae.api.fitting import fit_table
    from aae.tables.description import one_line
    from aae.tables.formats import opened
    from aae.tables.reading import table_of

    model = out / "generator.onnx"
    expect(not out.exists() or model.is_file(), "no folder or a model to replace", str(out))
    with opened(table, sep, na or ()) as file:
        read = table_of(file, table.name, label, drop or ())
    typer.echo(one_line(read, table, label), err=True)
    line = fit_table(read, out, dict(map(setting, set or ())), seed)
    typer.echo(f"wrote {out}: {line}", err=True)


def setting(text: str) -> tuple[str, Any]:
    """A key and its value, JSON or a word.

    Raises:
        ValueError: no `=`.
    """
    key, equals, value = text.partition("=")
    expect(bool(equals), "KEY=VALUE in --set", text)
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value
