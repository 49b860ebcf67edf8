"""The page of a comparison: self-contained, safe with any text, complete, honest about n."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reference.comparisons import comparison, comparisons, normal
from reference.page_text import Page, figures, shown
from trainwell.comparison import Comparison, Comparisons, Terms, headline
from trainwell.display import time_cell
from trainwell.report import write_comparison_page
from trainwell.report.comparison.page import render_comparison_page
from trainwell.report.comparison.words import brief
from trainwell.statistics import Interval
from trainwell.training import Choices, Range

LABELS = ("sgd", "momentum", "adam")
NASTY = "</script><script>alert(1)</script>", '<img src=x onerror="alert(1)"> %{x}'


def levels(*means, n=30, data="digits", sd=0.004, labels=LABELS, **terms) -> Comparison:
    values = [normal(k, mean, sd, n) for k, mean in enumerate(means)]
    return comparison(labels[: len(means)], values, data=data, terms=Terms(**terms))


def page(*parts: Comparison, title="T", **more) -> Page:
    return Page(render_comparison_page(comparisons(*parts), title, **more))


def test_the_page_says_what_was_found():
    part = levels(0.90, 0.95, 0.951, sd=0.01)
    text = page(part, command="trainwell compare digits --vary optimizer=sgd,momentum,adam", seconds=12.34)
    assert not text.open
    for said in (
        *(pair.words.replace(", each learning rate tuned over 24 values", "") for pair in part.pairs),
        "Each contender's learning rate was tuned over 24 values. A verdict",
        "No other is significantly better than",
        "; between these two it is undecided.",
        "A verdict is about the recipes that tuning ended with: the luck of the tuning is not in its interval.",
        "The row's advantage over the column with the same seeds: points of validation accuracy, positive where",
        "No test can allow for failures that did not occur in these runs; a verdict says how frequent they would",
        "a true one of 0.4 standard deviations was estimated as 0.64), but the interval contained the true value in",
        "It depends on what else the machine does.",
        "learning_rate from 1e-5 to 10 on a logarithmic scale: 24 trials for each contender in 3 rounds",
        "the best 3 trained again with seeds 1001 to 1003",
        f"Differences were to be judged after {', '.join(map(str, part.looks))} seeds",
        "5% on each data set: the chance of any false difference among all pairs",
        "0.37 points, by default 0.2 points, or one validation row where that is more",
        "guessing, 10.00%, or as the worst finished run with the same seed where that is worse",
        "after 30 seeds, the maximum; 1 of 3 pairs undecided",
        f"a true difference of {part.detectable_sds:.2f} standard deviations of the paired differences",
        "the median of the contenders' tuned scores",
        "31.5 s tuning, 12.2 s training 90 networks with the seeds",
        *("12.3 s", "trainwell compare digits --vary", "jax ", "1,257 training, 270 validation"),
        *("Holm (1979)", "Schuirmann (1987)", "Agarwal et al. (2021)", "Wilson (1927)"),
    ):
        assert said in text.visible, said
    assert text.visible.count("tuned over 24 values") == 1  # once for all
    assert text.visible.index("The row's advantage") < text.visible.index("The 3 pairs in sentences")
    assert "as given" not in text.visible
    assert "Over data sets" not in text.visible


def test_verdicts_say_how_the_two_were_tuned_where_contenders_differ_in_that():
    part = levels(
        0.90, 0.95, 0.951, sd=0.01, labels=("sgd", "momentum", "nesterov"), tune={"momentum": Range(0.5, 0.9)}
    )
    assert part.tunings[0] is None
    assert all(part.tunings[1:])
    text = page(part)
    assert "seeds, sgd run as given, momentum's momentum tuned over 24 values)" in text.visible
    assert "seeds, each momentum tuned over 24 values)" in text.visible
    assert all(pair.words in text.visible for pair in part.pairs)
    assert "Each contender's" not in text.visible


def test_as_given_is_said_and_nothing_of_tuning():
    text = page(levels(0.9, 0.95, tune={}))
    assert "Each contender ran as given, with its optimizer's default learning rate" in text.visible
    assert "this is not a fair comparison of tuned contenders." in text.visible
    assert "none: each contender ran as given" in text.visible
    assert "Trained again" not in text.visible
    assert "with the seeds of the first look" in text.visible
    assert "luck of the tuning" not in text.visible


def test_the_default_margin_of_a_loss():
    tuned = levels(0.40, 0.45, metric="loss")
    assert tuned.margin == pytest.approx(0.02 * min(tuned.summaries[0].values.mean(), 0.41), rel=0.02)
    assert "by default 2% of the best loss that tuning found" in page(tuned).visible
    given = levels(0.40, 0.45, metric="loss", tune={})
    assert given.margin == pytest.approx(0.001 * given.guessing_score)
    assert "by default 0.1% of the loss of guessing" in page(given).visible
    assert "how much lower its validation loss is, positive where the row is better" in page(given).visible


def test_the_page_loads_nothing():
    text = render_comparison_page(comparisons(levels(0.9, 0.95)), "T")
    found = Page(text)
    for tag, attrs in found.elements:
        assert "src" not in attrs, tag
        assert attrs.get("href", "data:,").startswith("data:"), tag
    (policy,) = [m["content"] for m in found.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "@import" not in text.partition("<body>")[0]


def hostile(one: str, other: str) -> Comparisons:
    part = levels(0.9, 0.95, 0.92, labels=(one, other, "c"), reference=one)
    pairs = tuple(replace(pair, words=other, brief=other) for pair in part.pairs)
    tunings = tuple(replace(tuning, advice=(one,)) for tuning in part.tunings if tuning)
    data = replace(part.dataset, class_names=(one, *part.dataset.class_names[1:]), notices=(other,))
    part = replace(part, pairs=pairs, tunings=tunings, dataset=data)
    return comparisons(part, replace(part, dataset=replace(data, name=one)))


def alone(several: Comparisons) -> Comparisons:
    """The first of several data sets by itself."""
    return Comparisons(several.parts[:1], None)


def test_text_of_others_is_never_markup():
    def pages(one, other):
        several = hostile(one, other)
        return [Page(render_comparison_page(found, other, one)) for found in (several, alone(several))]

    for found, plain in zip(pages(*NASTY), pages("a", "b"), strict=True):
        assert [tag for tag, _ in found.elements] == [tag for tag, _ in plain.elements]
        assert all(text in found.visible for text in NASTY)


def test_charts_carry_no_markup_and_only_finite_numbers():
    several = hostile(*NASTY)
    for found in (several, alone(several)):
        for figure in figures(render_comparison_page(found, "T")).values():
            text = json.dumps(figure)
            assert "<script" not in text
            assert "<img" not in text


@pytest.mark.parametrize("count", [1, 2])
def test_elements_have_ids_of_their_own(count):
    text = page(*(levels(0.9, 0.95), levels(0.91, 0.95))[:count])
    ids = [attrs["id"] for _, attrs in text.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = [a["aria-labelledby"] for _, a in text.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    assert {attrs.get("scope") for attrs in text.named("th")} == {"col", "row"}
    regions = [attrs for attrs in text.named("div") if attrs.get("role") == "region"]
    assert all(region["tabindex"] == "0" for region in regions)


def test_every_switch_has_a_chart_element():
    text = render_comparison_page(comparisons(levels(0.9, 0.95, 0.92)), "T")
    chips = {c["data-key"] for c in Page(text).named("button") if "data-key" in c}
    metas = [trace["meta"] for figure in figures(text).values() for trace in figure["data"]]
    assert chips == {"0", "1", "2", "validation", "training", "batches"}
    assert chips <= {part for meta in metas for part in meta[1:]}


def test_several_data_sets_have_a_page_over_all_and_one_each(tmp_path):
    together = comparisons(*(levels(0.9, 0.95, 0.92 + 0.01 * i) for i in range(4)))
    path = write_comparison_page(together, tmp_path / "report.html", title="T", files=["pairs.csv"])
    text = path.read_text(encoding="utf-8")
    assert set(figures(text)) == {"ranks", "aggregates", "profiles"}
    found = Page(text)
    links = [attrs["href"] for attrs in found.named("a")]
    assert links == [f"pages/digits-{i}.html" for i in range(1, 5)]
    assert {file.name for file in tmp_path.iterdir()} == {"report.html", "pages"}
    assert {file.name for file in (tmp_path / "pages").iterdir()} == {Path(link).name for link in links}
    for i, (part, link) in enumerate(zip(together.parts, links, strict=True)):
        own = (tmp_path / link).read_text(encoding="utf-8")
        names = {"ranking", "score", "loss", "target", "forest", "sensitivity"}
        assert set(figures(own)) == names | ({"enlarged"} if i == 3 else set())  # two at 0.95 and one at 0.9
        (back,) = Page(own).named("a")
        assert (tmp_path / "pages" / back["href"]).resolve() == path.resolve()
        assert f"Compare: {part.dataset.name}" in Page(own).visible
        assert f"{part.dataset.name} {headline(brief(part))}" in found.visible
    assert "has the best mean rank over 4 data sets" in found.visible
    assert "Friedman's test of 3 contenders on 4 data sets: p = " in found.visible
    assert "Demšar (2006)" in found.visible


def test_two_contenders_on_few_data_sets_are_not_ranked():
    text = page(*(levels(0.9, 0.95, n=12, data="iris") for _ in range(3))).visible
    assert "With so few data sets no difference between mean ranks can be significant" in text
    assert "Friedman's test of" not in text.partition("How it was done")[0]
    assert "differ significantly (Nemenyi" not in text
    assert "drawing the same runs again cannot show more" in text  # all runs of one are better
    close = page(*(levels(0.9, 0.901, n=12, data="iris") for _ in range(3))).visible
    assert "drawing the same runs again cannot show more" not in close


def test_files_beside_the_page_are_named():
    found = comparisons(levels(0.9, 0.95))
    text = Page(render_comparison_page(found, "T", files=("contenders.csv", "table.tex"))).visible
    assert "in the files beside this page: contenders.csv, table.tex" in text
    assert "beside this page" not in Page(render_comparison_page(found, "T")).visible


@pytest.mark.slow
def test_many_verdicts_are_folded():
    labels = [f"contender {k}" for k in range(50)]
    part = comparison(labels, [normal(k, 0.5 + 0.008 * k, 0.01, 12) for k in range(50)], data="digits")
    text = render_comparison_page(comparisons(part), "T")
    assert "The 1,225 pairs in sentences" in text
    assert "forest" not in figures(text)  # as many rows cannot be read
    assert all(label in text for label in labels)
    assert len(text) < 8e6


@pytest.mark.parametrize(
    "case", ["one seed", "one lost", "all lost", "same", "regression", "loss", "reference", "tuned choices", "no pairs"]
)
def test_other_comparisons(case):
    part = {
        "one seed": lambda: levels(0.9, 0.95, 0.92, n=1, seeds=(0,)),
        "one lost": lambda: comparison(
            LABELS, [normal(k, 0.9, 0.01, 12) for k in range(3)], diverged=[(1, s) for s in range(12)]
        ),
        "all lost": lambda: comparison(
            LABELS, [[0.5] * 12] * 3, diverged=[(k, s) for k in range(3) for s in range(12)]
        ),
        "same": lambda: comparison(LABELS, [normal(1, 0.9, 0.01, 12)] * 3, data="digits"),
        "regression": lambda: levels(0.40, 0.42, 0.45, data="diabetes"),
        "loss": lambda: levels(0.40, 0.02, 0.45, metric="loss", sd=0.001),
        "reference": lambda: levels(0.9, 0.95, 0.92, reference="momentum"),
        "tuned choices": lambda: levels(0.9, 0.95, tune={"batch_size": Choices((32, 64)), "momentum": Range(0.5, 0.9)}),
        "no pairs": lambda: replace(levels(0.9, 0.95, n=2), pairs=(), detectable_sds=math.nan),
    }[case]()
    text = page(part, title=case)
    assert not text.open
    before_recipes = text.visible.partition("As they were compared")[0]  # whose comments have the word None
    before_recipes = before_recipes.replace("None of the", "")
    assert not re.search(r".{30}\b(nan|inf|None)\b", before_recipes)
    assert not re.search(r".{30}\b(NaN|Infinity)\b", text.visible)
    said = {
        "one seed": "One seed says nothing about chance: it has no interval, and decides nothing.",
        "one lost": "momentum (12 of 12)",
        "all lost": "All networks of all contenders diverged",
        "same": "after 12 seeds: every pair was decided",
        "regression": "reaches a higher validation R² than",
        "loss": "lower is better",
        "reference": "all differences from momentum",
        "tuned choices": "batch_size among 32, 64 and momentum from 0.5 to 0.9",
        "no pairs": "too few seeds to detect any difference with 80% probability",
    }[case]
    assert said in text.visible


def test_the_page_is_written_where_it_is_asked_for(tmp_path):
    found = comparisons(levels(0.9, 0.95))
    path = write_comparison_page(found, tmp_path / "report.html", title="Compare: digits", files=["pairs.csv"])
    assert path == tmp_path / "report.html"
    assert "<title>Compare: digits</title>" in path.read_text(encoding="utf-8")
    assert "in the files beside this page: pairs.csv" in path.read_text(encoding="utf-8")


def test_a_skewed_pair_is_named_with_its_skewness_and_only_there_its_error_is_told():
    rng = np.random.default_rng(0)
    steady, failing = rng.normal(0.9, 0.002, 20), rng.normal(0.93, 0.002, 20)
    failing[7] = 0.8
    part = comparison(LABELS[:2], [steady.tolist(), failing.tolist()], terms=Terms(seeds=tuple(range(20))))
    text = page(part)
    (pair,) = part.pairs
    assert pair.decision.method == "skewed"
    assert re.search(
        rf"Skewed against the better contender: {LABELS[1]} over {LABELS[0]} \(skewness −4\.\d, 20 seeds\)",
        text.visible,
    )
    assert "lognormal tail" in text.visible
    plain = page(levels(0.90, 0.95, 0.951, sd=0.01))
    assert "Skewed against" not in plain.visible
    told = re.search(r"longer tail against the better contender \(skewness (−?\d\.\d) to (\d\.\d)\)", plain.visible)
    assert told
    found = [pair.decision.skewness for pair in levels(0.90, 0.95, 0.951, sd=0.01).pairs]
    assert [float(end.replace("−", "-")) for end in told.groups()] == [round(min(found), 1), round(max(found), 1)]
    few = page(
        comparison(LABELS[:2], [normal(k, 0.8 + 0.1 * k, 0.01, 7) for k in range(2)], terms=Terms(seeds=range(7)))
    )
    assert "skewed" not in few.visible.partition("How it was done")[0]  # too few to test for it
    assert "lognormal" not in plain.visible


def test_only_what_was_declared_early_is_called_overstated():
    late = page(
        comparison(LABELS[:2], [normal(1, 0.90, 0.01, 12), normal(2, 0.95, 0.01, 12)], terms=Terms(seeds=range(12)))
    )
    assert "early look" not in late.visible
    early = page(levels(0.90, 0.95, sd=0.01))
    assert f"Declared at an early look: {LABELS[1]} over {LABELS[0]}." in early.visible


def test_a_target_that_is_never_reached_has_no_ends():
    assert shown(time_cell(Interval(np.inf, np.inf, np.inf, 8))) == ("never", "")
    assert shown(time_cell(Interval(3.5, 3.0, np.inf, 8))) == ("3.5", "[3, never]")


def test_seeds_that_were_given_are_no_maximum():
    alike = [normal(1, 0.90, 0.01, 3), normal(2, 0.90, 0.01, 3)]
    given = Page(render_comparison_page(comparisons(comparison(LABELS[:2], alike, terms=Terms(seeds=range(3)))), "T"))
    assert "after 3 seeds, all that were given; 1 of 1 pair undecided" in given.visible
    assert "3 seeds are too few to show a difference" in given.visible
