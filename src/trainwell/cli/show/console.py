"""Rich's console for words that others chose: labels of classes, names of files and columns."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from trainwell.cli.show.streams import plain


class PlainConsole(Console):
    """A console that shows text as it is: brackets and colons mean nothing, control characters are written out."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments of anything; Rich's own control codes pass."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else plain(text), style, control)
