"""What a calibration says: shares with exact intervals, tables, a plot."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aae.base.files import replacing
from aae.calibration.plan import DEFAULT_PERMUTATIONS, PLANTED, Setting

ALPHA, MOST, LEAST = 0.05, 0.065, 0.02  # level: asked for, upper limit at most, else wasted power
Record = Mapping[str, Any]


def share(count: int, repeats: int) -> dict[str, Any]:
    """Return a count, its share, and the exact 95% interval (Clopper & Pearson 1934)."""
    from scipy.stats import binomtest

    limits = binomtest(count, repeats).proportion_ci(0.95, "exact")
    low, high = (round(float(each), 5) for each in limits)
    return {"count": count, "share": round(count / repeats, 5), "interval": [low, high]}


def summary(measured: Iterable[tuple[Setting, Sequence[Record]]]) -> dict[str, Any]:
    """Return `levels` and `power`, ready for JSON, of all settings with a finished repeat."""
    levels, power = [], []
    for setting, records in measured:
        if records and setting.fault:
            power.append(_row(setting, records))
        elif records:
            row = _row(setting, records)
            levels.append(row | {"says": says(row)})
    return {"levels": levels, "power": power}


def _row(setting: Setting, records: Sequence[Record]) -> dict[str, Any]:
    verdicts = Counter(record["verdict"] for record in records)
    tests = {name: 0 for record in records for name in record["p"]}
    for record in records:
        for name, p in record["p"].items():
            tests[name] += p <= ALPHA
    about = {
        "setting": setting.key,
        **asdict(setting),
        "given": list(setting.given),
        "repeats": len(records),
        "errors": verdicts["error"],
    }
    by_test = {name: share(count, len(records)) for name, count in tests.items()}
    counted = share(verdicts["different"], len(records))
    return about | counted | {"seen_by": _seen_by(records), "tests": by_test}


def _seen_by(records: Sequence[Record]) -> dict[str, int]:
    """Count which tests reject after Holm's correction, and hard checks that fail."""
    names = Counter(name for record in records for name in record["rejecting"])
    names["hard checks"] = sum(bool(record["failed"]) for record in records)
    return {name: count for name, count in names.most_common() if count}


def says(row: Mapping[str, Any]) -> str:
    """Judge a measured level by its interval."""
    low, high = row["interval"]
    if low > ALPHA:
        return "too high"
    if high > MOST:
        return "not shown"
    return "holds, but wastes power" if row["share"] < LEAST else "holds"


def tables(calibration: Mapping[str, Any]) -> str:
    """Return levels, power and detectable effects as Markdown."""
    repeats = sum(row["repeats"] for kind in ("levels", "power") for row in calibration[kind])
    head = (
        f"Statistics `{calibration['statistics']}`, {repeats} verdicts. "
        f"Measured less than planned: {len(calibration['unfinished'])}."
    )
    planted = [row for row in calibration["power"] if _planted(row)]
    others = [row for row in calibration["power"] if not _planted(row)]
    parts = [head, _level_table(calibration["levels"]), _power_table(planted)]
    parts += ["Effects seen with 80% power:", _effects(calibration["detectable"])]
    return "\n\n".join([*parts, "Sizes tried to find these:", _power_table(others)])


def _planted(row: Mapping[str, Any]) -> bool:
    return any((row["fault"], row["size"], row["source"]) == each[:3] for each in PLANTED)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _cell(row: Mapping[str, Any], percent: str = ".0f") -> str:
    values = (100 * each for each in (row["share"], *row["interval"]))
    level, low, high = (format(each, percent) for each in values)
    return f"{level}% ({low} to {high})"


