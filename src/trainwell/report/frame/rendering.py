"""Templates filled in: pages that work offline and load nothing."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from trainwell.core import write_atomic
from trainwell.display import Figure


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
    def json(self) -> Markup:
        """The figure as JSON that no text in it can end the script element of."""
        self.figure.update_layout(showlegend=False)  # the page has one legend for all charts
        return Markup(self.figure.to_json().replace("<", "\\u003c"))  # noqa: S704  # no markup is left in it


def render(template: str, **context: Any) -> str:
    """A page from its template, all text escaped; the charts' library is part of it."""
    plotly = Markup(get_plotlyjs())  # noqa: S704  # the library's own script
    return str(_environment().get_template(template).render(**context, plotly=plotly))


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
