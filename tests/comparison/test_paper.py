"""The table of a paper, on numbers worked by hand."""

from dataclasses import replace

import pytest

from reference.comparisons import comparison, comparisons, normal
from trainwell.comparison import Comparisons, Terms, paper_table
from trainwell.statistics import Interval

CLOSE = [normal(seed, 0.9, 0.02, 12) for seed in (1, 2)]


def with_means(found: Comparisons, *means: Interval) -> Comparisons:
    """The comparison with other intervals of its first data set."""
    part = found.parts[0]
    summaries = tuple(replace(one, mean=mean) for one, mean in zip(part.summaries, means, strict=True))
    return replace(found, parts=(replace(part, summaries=summaries), *found.parts[1:]))


def rows(table: str) -> list[list[str]]:
    """Cells of a Markdown table."""
    return [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]


def test_numbers_bold_and_decimals() -> None:
    found = comparisons(comparison(("A", "B", "C"), [*CLOSE, [0.5 + 0.001 * i for i in range(12)]]))
    exact = with_means(
        found,
        Interval(0.90123, 0.8978, 0.90466, 12),
        Interval(0.9, 0.8951, 0.9049, 12),
        Interval(0.5, 0.4982, 0.5018, 12),
    )
    head, _, *cells = rows(paper_table(exact))
    assert head == ["iris, accuracy in %"]
    assert cells == [["A", "**90.12 ± 0.34 (12)**"], ["B", "**90.00 ± 0.49 (12)**"], ["C", "50.00 ± 0.18 (12)"]]


def test_an_interval_clipped_at_one_end_keeps_its_width() -> None:
    found = comparisons(comparison(("A", "B"), CLOSE))
    cells = rows(paper_table(with_means(found, Interval(0.99, 0.96, 1.0, 12), Interval(0.9, 0.87, 0.93, 12))))[2:]
    assert [cell for _, cell in cells] == ["**99.0 ± 3.0 (12)**", "**90.0 ± 3.0 (12)**"]


@pytest.mark.parametrize(
    ("data", "metric", "head"), [("iris", "loss", "iris, loss"), ("diabetes", "r2", "diabetes, R²")]
)
def test_other_metrics_are_no_percentages(data: str, metric: str, head: str) -> None:
    values = [[0.4 + 0.01 * i for i in range(12)], [0.8 + 0.01 * i for i in range(12)]]
    found = comparisons(comparison(("A", "B"), values, data=data, terms=Terms(metric=metric)))
    table = rows(paper_table(found))
    best = "AB"[metric == "r2"]  # the smaller loss, the larger R²
    # mean 0.455 resp. 0.855; t(11) = 2.201 times sd 0.036056 / √12
    assert table[0] == [head]
    assert dict(table[2:]) == {
        name: f"**{cell}**" if name == best else cell
        for name, cell in (("A", "0.455 ± 0.023 (12)"), ("B", "0.855 ± 0.023 (12)"))
    }


def test_several_data_sets_have_a_column_each_and_mean_ranks() -> None:
    found = comparisons(
        comparison(("A", "B"), [[0.9] * 11, [0.8] * 11]), comparison(("A", "B"), [[0.8] * 11, [0.9] * 11])
    )
    table = rows(paper_table(found))
    assert table[0] == ["iris-1, accuracy in %", "iris-2, accuracy in %", "mean rank"]
    assert [row[0] for row in table[2:]] == ["A", "B"]
    assert [row[-1] for row in table[2:]] == ["1.50", "1.50"]


def test_only_what_was_asked_about_beside_the_best_is_bold() -> None:
    values = [[0.80 + 0.001 * (i % 3) for i in range(12)], *CLOSE]
    found = comparisons(comparison(("A", "B", "C"), values, terms=Terms(reference="A")))
    bold = [row[0] for row in rows(paper_table(found))[2:] if row[1].startswith("**")]
    best = "B" if sum(values[1]) > sum(values[2]) else "C"
    assert bold == [best]
    assert "all differences from A" in paper_table(found)


def test_one_seed_has_no_interval_and_a_diverged_one_is_said() -> None:
    terms = Terms(tune={}, seeds=(0,))
    found = comparisons(comparison(("A", "B"), [[0.9], [0.8]], terms=terms, diverged=[(1, 0)]))
    table = paper_table(found)
    guess = f"{100 * found.parts[0].guessing_score:.2f}"
    assert [row[1] for row in rows(table)[2:]] == ["**90.00 (1)**", f"**{guess} (1, 1 diverged)**"]
    assert "ran as given, without tuning" in table
    assert "the score of a constant prediction, or that of the worst finished run" in table


def test_the_note_says_how_it_was_tuned() -> None:
    note = paper_table(comparisons(comparison(("A", "B"), CLOSE))).splitlines()[-1]
    assert "learning rate (1e-05 to 10 on a log scale), 24 trials each" in note
    assert "up to 30" in note


def test_markdown_is_escaped() -> None:
    table = paper_table(comparisons(comparison(("a|b_c", "*d*"), CLOSE)))
    assert r"| a\|b\_c | " in table
    assert r"| \*d\* | " in table


def test_latex_is_escaped_and_complete() -> None:
    labels = ("a_b & 50% #1 {x}", r"\beta^2 ~ $y$")
    table = paper_table(comparisons(comparison(labels, CLOSE)), "latex")
    assert r"a\_b \& 50\% \#1 \{x\} & " in table
    assert r"\textbackslash{}beta\textasciicircum{}2 \textasciitilde{} \$y\$ & " in table
    assert table.startswith("\\begin{table}")
    assert table.count(r"\begin{") == table.count(r"\end{") == 2
    assert "±" not in table
    assert table.count(r"\\") == 3  # head and two contenders
    assert sum(line.count("&") - line.count(r"\&") for line in table.splitlines() if line.endswith(r"\\")) == 3


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="html"):
        paper_table(comparisons(comparison(("A", "B"), CLOSE)), "html")
