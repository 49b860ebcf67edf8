"""Results as tables a person can read."""

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from trainwell.core import METRICS, TITLES

if TYPE_CHECKING:
    from rich.table import Table


def members_table(results: Mapping[str, Any], title: str) -> "Table":
    """One row per network, in the order of the seeds."""
    from rich.text import Text

    score = str(results["score"])
    metric = METRICS[score.split("/")[0]]
    table = new_table(title)
    losses = [] if score == "loss/validation" else [("validation\nloss", "")]  # once, where networks are judged by it
    for name, style in (("seed", "bold"), (f"validation\n{metric.title}", "bold cyan"), *losses):
        table.add_column(name, justify="right", style=style)
    for name in (f"training\n{metric.title}", "updates", "kept from\nupdate"):
        table.add_column(name, justify="right")
    table.add_column("end")
    for member in results["members"]:
        seen = member["values"]
        diverged = member["status"] == "diverged"
        table.add_row(
            str(member["seed"]),
            number(seen[score], 4),
            *(number(seen["loss/validation"], 4) for _ in losses),
            number(seen[score.replace("validation", "training")], 4),
            f"{member['steps']:,}",
            "–" if diverged else f"{member['kept_step']:,}",
            Text(member["status"], style="red" if diverged else ""),
        )
    return table


def scores_table(scores: Mapping[str, float | None], rows: int) -> "Table":
    """A model's scores on some rows."""
    table = new_table(f"scores on {rows:,} rows")
    table.show_header = False
    table.add_column("")
    table.add_column("", justify="right", style="bold cyan")
    for name, value in scores.items():
        table.add_row(TITLES[name], number(value, 4))
    return table


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals; significant digits where it is large; a dash if there is none."""
    if value is None or isnan(value):
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.{digits}g}"


def ends(interval: Mapping[str, float | None], digits: int = 3) -> str:
    """An interval's ends."""
    if interval["low"] is None or interval["high"] is None:
        return "–"
    return f"{number(interval['low'], digits)} – {number(interval['high'], digits)}"


def on_test_split(test: Mapping[str, Any], what: str = "") -> str:
    """A model's score on the test split with its interval, or the error in the target's unit where R² is undefined.

    Args:
        test: `TestQuality.to_json()`.
        what: to follow the metric's name.
    """
    interval, rows = test["interval"], f"{test['n']:,} rows, read once"
    if why := interval.get("undefined"):
        return f"RMSE{what}: {number(test['scores']['rmse'], 4)} ({rows}; R² is undefined, {why})"
    return f"{TITLES[interval['name']]}{what}: {number(interval['mean'], 4)} (95% interval {ends(interval)}, {rows})"


def new_table(title: str) -> "Table":
    """An empty table in the style of all."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    return Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
