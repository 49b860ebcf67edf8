"""A race's numbers as a table a person can read."""

from collections.abc import Mapping
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from trainwell.cli.show.tables import new_table, numbers

COLORS = {"converged": "green", "stuck": "yellow", "running": "", "escaped": "magenta", "diverged": "red"}
LONGEST = 24  # characters of a label before it is broken
NOTHING = 1e-9
COLUMNS = (
    ("value", "value"),
    ("gradient_norm", "gradient\nnorm"),
    ("settled_after", "settled\nafter"),
    ("zigzags", "zigzags"),
    ("overshoot", "overshoot"),
    ("path_length", "path\nlength"),
    ("evaluations", "evalua-\ntions"),
)


def race_table(results: Mapping[str, Any], title: str) -> Table:
    """One row per contender, best first; of several starts counts and medians."""
    longest = min(max(len("contender"), *(len(one["label"]) for one in results["contenders"])), LONGEST)
    columns = [
        numbers("", "dim"),
        Column("contender", style="bold", overflow="fold", min_width=longest, max_width=LONGEST),
        numbers("learning\nrate" + (", tuned" if results["tuned"] else "")),
        Column("end", no_wrap=True),
        *(numbers(heading, no_wrap=True) for _, heading in COLUMNS),
    ]
    rows = (
        [
            str(place),
            one["label"],
            f"{one['learning_rate']:.4g}",
            _end(one, results["num_starts"]),
            *(_cell(name, one["medians"][name]["median"]) for name, _ in COLUMNS),
        ]
        for place, one in enumerate(results["contenders"], 1)
    )
    return new_table(title, columns, rows)


def short(value: float | None) -> str:
    """A number in few characters.

    Example:
        >>> short(0.0), short(28.0), short(123456.0), short(1.2e-9), short(3.14159), short(None)
        ('0', '28', '123,456', '1.2e-09', '3.142', '–')
    """
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.2g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4g}"


def _cell(name: str, value: float | None) -> str:
    """A measure's median; an overshoot of rounding is none, and who has not settled never does."""
    if name == "settled_after" and value is None:
        return "never"
    return short(0.0 if name == "overshoot" and value is not None and value < NOTHING else value)


def _end(one: Mapping[str, Any], starts: int) -> Text:
    """The outcome of a contender's descent, or the number of descents per outcome."""
    if starts > 1:
        ends = sorted(one["outcomes"].items(), key=lambda end: -end[1])
        return Text("\n").join(Text(f"{count:,} {name}", style=COLORS[name]) for name, count in ends)
    (name,) = one["outcomes"]
    reached = one["descents"][0]["critical_point"]
    local = reached is not None and reached["kind"] == "minimum" and not reached["global"]
    where = "local minimum" if local else reached["kind"] if name == "stuck" and reached is not None else ""
    return Text(f"{name}\n{where}" if where else name, style=COLORS[name])


def race_title(results: Mapping[str, Any]) -> str:
    """Title of the table: surface, dimensions, updates and starts."""
    starts, surface = results["num_starts"], results["surface"]
    D = surface["dimension"]
    of = f" in {D} dimension{'s' * (D > 1)}" if D != 2 else ""
    medians = f", medians over {starts:,} starts" if starts > 1 else ""
    return f"{surface['name']}{of}, {results['steps']:,} update{'s' * (results['steps'] > 1)}{medians}"
