"""A comparison as the table of a paper, in Markdown or LaTeX."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np

from trainwell.comparison.result import Comparison, Comparisons
from trainwell.core import METRICS, value_text
from trainwell.statistics import Interval
from trainwell.training import Axis, Range

Style = Literal["markdown", "latex"]
DOUBTFUL = "†"
DIVERGED = (
    "A diverged run counts as always predicting the same, or as the worst finished run with its seed where that is "
    "worse."
)
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$#])")
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "²": r"$^2$",
    "±": r"$\pm$",
    "−": r"$-$",
    "–": "--",
    "†": r"$^\dagger$",
}


@dataclass(frozen=True)
class Notation:
    """How a style writes what all tables have.

    Attributes:
        text: makes plain text the style's.
        bold: sets what is already the style's in bold.
        table: puts a table together, of its columns' heads, its rows, and the note below it.
    """

    text: Callable[[str], str]
    bold: Callable[[str], str]
    table: Callable[[Sequence[str], Sequence[Sequence[str]], str], str]


def paper_table(comparisons: Comparisons, style: Style = "markdown") -> str:
    """A table of contenders (rows) and data sets (columns), with how it was made below.

    A cell is the mean over seeds ± half of its 95% interval and the number of seeds. In bold: the best of a data set,
    and every contender that was asked about beside it and not told apart from it. Over several data sets the last
    column is the mean rank.

    Args:
        comparisons: of the same contenders on each data set.
        style: `markdown`, or `latex` for the package booktabs.

    Returns:
        The text, ending in a line break; labels and names are escaped for the style.

    Raises:
        ValueError: the style is another.
    """
    if style not in NOTATIONS:
        raise ValueError(f"style must be one of {', '.join(NOTATIONS)}, got {style!r}")
    notation = NOTATIONS[style]
    heads = ["", *(notation.text(_head(part)) for part in comparisons.parts)]
    labels = comparisons.parts[0].labels
    columns = [_column(part, notation) for part in comparisons.parts]
    if comparisons.across is not None:
        heads.append("mean rank")
        columns.append([f"{rank:.2f}" for rank in comparisons.across.ranks.ranks])
    rows = [[notation.text(label), *cells] for label, *cells in zip(labels, *columns, strict=True)]
    return notation.table(heads, rows, notation.text(_note(comparisons)))


def _head(part: Comparison) -> str:
    metric = METRICS[part.metric]
    return f"{part.dataset.name}, {metric.title}{' in %' if metric.is_share else ''}"


def _column(part: Comparison, notation: Notation) -> list[str]:
    """The cells of a data set."""
    metric = METRICS[part.metric]
    halves = [half for one in part.summaries if isfinite(half := half_width(one.mean)) and half > 0]
    step = float(np.median(halves)) if halves else 0.0
    bold, cells = best_group(part), []
    for k, summary in enumerate(part.summaries):
        half = half_width(summary.mean)
        spread = f" ± {metric.amount(half, step)}" if isfinite(half) else ""
        lost = f", {summary.diverged} diverged" if summary.diverged else ""
        value = f"{metric.amount(summary.mean.mean, step)}{spread} ({summary.n}{lost})"
        cell = notation.text(f"{value}{DOUBTFUL if _doubts(part, k) else ''}")
        cells.append(notation.bold(cell) if k in bold else cell)
    return cells


def _doubts(part: Comparison, k: int) -> tuple[str, ...]:
    """Why a contender's tuning may not have found the best."""
    tuning = part.tunings[k]
    return tuning.doubts if tuning else ()


def half_width(interval: Interval) -> float:
    """Half of an interval around its mean, of which one end may have been clipped to the metric's range."""
    return max(interval.mean - interval.low, interval.high - interval.mean)


def best_group(part: Comparison) -> set[int]:
    """The contender with the best mean, and those asked about beside it and not told apart from it."""
    best = part.ranking()[0]
    pairs = {k: part.pair(best, k) for k in range(len(part.contenders))}
    return {best, *(k for k, pair in pairs.items() if pair is not None and pair.better is None)}


def _note(comparisons: Comparisons) -> str:
    """How the table was made."""
    part = comparisons.parts[0]
    terms = part.terms
    error = f"{terms.error_rate:.2g}"
    asked = "pairs" if terms.reference is None else f"differences from {terms.reference}"
    beside = "" if terms.reference is None else "compared with it and "
    alone = len(comparisons.parts) == 1
    margins = ", ".join(
        f"{METRICS[one.metric].margin_text(one.margin)}{'' if alone else f' on {one.dataset.name}'}"
        for one in comparisons.parts
    )
    seeds = (
        f"seeds were added, up to {terms.most_seeds}, while any of these {asked} was neither told apart nor shown to "
        f"be within the margin ({margins})"
        if terms.seeds is None
        else f"the same {len(terms.seeds)} seed{'s' if len(terms.seeds) > 1 else ''} for all"
    )
    sentences = [
        "Mean on the validation split over seeds ± half of its 95% interval (number of seeds).",
        f"Bold: the best, and what was {beside}not told apart from it (paired sign-flip tests of all {asked} with "
        f"Holm's correction, error rate {error} per data set, all looks included).",
        f"{_tuned(comparisons)}; {seeds}.",
    ]
    if any(summary.diverged for one in comparisons.parts for summary in one.summaries):
        sentences.append(DIVERGED)
    doubts = [
        f"{label}'s {doubt}{'' if alone else f' on {one.dataset.name}'}"
        for one in comparisons.parts
        for k, label in enumerate(one.labels)
        for doubt in _doubts(one, k)
    ]
    if doubts:
        sentences.append(f"{DOUBTFUL} May have a better recipe than tuning found: {', '.join(doubts)}.")
    return " ".join(sentences)


def _tuned(comparisons: Comparisons) -> str:
    terms = comparisons.parts[0].terms
    tunings = [tuning for part in comparisons.parts for tuning in part.tunings]
    if not any(tunings):
        return "Contenders ran as given, without tuning"
    fields = " and ".join(f"{name.replace('_', ' ')} ({_axis(axis)})" for name, axis in terms.tune.items())
    some = "" if all(tunings) else " where it is not what is compared"
    most = max(len(tuning.further) for tuning in tunings if tuning)
    further = f", and up to {most} more to close gaps beside the best value" if most else ""
    return f"Tuned on other seeds for each contender and data set{some}: {fields}, {terms.trials} trials each{further}"


def _axis(axis: Axis) -> str:
    if isinstance(axis, Range):
        return f"{axis.low:g} to {axis.high:g}{' on a log scale' if axis.log else ''}"
    return ", ".join(value_text(value, str) for value in axis.values)


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    lines = [heads, ["---", *(["---:"] * (len(heads) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{note}\n"


def _latex(heads: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    lines = [
        r"\begin{table}  % needs \usepackage{booktabs}",
        r"\centering",
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        r"\toprule",
        f"{' & '.join(heads)} \\\\",
        r"\midrule",
        *(f"{' & '.join(row)} \\\\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        rf"\caption{{{note}}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


NOTATIONS = {
    "markdown": Notation(
        lambda text: MARKDOWN.sub(r"\\\1", text).replace("\n", " "), lambda cell: f"**{cell}**", _markdown
    ),
    "latex": Notation(
        lambda text: "".join(LATEX.get(sign, sign) for sign in text), lambda cell: rf"\textbf{{{cell}}}", _latex
    ),
}
