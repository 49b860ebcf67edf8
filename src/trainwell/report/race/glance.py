"""The optimizers at a glance: what each does, with which numbers, and what it keeps (F-C-1)."""

from collections.abc import Iterable

from trainwell.display import Head, Listing, ListingRow
from trainwell.optim import RULES, RuleSpec
from trainwell.report.numbers import NONE


def glance_listing(names: Iterable[str]) -> Listing:
    """Rules with their update, their numbers and what they keep.

    Args:
        names: of rules, each once.
    """
    words = ("What it does", "Update", "Numbers", "Keeps")
    heads = (Head("Optimizer", ""), *(Head(word, "word") for word in words), Head("Lecture", ""))
    return Listing(heads, tuple(_row(RULES[name]) for name in names))


def _row(spec: RuleSpec) -> ListingRow:
    numbers = {"learning_rate": spec.default_learning_rate, **spec.hyperparameters}
    listed = ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    cells = (spec.name, spec.description, spec.formula or NONE, listed, spec.keeps or NONE, spec.lecture_id or NONE)
    return ListingRow(tuple((cell, "") for cell in cells))
