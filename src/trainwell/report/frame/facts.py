"""What a page says about the data, the test split, diverged members, and how it was made."""

import platform
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from trainwell.core import METRICS, TITLES
from trainwell.data import Dataset
from trainwell.models import Quality, TestQuality
from trainwell.report.training.summary import RecipeSummary
from trainwell.statistics import proportion_interval
from trainwell.training import Runs
from trainwell.version import __version__

PACKAGES = ("jax", "numpy", "optax", "scikit-learn")
Facts = list[tuple[str, str]]


def data_facts(data: Dataset) -> Facts:
    """Name, task, rows per split, features and classes of the data."""
    test_rows = data.num_test
    rows = f"{len(data.training):,} training, {len(data.validation):,} validation, {test_rows:,} test"
    facts = [("Data", data.name), ("Task", data.task), ("Rows", rows), ("Features", f"{data.num_features:,}")]
    if data.class_names:
        facts.append(("Classes", f"{len(data.class_names):,}: {_some(data.class_names)}"))
    return facts


def test_facts(quality: Quality) -> Facts:
    """What the test split said: the accuracy with its Wilson interval, or R² with its own and errors; always with n."""
    facts = [("Rows", f"{quality.rows:,}")]
    for name, value in quality.scores.items():
        title = "root mean squared error" if name == "rmse" else TITLES[name]
        metric = METRICS.get(name, METRICS["loss"])  # errors are written as losses are
        text, interval = metric.text(value), None
        if metric.is_share:
            interval = proportion_interval(round(value * quality.rows), quality.rows)
        elif isinstance(quality, TestQuality) and quality.metric == name:
            interval = quality.interval
        if metric.instead and quality.undefined:
            text = f"undefined, {quality.undefined}"
        ends = metric.ends(interval.low, interval.high) if interval else ""
        sure = f"95% interval {ends}, " if ends else ""
        facts.append((title.capitalize(), f"{text} ({sure}n = {quality.rows:,})"))
    return facts


def diverged_facts(runs: Runs, summaries: Sequence[RecipeSummary]) -> Facts:
    """Per recipe, the seeds whose loss stopped being finite and the update at which it did."""
    found = []
    for summary in summaries:
        lost = [m for m in summary.members if runs.statuses[m] == "diverged"]
        ends = [f"{runs.members[m].seed} (by update {runs.steps[m]:,})" for m in lost]
        if ends:
            found.append((summary.label, f"seed{'s' if len(ends) > 1 else ''} {', '.join(ends)}"))
    return found


def making_facts(runs: Runs, command: str, seconds: float | None) -> Facts:
    """Command line, time, date and versions."""
    took = []
    if seconds is not None:
        took = [("Training took", f"{seconds:,.1f} s for {len(runs)} network{'s' if len(runs) > 1 else ''}")]
    return [*command_facts(command), *took, *version_facts()]


def command_facts(command: str) -> Facts:
    """The command line, if there was one."""
    return [("Command", command)] if command else []


def version_facts() -> Facts:
    """The date and the versions of what is running."""
    made = f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"
    versions = {"trainwell": __version__, "Python": platform.python_version()}
    versions |= {name: found for name in PACKAGES if (found := _version(name))}
    return [("Made", made), ("Versions", ", ".join(f"{name} {number}" for name, number in versions.items()))]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _some(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
