"""Bundles of plotly.js as pages carry them: the browser unpacks them by its own `DecompressionStream`."""

import gzip
from base64 import b85encode
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Bundle: TypeAlias = Literal["plane", "solid"]
"""`plane` draws scatter, bar and contour traces, `solid` also scatter3d and surface."""
VERSION = "4.1.1"
SHA256: dict[Bundle, str] = {
    "plane": "998b6f68280266035bfa63f1e9a7a955537c5d40f1c5de4a937be399376da7c3",
    "solid": "ade3cf05c11092f6f6c34f700d2231f1bce85e692b00937587df95ce59ff9b94",
}
"""Of the scripts, unpacked."""
DIGITS = str.maketrans("&<", ".,")
"""Digits of the page's base 85 in place of Python's."""
SPACE = ("scatter3d", "surface")
"""Traces that only `solid` draws."""


def compressed(bundle: Bundle) -> bytes:
    """A bundle as a gzip file."""
    return files("trainwell.report").joinpath("library", f"{bundle}.min.js.gz").read_bytes()


@cache
def packed_script(bundle: Bundle) -> str:
    """JavaScript that gives a page a bundle as text, which the page's own script unpacks."""
    whose = f"/* plotly.js v{VERSION}, Copyright Plotly, Inc., MIT licence */"
    return f'{whose} const packedPlotly = "{_text(compressed(bundle))}";\n'


def packed(text: str) -> str:
    """A text, compressed by gzip and written in base 85: what the page's script unpacks."""
    return _text(gzip.compress(text.encode(), mtime=0))


def _text(data: bytes) -> str:
    """Bytes in base 85, a sixteenth shorter than in base 64; no digit means anything in HTML or in a string."""
    return b85encode(data).decode().translate(DIGITS)
