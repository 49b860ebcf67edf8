"""A comparison's results as a table and sentences a person can read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainwell.cli.fields import written
from trainwell.cli.interval_plot import drawn_intervals
from trainwell.cli.tables import NAMES, ends, new_table, number

if TYPE_CHECKING:
    from rich.table import Table

PLOT_WIDTH = 24
FIXED_WIDTH = 76  # of the columns but labels, tuned values and the drawing
OPTIONAL_WIDTH = 13  # of a tuned value's column, and of that of diverged runs
LONGEST = 30  # characters of a label before it is broken
MOST_VERDICTS = 15
ORDER = ("differs", "equivalent", "undecided")


def contenders_table(part: Mapping[str, Any], title: str, width: int) -> "Table":
    """One row per contender, best first: mean and interval over seeds, drawn if `width` characters leave room."""
    from rich.text import Text

    by_label = {one["label"]: one for one in part["contenders"]}
    ordered = [by_label[label] for label in part["ranking"]]
    tuned = [[_value(value) for value in one["tuned"].values()] for one in ordered]
    fields = [name.replace("_", "\n", 1) for name in ordered[0]["tuned"]]
    some_diverged = any(one["diverged"] for one in ordered)
    longest = min(max(len("contender"), *map(len, by_label)), LONGEST)
    room = width - FIXED_WIDTH - OPTIONAL_WIDTH * (len(fields) + some_diverged) - longest
    table = new_table(title)
    table.add_column("", justify="right", style="dim")
    table.add_column("contender", style="bold", overflow="fold", min_width=longest)
    table.add_column(f"validation\n{NAMES[part['metric']]}", justify="right", style="bold cyan", no_wrap=True)
    table.add_column("95% interval\nover seeds", justify="center", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("seeds", justify="right")
    if some_diverged:
        table.add_column("of which\ndiverged", justify="right", style="red")
    table.add_column("epochs to\ntarget", justify="right", no_wrap=True)
    table.add_column("s per\nnetwork", justify="right")
    for field in fields:
        table.add_column(Text(field), justify="right")
    means = [one["mean"] for one in ordered]
    plots = drawn_intervals([(one["mean"], one["low"], one["high"]) for one in means], max(0, min(PLOT_WIDTH, room)))
    for rank, (one, plot, values) in enumerate(zip(ordered, plots, tuned, strict=True), 1):
        table.add_row(
            str(rank),
            Text(one["label"]),
            number(one["mean"]["mean"], 4),
            ends(one["mean"]),
            plot,
            str(one["n"]),
            *([str(one["diverged"] or "")] if some_diverged else []),
            number(one["epochs_to_target"]["mean"], 1),
            _seconds(one["seconds_per_network"]),
            *map(Text, values),
        )
    return table


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _value(value: Any) -> str:
    return "as given" if value is None else f"{value:.3g}" if isinstance(value, float) else written(value)


def verdicts(part: Mapping[str, Any]) -> Sequence[str]:
    """One line per pair, decided ones first, and how many more there are on the page."""
    pairs = sorted(part["pairs"], key=lambda pair: (ORDER.index(pair["outcome"]), -abs(pair["difference"] or 0.0)))
    lines = [str(pair["words"]) for pair in pairs[:MOST_VERDICTS]]
    left = len(pairs) - len(lines)
    return [*lines, f"… and {left} more on the page"] if left else lines


def across_line(across: Mapping[str, Any]) -> str:
    """The contenders' ranks over data sets, best first."""
    ranked = sorted(across["mean_ranks"].items(), key=lambda one: one[1])
    ranks = ", ".join(f"{label} {rank:.2f}" for label, rank in ranked)
    return f"mean ranks: {ranks} (Friedman's p {number(across['friedman_p'], 3)})"
