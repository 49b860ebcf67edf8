"""The page of a search: self-contained, safe with any text, complete, honest about n."""

import json
import re
import tomllib
from dataclasses import replace

import pytest

from reference.page_text import Page, figures, seen
from reference.search_results import LARGE, SMALL, renamed, search, tuned
from trainwell.data import load_data
from trainwell.models import Quality, TestQuality
from trainwell.report import SavedModel, write_tune_page
from trainwell.report.tuning.page import render_tune_page
from trainwell.report.tuning.words import headline, round_stories
from trainwell.search import best_table, candidates_table
from trainwell.statistics import Interval
from trainwell.training import Recipe

NASTY = "</script><script>alert(1)</script>", '<img src=x onerror="alert(1)"> %{x}'


def test_the_page_says_what_was_found():
    result = tuned(search())
    best = result.candidates[0]
    page = Page(
        render_tune_page(
            result,
            "Tune: digits",
            "trainwell tune digits --trials 40",
            load_data("digits"),
            SavedModel("runs/a/model", "digits", "The average."),
            Quality(200, {"accuracy": 0.8, "loss": 0.5}),
            33.3,
        )
    )
    assert not page.open
    for part in (
        f"Trial {best.trial.number} ({best.trial.values['optimizer']}, learning rate 0.0",
        "is the best of 40 trials, judged on one validation split: ",
        f"validation accuracy {best.score.mean:.3f} (95% interval [",
        *("Validation one validation split", "Greedy selection: networks added one by one", "on the validation split"),
        "n = 5 fresh seeds)",
        f"The model (5 seeds of trial {best.trial.number}) has a test accuracy of 0.800 ",
        "(95% interval [0.739, 0.850], n = 200), read once.",
        *("The ranges may be too narrow", "upper end of the declared range: widen it", "search with --space FILE"),
        *("best network", "greedy selection", "the best of 3 considered"),
        *("One seed per trial (n = 1): its value serves for ranking only; re-measured above.", "Round 1 (trials 0–19)"),
        *("learning_rate narrowed to [0.001, 1]", "Round 2 (trials 20–39)", "dropped adam"),
        *("trainwell predict runs/a/model digits", "trainwell tune digits --trials 40", "The best 20 of 40 trials"),
        *(
            "12.5 s: 4.0 s compiling, 8.0 s training, 0.50 s in the sampler and the study (4.0%)",
            "3.2 s",
            "33.3 s",
            "jax ",
        ),
        *("40: 28 trained to the end, 8 pruned, 4 diverged", "coarse_to_fine", "low = 0.0001", "epochs = 20.0"),
    ):
        assert part in page.visible, part


