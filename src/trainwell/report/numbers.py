"""Numbers as people read them."""

NONE = "–"


def range_text(values: list[float]) -> str:
    """The smallest and largest value, or the one value that all are."""
    low, high = min(values), max(values)
    return f"{low:,.4g}" if low == high else f"{low:,.4g}–{high:,.4g}"
