"""Pages that work offline and load nothing: templates filled in, and what all of them have in common."""

import json
import platform
import shlex
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trainwell.core import METRICS, TITLES, Metric, write_atomic
from trainwell.data import Dataset
from trainwell.display import Figure
from trainwell.models import Quality, TestQuality
from trainwell.report.library.bundles import SPACE, Bundle, packed, packed_script
from trainwell.statistics import proportion_interval
from trainwell.version import __version__


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart on a page.

    Attributes:
        id: a word of its own on the page.
        caption: what it shows.
        figure: the chart.
    """

    id: str
    caption: str
    figure: Figure

    @property
    def plays(self) -> bool:
        """Whether it can be played: its layout lists the updates at which a player stops."""
        return "times" in (self.figure.layout.meta or {})

    @property
    def in_space(self) -> bool:
        """Whether it is drawn in 3D."""
        return any(trace.type in SPACE for trace in self.figure.data)

    @property
    def packed(self) -> Markup:
        """The figure's JSON, compressed, as text."""
        self.figure.update_layout(showlegend=False)  # the page has one legend for all charts
        shorter = json.loads(self.figure.to_json(), object_hook=_single)
        return Markup(packed(json.dumps(shorter, ensure_ascii=False, separators=(",", ":"))))  # noqa: S704  # base 85


def _single(found: dict[str, Any]) -> dict[str, Any]:
    """A chart's array of doubles in single precision, half as long, unless a value is beyond its range."""
    if found.get("dtype") != "f8":
        return found
    values = np.frombuffer(b64decode(found["bdata"]))
    with np.errstate(over="ignore", under="ignore"):
        short = values.astype(np.float32)
    size, whole = np.abs(short), np.isfinite(values)
    fits = (np.isfinite(short) == whole) & ((size >= np.finfo(np.float32).tiny) | (values == 0) | ~whole)
    return {**found, "dtype": "f4", "bdata": b64encode(short.tobytes()).decode()} if fits.all() else found


def render(template: str, *, library: str | None = None, bundle: Bundle = "plane", **context: Any) -> str:
    """A page from its template, all text escaped.

    Args:
        template: its path below this room.
        library: address of the charts' library beside the page, empty for a page without charts; None puts the library
            into the page.
        bundle: what of the library the page needs.
        **context: what the template names.
    """
    plotly = Markup(packed_script(bundle)) if library is None else ""  # noqa: S704  # base 85
    return str(_environment().get_template(template).render(**context, plotly=plotly, library=library))


def write(path: str | Path, page: str) -> Path:
    """Write a page, whole or not at all."""
    write_atomic(Path(path), page.encode())
    return Path(path)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("trainwell.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


MOST_CLASSES = 12  # named
PACKAGES = ("jax", "numpy", "optax", "scikit-learn")
Facts = list[tuple[str, str]]


def data_facts(data: Dataset) -> Facts:
    """Name, task, rows per split, features and classes of the data."""
    rows = f"{len(data.training):,} training, {len(data.validation):,} validation, {data.num_test:,} test"
    names = data.class_names or ()
    some = ", ".join(names[:MOST_CLASSES]) + (f" and {len(names) - MOST_CLASSES} more" if names[MOST_CLASSES:] else "")
    return [
        ("Data", data.name),
        ("Task", data.task),
        ("Rows", rows),
        ("Features", f"{data.num_features:,}"),
        *([("Classes", f"{len(names):,}: {some}")] if names else []),
    ]


def test_facts(quality: Quality) -> Facts:
    """Scores on the test split: accuracy with Wilson interval, or R² with its interval and errors; always with n."""
    facts = [("Rows", f"{quality.rows:,}")]
    for name, value in quality.scores.items():
        metric = _metric(name)
        text, interval = metric.text(value), None
        if metric.is_share:
            interval = proportion_interval(round(value * quality.rows), quality.rows)
        elif isinstance(quality, TestQuality) and quality.metric == name:
            interval = quality.interval
        if metric.fallback and quality.undefined:
            text = f"undefined, {quality.undefined}"
        ends = metric.interval_text(interval.low, interval.high) if interval else ""
        sure = f"95% interval {ends}, " if ends else ""
        facts.append((TITLES[name].capitalize(), f"{text} ({sure}n = {quality.rows:,})"))
    return facts


def _metric(score: str) -> Metric:
    """The metric whose values a score's are written like: its own; of an error in the target's unit, the loss."""
    return METRICS.get(score, METRICS["loss"])


def quality_sentence(quality: Quality, model: str = "") -> str:
    """The model's score on the test split, in a sentence: the first of its scores that is defined.

    Args:
        quality: the model's scores on the test split.
        model: description of the model, if the sentence should have one.
    """
    name = next(name for name in quality.scores if not (quality.undefined and _metric(name).fallback))
    what = f"The model ({model})" if model else "The model"
    return f"{what} has a test {TITLES[name]} of {dict(test_facts(quality))[TITLES[name].capitalize()]}, read once."


@dataclass(frozen=True)
class SavedModel:
    """A model that was written beside the page, and how to use it, as text that runs when it is copied.

    Attributes:
        folder: where, as the user would type it.
        source: data to predict on, as the user would type it.
        description: what it is, such as "the 5 networks of 'adam', averaged".
        to_predict: words of a command line that predicts on these data: the source and options; default: the source.
        to_train: words of one that trains on them again; default: the source.
        reading: arguments of `predict` that do the same as its options.
    """

    folder: str
    source: str
    description: str = ""
    to_predict: Sequence[str] = ()
    to_train: Sequence[str] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shell(self) -> str:
        """The command that predicts with it."""
        return shlex.join(["trainwell", "predict", self.folder, *(self.to_predict or [self.source])])

    @property
    def python(self) -> str:
        """Lines of Python that load it and predict."""
        given = ", ".join([repr(self.source), *(f"{name}={value!r}" for name, value in self.reading.items())])
        return (
            "from trainwell import load_model\n"
            "\n"
            f"model = load_model({self.folder!r})\n"
            f"print(model.predict({given})[:10])\n"
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


def sentences(*notes: tuple[object, str]) -> list[str]:
    """The sentences that hold, of some with what they hold under."""
    return [sentence for holds, sentence in notes if holds]