def _level_table(levels: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for row in levels:
        given = f", with {', '.join(row['given'])}" if row["given"] else ""
        highest, name = max((test["share"], name) for name, test in row["tests"].items())
        sizes = [row[name] for name in ("rows", "columns", "permutations", "repeats")]
        rows.append(
            [
                f"{row['source']}{given}",
                *sizes,
                _cell(row, ".1f"),
                f"{name} {100 * highest:.1f}%",
                row["says"],
            ]
        )
    head = ["real rows against real rows", "n", "d", "B", "repeats", "`different`"]
    return _table([*head, "largest level of one test", "5% level"], rows)


def _power_table(power: Sequence[Mapping[str, Any]]) -> str:
    lines: dict[tuple[str, ...], dict[int, str]] = {}
    for row in power:
        size = f"{row['size']:.3g}" if row["size"] else ""
        key = (row["fault"], size, row["source"], str(row["columns"]))
        by = max(row["seen_by"], key=row["seen_by"].get, default="-")
        lines.setdefault(key, {})[row["rows"]] = f"{_cell(row)}, {row['repeats']}x, {by}"
    sizes = sorted({row["rows"] for row in power})
    rows = [[*key, *(cells.get(n, "") for n in sizes)] for key, cells in sorted(lines.items())]
    return _table(["fault", "size", "rows of", "d", *(f"n = {n}" for n in sizes)], rows)


def _effects(detectable: Sequence[Mapping[str, Any]]) -> str:
    names = ["rows", "columns", "repeats", "std", "correlation", "mean"]
    order = sorted(detectable, key=lambda each: (each["columns"], each["rows"]))
    return _table(names, [[_number(each, name) for name in names] for each in order])


def _number(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return str(value) if value is not None else "none" if name in entry else ""


def power_table(calibration: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the package keeps of a calibration, see `aae.verdict.power.known_power`."""
    order = sorted(calibration["detectable"], key=lambda each: (each["columns"], each["rows"]))
    entries = [{name: each[name] for name in each if name != "repeats"} for each in order]
    return {
        "alpha": ALPHA,
        "permutations": DEFAULT_PERMUTATIONS,
        "statistics": calibration["statistics"],
        "measured_on": "independent Gaussian columns",
        "detectable": entries,
    }


def write_plot(calibration: Mapping[str, Any], path: Path) -> None:
    """Draw levels with their intervals and limits, and power by the number of rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_levels(left, calibration["levels"])
    _draw_power(right, calibration["power"])
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": None})


def _draw_levels(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for place, row in enumerate(reversed(rows)):
        axes.plot(row["interval"], [place, place], color="#3b7dd8", lw=2)
        axes.plot(row["share"], place, "o", color="#3b7dd8", ms=4)
        singles = [test["share"] for test in row["tests"].values()]
        axes.plot(singles, [place] * len(singles), "|", color="#9aa3ad", ms=7)
    names = [row["setting"].removeprefix("level: ") for row in reversed(rows)]
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    for limit, style in ((ALPHA, "-"), (MOST, "--"), (LEAST, ":")):
        axes.axvline(limit, color="#444444", lw=0.8, ls=style)
    axes.set(xlim=(0, None), xlabel="share of `different`, real against real")
    axes.set_title("Level; grey: single tests at 5%; lines: 2%, 5%, 6.5%", fontsize=9)


def _draw_power(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    rows = [row for row in rows if row["columns"] == 10 and _planted(row)]
    keys = sorted({_fault_name(row) for row in rows}, reverse=True)
    colours = {200: "#e07b39", 1000: "#3b7dd8", 4000: "#3a9d5d"}
    for row in rows:
        if row["rows"] in colours:
            offset = 0.22 * (list(colours).index(row["rows"]) - 1)
            place, colour = keys.index(_fault_name(row)) - offset, colours[row["rows"]]
            axes.plot(row["interval"], [place, place], color=colour, lw=1.2)
            axes.plot(row["share"], place, "o", color=colour, ms=3.5)
    axes.set_yticks(range(len(keys)), keys, fontsize=7)
    axes.axvline(0.8, color="#444444", lw=0.8, ls="--")
    for n, colour in colours.items():
        axes.plot([], [], "o-", color=colour, label=f"n = {n}")
    axes.legend(fontsize=7, ncols=3, loc="lower center", bbox_to_anchor=(0.4, -0.13))
    axes.set(xlim=(0, 1.02), xlabel="share of `different`, 10 columns")
    axes.set_title("Power for planted faults, with 95% intervals", fontsize=9)


def _fault_name(row: Mapping[str, Any]) -> str:
    return f"{row['fault']} {row['size']:.3g} ({row['source']})"
