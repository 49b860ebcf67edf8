"""What a page says about the data, the test split, the saved model, and how it was made."""

import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from trainwell.core import METRICS, TITLES
from trainwell.data import Dataset
from trainwell.models import Quality, TestQuality
from trainwell.statistics import proportion_interval
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


@dataclass(frozen=True)
class SavedModel:
    """A model that was written beside the page, and how to use it, as text that runs when it is copied.

    Attributes:
        folder: where, as the user would type it.
        source: data to predict on, as the user would type it.
        description: what it is, such as "the 5 networks of 'adam', averaged".
    """

    folder: str
    source: str
    description: str = ""

    @property
    def shell(self) -> str:
        """The command that predicts with it."""
        return shlex.join(["trainwell", "predict", self.folder, self.source])

    @property
    def python(self) -> str:
        """Lines of Python that load it and predict."""
        return (
            "from trainwell.data import load_rows\n"
            "from trainwell.models import load_model\n"
            "\n"
            f"model = load_model({self.folder!r})\n"
            f"rows = load_rows({self.source!r}, model.preparation)\n"
            "print(model.predict(rows.inputs)[:10])\n"
        )


def made_facts(command: str, *done: tuple[str, str]) -> Facts:
    """How a page was made: the command line if there was one, what was done, the date and the versions."""
    made = f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"
    versions = {"trainwell": __version__, "Python": platform.python_version()}
    versions |= {name: found for name in PACKAGES if (found := _version(name))}
    running = ", ".join(f"{name} {number}" for name, number in versions.items())
    return [*([("Command", command)] if command else []), *done, ("Made", made), ("Versions", running)]


def run_facts(seconds: float | None, files: Sequence[str]) -> Facts:
    """How long a run took, and the files beside its page."""
    took = [("Took", f"{seconds:,.1f} s")] if seconds is not None else []
    return [*took, *([("All numbers", f"in the files beside this page: {', '.join(files)}")] if files else [])]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _some(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
