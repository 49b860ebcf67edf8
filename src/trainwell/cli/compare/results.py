"""A comparison's numbers as a table and sentences a person can read."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from trainwell.cli.show.tables import BEST, drawn_intervals, ends, new_table, number, numbers
from trainwell.comparison import extra_trials
from trainwell.core import METRICS, value_text

PLOT_WIDTH = 24
FIXED_WIDTH = 76  # of the columns but labels, tuned values and the drawing
OPTIONAL_WIDTH = 13  # of a tuned value's column, and of that of diverged runs
SECONDS_WIDTH = 11  # of the column of seconds and of an empty drawing, which a narrow terminal goes without
LONGEST = 30  # characters of a label before it is broken
MOST_VERDICTS = 15
DIVERGED = "diverged runs count as guessing, or as the worst finished run with the same seed where that is worse"
ORDER = ("differs", "equivalent", "undecided")


def contenders_table(part: Mapping[str, Any], title: str, width: int) -> Table:
    """One row per contender, best first: mean and interval over seeds, drawn if `width` characters leave room.

    Where they do not even have room for all numbers, the table goes without the seconds, then without the epochs.
    """
    by_label = {one["label"]: one for one in part["contenders"]}
    ordered = [by_label[label] for label in part["ranking"]]
    fields = {name: name.replace("_", "\n", 1) for name in ordered[0]["tuned"]}
    some_diverged = any(one["diverged"] for one in ordered)
    metric = part["metric"]
    longest = min(max(len("contender"), *map(len, by_label)), LONGEST)
    room = width - FIXED_WIDTH - OPTIONAL_WIDTH * len(fields) - longest
    intervals = [(one["mean"]["mean"], one["mean"]["low"], one["mean"]["high"]) for one in ordered]
    plots = drawn_intervals(intervals, max(0, min(PLOT_WIDTH, room)))
    seconds = [_seconds(one["seconds_per_network"]) for one in ordered]
    epochs = [number(one["epochs_to_target"]["mean"], 1) for one in ordered]
    runs = [_finished(one) if some_diverged else str(one["n"]) for one in ordered]
    columns: list[tuple[Column, Sequence[str | Text]]] = [
        (numbers("", "dim"), [str(rank) for rank in range(1, len(ordered) + 1)]),
        (Column("contender", style="bold", overflow="fold", min_width=longest), [one["label"] for one in ordered]),
        (
            numbers(f"validation\n{METRICS[metric].title}", BEST, no_wrap=True),
            [score(one["mean"]["mean"], metric) for one in ordered],
        ),
        (
            Column("95% interval\nover seeds", justify="center", no_wrap=True),
            [_spread(one, metric) for one in ordered],
        ),
        *([(Column("", no_wrap=True, style="cyan"), plots)] if room >= 0 else []),
        (numbers("runs\nfinished" if some_diverged else "seeds", no_wrap=True), runs),
        *([(numbers("epochs to\ntarget", no_wrap=True), epochs)] if room >= -SECONDS_WIDTH else []),
        *([(numbers("s per\nnetwork"), seconds)] if room >= 0 else []),
        *(
            (numbers(name), [_value(list(one["tuned"].values())[i]) for one in ordered])
            for i, name in enumerate(fields)
        ),
    ]
    rows = zip(*(cells for _, cells in columns), strict=True)
    return new_table(title, [column for column, _ in columns], rows)


def score(value: float | None, metric: str) -> str:
    """A score as people write it: accuracies in percent, as the verdicts have them.

    Example:
        >>> score(0.9723, "accuracy"), score(0.9723, "loss"), score(None, "loss")
        ('97.23%', '0.9723', '–')
    """
    return f"{100 * value:.2f}%" if METRICS[metric].is_share and value is not None else number(value, 4)


def _spread(one: Mapping[str, Any], metric: str) -> str:
    """The ends of a mean's interval, which equal runs do not have."""
    if one["n"] > 1 and len(set(one["values"])) == 1:
        return "all equal"
    if not METRICS[metric].is_share or one["mean"]["low"] is None:
        return ends(one["mean"])
    return f"[{100 * one['mean']['low']:.2f}, {100 * one['mean']['high']:.2f}]"


def _finished(one: Mapping[str, Any]) -> Text:
    """Number of runs that did not diverge, of all."""
    return Text(f"{one['n'] - one['diverged']} of {one['n']}", style="red" if one["diverged"] else "")


def remarks(part: Mapping[str, Any], *, target_given: bool) -> Sequence[str]:
    """Notes on the table: the target score, how diverged runs count, and extra trials of tuning."""
    tuned = any(one["tuning"] is not None for one in part["contenders"])
    found = "the median of the tuned scores" if tuned else "the median of the first seeds"
    source = "as given" if target_given else found
    name = METRICS[part["metric"]].validation
    lines = [f"target score of epochs to target: {name} {score(part['target_score'], part['metric'])}, {source}"]
    if any(one["diverged"] for one in part["contenders"]):
        lines.append(DIVERGED)
    further = {one["label"]: one["tuning"]["trials"]["extra"] for one in part["contenders"] if one["tuning"]}
    if any(further.values()):
        lines.append(f"extra trials next to the best values: {extra_trials(further)}")
    return lines


def counted(part: Mapping[str, Any]) -> str:
    """The number of networks that were trained, for tuning and for the comparison."""
    compared = sum(one["n"] for one in part["contenders"])
    tuned = sum(one["tuning"]["num_networks"] for one in part["contenders"] if one["tuning"] is not None)
    return f"{compared} networks compared" + (f", {tuned} trained in tuning" if tuned else "")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _value(value: Any) -> str:
    return "as given" if value is None else f"{value:.3g}" if isinstance(value, float) else value_text(value)


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
    p = across["friedman_p"]
    return f"mean ranks: {ranks}" + ("" if p is None else f" (Friedman's p {number(p, 3)})")
