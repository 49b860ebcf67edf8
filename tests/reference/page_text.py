"""A page as a reader's tools see it."""

import gzip
import json
import re
from base64 import b85decode
from html.parser import HTMLParser

PYTHONS = str.maketrans(".,", "&<")
"""Digits of Python's base 85 for those of pages."""
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """Elements with attributes, text by element, and whether every element is closed in its order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.found = [], [], []  # found: element and text
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.found.append((self.open[-1], data.strip()))

    def texts(self, tag):
        return [text for name, text in self.found if name == tag]

    @property
    def visible(self):
        return " ".join(" ".join(text for name, text in self.found if name not in ("script", "style")).split())

    def named(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def figures(text):
    """The figures of a page, by the names of their charts; every number is finite."""
    found = re.findall(r'<script type="text/plain" id="figure-([\w-]+)">(.*?)</script>', text, re.S)
    texts = {name: gzip.decompress(b85decode(packed.translate(PYTHONS))) for name, packed in found}
    return {name: json.loads(text, parse_constant=_refused) for name, text in texts.items()}


def _refused(name):
    raise AssertionError(f"{name} in a figure")


def shown(cell):
    """What is seen of a table's cell: its text, and the small print beside it."""
    return (cell, "") if isinstance(cell, str) else tuple(cell[:2])


def seen(row):
    """What is seen of the cells of a table's row."""
    return tuple(map(shown, row.cells))