def test_the_page_loads_nothing():
    page = Page(text := render_tune_page(tuned(search()), "T", model=SavedModel("m", "digits")))
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        assert attrs.get("href", "data:,").startswith("data:"), tag
    (policy,) = [m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "@import" not in text.partition("<body>")[0]


def test_text_of_others_is_never_markup():
    def page(one, other):
        result = tuned(renamed(search(), one))
        options = [replace(option, name=other) for option in result.considered]
        data = replace(load_data("iris"), class_names=(one, other, "c"), notices=(other,))
        model = SavedModel(one, other, other)
        return Page(render_tune_page(replace(result, considered=options), other, one, data, model, None, 1.0))

    nasty, plain = page(*NASTY), page("a", "b")
    assert [tag for tag, _ in nasty.elements] == [tag for tag, _ in plain.elements]
    assert NASTY[0] in nasty.visible
    assert NASTY[1] in nasty.visible


def test_charts_carry_no_markup():
    found = figures(render_tune_page(tuned(renamed(search(), NASTY[0])), "T"))
    assert list(found) == ["progress", "curves", "importance", "parallel", "ranges"]
    for figure in found.values():
        assert "<script" not in json.dumps(figure)


def test_every_switch_has_a_chart_element():
    text = render_tune_page(tuned(search()), "T")
    chips = {c["data-key"] for c in Page(text).named("button") if "data-key" in c}
    kinds = {trace["meta"][1] for figure in figures(text).values() for trace in figure["data"]}
    assert chips == {"complete", "pruned", "diverged", "validation", "training"}
    assert chips <= kinds


def test_tables_are_marked_up_for_readers():
    page = Page(render_tune_page(tuned(search()), "T"))
    regions = [attrs for attrs in page.named("div") if attrs.get("role") == "region"]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert len(regions) == 3
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    assert all(region["tabindex"] == "0" for region in regions)
    assert {attrs.get("scope") for attrs in page.named("th")} == {"col", "row"}


def test_candidates_by_hand():
    result = tuned(search(), fresh=3)
    first = candidates_table(result).rows[0]
    candidate = result.candidates[0]
    assert seen(first)[0] == (f"trial {candidate.trial.number}", "")
    mean, low, high = (f"{one:.3f}" for one in (candidate.score.mean, candidate.score.low, candidate.score.high))
    assert seen(first)[1] == (mean, f"[{low}, {high}]")  # beside the trial, where a phone shows it
    assert seen(first)[2:4] == (("3", ""), ("0", ""))
    assert seen(first)[4] == (f"{candidate.trial.value:.3f}", "n = 1")


def test_best_trials_by_hand():
    result = search()
    listing = best_table(result)
    assert [seen(row)[0][0] for row in listing.rows] == [f"trial {t.number}" for t in result.ranked()[:20]]
    heads = [head.text for head in listing.heads]
    assert heads == ["Trial", "Validation accuracy", "Loss", "Epochs", "End", "optimizer", "learning_rate", "momentum"]
    best = result.ranked()[0]
    cells = dict(zip(heads, seen(listing.rows[0]), strict=True))
    assert cells["Validation accuracy"][0] == f"{best.value:.3f}"
    assert cells["optimizer"][0] == best.values["optimizer"]
    assert cells["momentum"][0] == ("–" if "momentum" not in best.values else f"{best.values['momentum']:.4g}")
    assert [h.text for h in best_table(search(metric="loss")).heads][:3] == ["Trial", "Validation loss", "Epochs"]


def test_rounds_by_hand():
    result = search(trials=60)
    kept = dict.fromkeys(("learning_rate", "momentum"), "kept: nothing to go by")
    second = replace(
        result.rounds[1],
        extents={**result.rounds[1].extents, **{name: result.rounds[0].extents[name] for name in kept}},
        reasons={**result.rounds[1].reasons, **kept},
    )
    first = replace(result.rounds[0], reasons=dict.fromkeys(SMALL, "the declared range"))
    stories = round_stories(replace(result, rounds=(first, second, replace(result.rounds[2], completed=False))))
    assert [one["title"] for one in stories] == [
        *("Round 1 (trials 0–19)", "Round 2 (trials 20–39)", "Round 3 (trials 40–59, not completed)")
    ]
    assert (stories[0]["changed"], stories[0]["kept"]) == ({}, {})
    assert stories[1]["changed"] == {"optimizer": second.reasons["optimizer"]}
    assert stories[1]["kept"] == {"kept: nothing to go by": ["learning_rate", "momentum"]}
    assert [*stories[2]["changed"]] == ["learning_rate", "momentum", "optimizer"]


def test_one_fresh_seed_has_no_interval():
    said = headline(tuned(search(), fresh=1), None)
    assert "n = 1 fresh seed: no interval" in said
    assert "95%" not in said


def test_without_refit_the_headline_says_n():
    page = Page(render_tune_page(tuned(search(), refit=False), "T"))
    assert "(n = 1: 1 seed per trial); it was not trained again with fresh seeds." in page.visible
    assert "train the best again with fresh seeds" in page.visible
    assert "re-measured" not in page.visible
    assert "Models considered" not in page.visible


def test_all_diverged():
    result = search(trials=6)
    lost = replace(result, trials=tuple(replace(t, state="diverged", value=float("nan")) for t in result.trials))
    page = Page(render_tune_page(tuned(lost), "T"))
    assert "All 6 trials diverged: search lower learning rates." in page.visible
    assert "0.9" not in headline(tuned(lost), None)
    assert "The best recipe" not in page.visible
    assert "ranking" not in page.visible


def test_candidates_that_all_diverged():
    result = tuned(search())
    nothing = replace(result.candidates[0], score=Interval(float("nan"), float("nan"), float("nan"), 0, 5), diverged=5)
    said = headline(replace(result, candidates=(nothing,), considered=()), None)
    assert (
        said == f"Trial {nothing.trial.number} was the best of 40 trials, judged on one validation split, but all its "
        "networks with fresh seeds diverged."
    )


def test_regression_with_folds():
    result = tuned(search(metric="r2", folds=5))
    test = TestQuality(67, {"r2": 0.44, "rmse": 54.3, "mae": 43.2}, "r2", Interval(0.44, 0.31, 0.55, 67))
    page = Page(render_tune_page(result, "T", dataset=load_data("diabetes"), test=test))
    assert "is the best of 40 trials, judged on 5-fold cross-validation: validation R² " in page.visible
    assert "chosen on the validation splits of 5-fold cross-validation" in page.visible
    assert "5-fold cross-validation of the 376 training and validation rows" in page.visible
    assert "has a test R² of 0.440 (95% interval [0.310, 0.550], n = 67), read once." in page.visible
    assert "Values of trials are means (n = 5: 1 seed × 5 folds per trial)" in page.visible


@pytest.mark.parametrize("case", ["one", "no rounds", "large", "loss"])
def test_other_searches(case):
    result = {
        "one": lambda: search(trials=1, advice=()),
        "no rounds": lambda: search(per_round=0),
        "large": lambda: search(LARGE, 200, 50),
        "loss": lambda: search(metric="loss"),
    }[case]()
    page = Page(render_tune_page(tuned(result), case))
    assert not page.open
    assert ("The ranges may be too narrow" in page.visible) == (case != "one")
    assert ("Round by round" in page.visible) == (case != "no rounds")
    if case == "one":
        assert "is the only trial" in page.visible
        assert "The best 1 of 1 trial " in page.visible
    if case == "large":
        recipe = r"\(momentum, learning rate 0.09722; unlike the default: .* and \d more\) is the best of 200 trials"
        assert re.search(recipe, page.visible)


def test_the_short_recipe_is_the_recipe_too_and_has_nothing_of_the_default(tmp_path):
    result = tuned(search())
    short = next(t for t in Page(render_tune_page(result, "T")).texts("code") if t.startswith("optimizer"))
    fields = tomllib.loads(short)
    assert Recipe(**fields) == result.recipe
    same = {name for name, value in fields.items() if value == Recipe().model_dump(mode="json")[name]}
    assert same <= {"optimizer", "learning_rate"}


def test_the_next_step_compares_the_recipe_with_the_default():
    page = Page(render_tune_page(tuned(search()), "T", model=SavedModel("runs/a/model", "digits")))
    (line,) = [t for t in page.texts("code") if t.startswith("trainwell compare")]
    said = "trainwell compare digits --contender runs/a/recipe.toml --contender 'default: optimizer=adam' --as-given"
    assert line == said
    read = SavedModel(
        "m", "a b.csv", to_predict=["a b.csv", "--no-header"], to_train=["a b.csv", "--target", "net price"]
    )
    page = Page(render_tune_page(tuned(search()), "T", model=read))
    found = [t for t in page.texts("code") if t.startswith("trainwell")]
    assert found == [
        "trainwell compare 'a b.csv' --target 'net price' --contender recipe.toml "
        "--contender 'default: optimizer=adam' --as-given",
        "trainwell predict m 'a b.csv' --no-header",
    ]


def test_the_recipe_on_the_page_is_the_recipe(tmp_path):
    from trainwell.training import load_recipe

    result = tuned(search())
    path = write_tune_page(result, tmp_path / "page.html", title="T")
    code = re.search(r'aria-label="the recipe"><code>(.*?)</code>', path.read_text(encoding="utf-8"), re.S)
    (tmp_path / "recipe.toml").write_text(code[1].replace("&#34;", '"').replace("&lt;", "<").replace("&amp;", "&"))
    assert load_recipe(tmp_path / "recipe.toml") == result.recipe != Recipe()
