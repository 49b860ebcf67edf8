"""Results as tables a person can read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainwell.cli.interval_plot import drawn_intervals

if TYPE_CHECKING:
    from rich.table import Table

PLOT_WIDTH = 24
FIXED_WIDTH = 70  # of a comparison's other columns
NAMES = {"accuracy": "accuracy", "r2": "R²", "loss": "loss", "rmse": "RMSE", "mae": "mean absolute error"}


def recipes_table(results: Mapping[str, Any], title: str, width: int) -> "Table":
    """One row per recipe, best first: mean and interval over seeds, drawn if `width` characters leave room."""
    from rich.text import Text

    score = str(results["score"])
    metric = score.split("/")[0]
    ordered = best_first(results)
    fields = list(ordered[0]["varied"]) or ["recipe"]
    cells = [_varied(recipe) for recipe in ordered]
    some_diverged = any(recipe["diverged"] for recipe in ordered)
    names = sum(3 + max(map(len, column)) for column in zip(fields, *cells, strict=True))
    room = width - FIXED_WIDTH - 4 * some_diverged - names
    table = new_table(title)
    table.add_column("", justify="right", style="dim")
    for field in fields:
        table.add_column(Text(field), style="bold", overflow="fold")
    table.add_column(f"validation\n{NAMES[metric]}", justify="right", style="bold cyan", min_width=10)
    table.add_column("95% interval\nover seeds", justify="center", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("validation\nloss", justify="right", min_width=10)
    if room >= 0:
        table.add_column(f"training\n{NAMES[metric]}", justify="right", min_width=8)
    table.add_column("seeds not\ndiverged" if some_diverged else "seeds", justify="right")
    values = [recipe["values"] for recipe in ordered]
    intervals = [(v[score]["mean"], v[score]["low"], v[score]["high"]) for v in values]
    plots = drawn_intervals(intervals, max(0, min(PLOT_WIDTH, room)))
    for rank, (recipe, seen, plot) in enumerate(zip(ordered, values, plots, strict=True), 1):
        training = [number(seen[f"{metric}/training"]["mean"], 4)] if room >= 0 else []
        n, networks = seen[score]["n"], recipe["networks"]
        table.add_row(
            str(rank),
            *map(Text, cells[rank - 1]),
            number(seen[score]["mean"], 4),
            ends(seen[score]),
            plot,
            number(seen["loss/validation"]["mean"], 4),
            *training,
            str(n) if n == networks else f"[red]{n} of {networks}[/]",
        )
    return table


def members_table(results: Mapping[str, Any], title: str) -> "Table":
    """One row per network, in the order of the seeds."""
    score = str(results["score"])
    metric = NAMES[score.split("/")[0]]
    table = new_table(title)
    for name, style in (("seed", "bold"), (f"validation\n{metric}", "bold cyan"), ("validation\nloss", "")):
        table.add_column(name, justify="right", style=style)
    for name in (f"training\n{metric}", "updates", "kept from\nupdate"):
        table.add_column(name, justify="right")
    table.add_column("end")
    for member in results["members"]:
        seen = member["values"]
        diverged = member["status"] == "diverged"
        table.add_row(
            str(member["seed"]),
            number(seen[score], 4),
            number(seen["loss/validation"], 4),
            number(seen[score.replace("validation", "training")], 4),
            f"{member['steps']:,}",
            "–" if diverged else f"{member['kept_step']:,}",
            f"[red]{member['status']}[/]" if diverged else member["status"],
        )
    return table


def scores_table(scores: Mapping[str, float | None], rows: int) -> "Table":
    """A model's scores on some rows."""
    table = new_table(f"scores on {rows:,} rows")
    table.show_header = False
    table.add_column("")
    table.add_column("", justify="right", style="bold cyan")
    for name, value in scores.items():
        table.add_row(NAMES[name], number(value, 4))
    return table


def best_first(results: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The recipes by mean score; those without any (all diverged) last."""
    means = [recipe["values"][results["score"]]["mean"] for recipe in results["recipes"]]
    order = sorted(range(len(means)), key=lambda i: (means[i] is None, -(means[i] or 0.0)))
    return [results["recipes"][i] for i in order]


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals; significant digits where it is large; a dash if there is none."""
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.{digits}g}"


def ends(interval: Mapping[str, float | None], digits: int = 3) -> str:
    """An interval's ends."""
    if interval["low"] is None or interval["high"] is None:
        return "–"
    return f"{number(interval['low'], digits)} – {number(interval['high'], digits)}"


def _varied(recipe: Mapping[str, Any]) -> list[str]:
    from trainwell.cli.fields import written

    return [written(value) for value in recipe["varied"].values()] or [str(recipe["label"])]


def new_table(title: str) -> "Table":
    """An empty table in the style of all."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    return Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
