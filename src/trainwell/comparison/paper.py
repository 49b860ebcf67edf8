"""A comparison as a table for a paper, in Markdown or LaTeX."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from trainwell.comparison.result import Comparison, Comparisons
from trainwell.comparison.shown import common_step, half
from trainwell.core import METRICS, value_text
from trainwell.training import Axis, Range

Style = Literal["markdown", "latex"]
DOUBTFUL = "†"
DIVERGED = (
    "A diverged run gets the score of a constant prediction, or that of the worst finished run with its seed if that "
    "is worse."
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
    """How to write a table in one style.

    Attributes:
        text: escapes plain text for the style.
        bold: makes text that is already escaped bold.
        table: writes the table, given the heads of its columns, its rows, and the note below it.
    """

    text: Callable[[str], str]
    bold: Callable[[str], str]
    table: Callable[[Sequence[str], Sequence[Sequence[str]], str], str]


def paper_table(comparisons: Comparisons, style: Style = "markdown") -> str:
    """A table of contenders (rows) and data sets (columns), with a note on how it was made.

    A cell has the mean over seeds ± half of its 95% interval and the number of seeds. The contender with the best mean
    on a data set is bold, and so is every contender that was tested against it and is not significantly different.
    Over several data sets the last column is the mean rank.

    Args:
        comparisons: the same contenders on each data set.
        style: `markdown`, or `latex` for the package booktabs.

    Returns:
        The text, ending in a line break; labels and names are escaped for the style.

    Raises:
        ValueError: `style` is not a known style.
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
    """The cells of one data set, by contender."""
    metric = METRICS[part.metric]
    bold, cells, step = best_group(part), list[str](), common_step(one.mean for one in part.summaries)
    for k, summary in enumerate(part.summaries):
        spread = half(summary.mean)
        around = f" ± {metric.amount(spread, step)}" if isfinite(spread) else ""
        lost = f", {summary.diverged} diverged" if summary.diverged else ""
        value = f"{metric.amount(summary.mean.mean, step)}{around} ({summary.n}{lost})"
        cell = notation.text(f"{value}{DOUBTFUL if _doubts(part, k) else ''}")
        cells.append(notation.bold(cell) if k in bold else cell)
    return cells


def _doubts(part: Comparison, k: int) -> tuple[str, ...]:
    """Why a contender's tuning may not have found its best recipe."""
    tuning = part.tunings[k]
    return tuning.doubts if tuning else ()


def best_group(part: Comparison) -> set[int]:
    """The contender with the best mean, and those tested against it that are not significantly different."""
    best = part.ranking()[0]
    pairs = {k: part.pair(best, k) for k in range(len(part.contenders))}
    return {best, *(k for k, pair in pairs.items() if pair is not None and pair.better is None)}


def _note(comparisons: Comparisons) -> str:
    """The note below the table: how it was made."""
    part = comparisons.parts[0]
    terms = part.terms
    error = f"{terms.error_rate:.2g}"
    asked = "pairs" if terms.reference is None else f"differences from {terms.reference}"
    compared = "" if terms.reference is None else "compared with it and "
    alone = len(comparisons.parts) == 1
    margins = ", ".join(
        f"{METRICS[one.metric].margin_text(one.margin)}{'' if alone else f' on {one.dataset.name}'}"
        for one in comparisons.parts
    )
    seeds = (
        f"seeds were added, up to {terms.most_seeds}, until each of these {asked} was significant or shown to be "
        f"within the margin ({margins})"
        if terms.seeds is None
        else f"the same {len(terms.seeds)} seed{'s' if len(terms.seeds) > 1 else ''} for all"
    )
    sentences = [
        "Mean on the validation split over seeds ± half of its 95% interval (number of seeds).",
        f"Bold: the best, and all {compared}not significantly different from it (paired sign-flip tests of all "
        f"{asked} with Holm's correction, error rate {error} per data set, all looks included).",
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
        sentences.append(f"{DOUBTFUL} Tuning may have missed a better recipe: {', '.join(doubts)}.")
    return " ".join(sentences)


def _tuned(comparisons: Comparisons) -> str:
    terms = comparisons.parts[0].terms
    tunings = [tuning for part in comparisons.parts for tuning in part.tunings]
    if not any(tunings):
        return "Contenders ran as given, without tuning"
    fields = " and ".join(f"{name.replace('_', ' ')} ({_axis(axis)})" for name, axis in terms.tune.items())
    some = "" if all(tunings) else ", except where contenders differ in it"
    most = max(len(tuning.extra) for tuning in tunings if tuning)
    further = f", and up to {most} more to close gaps next to the best value" if most else ""
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
