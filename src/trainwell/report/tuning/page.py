"""The page of `trainwell tune`: what was found, how sure that is, how it was searched for, how to use the model."""

import shlex
from pathlib import Path

from trainwell.core import METRICS
from trainwell.data import TEST_SPLIT_USED, Dataset
from trainwell.display import (
    COLORS,
    GREY,
    STATES,
    Chip,
    Head,
    Row,
    Table,
)
from trainwell.models import Quality
from trainwell.report.frame.page import Chart, SavedModel, render, test_facts, write
from trainwell.report.tuning import charts
from trainwell.report.tuning.words import (
    candidate_notes,
    choice_notes,
    choice_text,
    headline,
    importance_words,
    round_stories,
    search_data_facts,
    search_facts,
    search_notes,
)
from trainwell.search import (
    SearchResult,
    Tuned,
    best_table,
    candidates_table,
    crowds_at_one,
    metric_title,
    trials_chart,
)
from trainwell.training import Recipe, differing_fields, recipe_toml, space_toml

KINDS = (Chip("validation", "validation", COLORS[1]), Chip("training", "training", COLORS[0]))
LOOKS = {
    "complete": (COLORS[1], "circle"),
    "pruned": (GREY, "circle-open"),
    "cut": (GREY, "diamond-open"),
    "diverged": (GREY, "cross"),
}


def write_tune_page(
    tuned: Tuned,
    path: str | Path,
    *,
    title: str,
    command: str = "",
    dataset: Dataset | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    seconds: float | None = None,
) -> Path:
    """Write the page of a search: result, recipe, test, model, trials; the rest of the search folded.

    Args:
        tuned: what `tune` gave back.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        dataset: the data; by default that of the networks trained again.
        model: the saved model, if there is one.
        test: its quality on the test split, if that was read.
        seconds: wall-clock time of everything.

    Returns:
        The path.
    """
    return write(path, render_tune_page(tuned, title, command, dataset, model, test, seconds))


def render_tune_page(
    tuned: Tuned,
    title: str,
    command: str = "",
    dataset: Dataset | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    seconds: float | None = None,
) -> str:
    """The page that `write_tune_page` writes, as text."""
    result = tuned.search
    data = dataset or (tuned.trained.dataset if tuned.trained else None)
    ended = {trial.state for trial in result.trials}
    return render(
        "tuning/tuning.html.jinja",
        title=title,
        headline=headline(tuned, test),
        missing=result.missing_words,
        advice=result.advice,
        importance=importance_words(result),
        candidates=candidates_table(tuned) if tuned.candidates else None,
        candidate_notes=candidate_notes(tuned),
        options=options_table(tuned) if tuned.considered else None,
        choice_notes=choice_notes(tuned),
        choice=choice_text(tuned, on_test=bool(data and data.validates_on_test)),
        test=test_facts(test) if test else None,
        untouched=TEST_SPLIT_USED if data and data.validates_on_test else "",
        model=model,
        recipe=_recipe(tuned.recipe) if ended - {"diverged"} else None,
        check=_check(model) if model else "",
        states=[Chip(state, words, *LOOKS[state]) for state, words in STATES.items() if state in ended],
        kinds=KINDS,
        search_notes=search_notes(tuned),
        charts={chart.id: chart for chart in _charts(result)},
        rounds=round_stories(result),
        best=best_table(result),
        trials=len(result.trials),
        data=search_data_facts(tuned, data) if data else None,
        notices=data.notices if data else (),
        space=space_toml(result.space),
        making=search_facts(tuned, command, seconds),
    )


def _recipe(recipe: Recipe) -> dict[str, str]:
    """The recipe as TOML: what is not the default's beside optimizer and learning rate, and all of it."""
    whole = recipe_toml(recipe)
    named = {"optimizer", "learning_rate", *differing_fields([Recipe(), recipe])}
    lines = [line for line in whole.splitlines() if line.partition(" =")[0] in named]
    return {"short": "\n".join(lines) + "\n", "whole": whole}


def _check(model: SavedModel) -> str:
    """The command that compares the recipe with the default one, tuning neither."""
    recipe = str(Path(model.folder).parent / "recipe.toml")
    contenders = ("--contender", recipe, "--contender", "default: optimizer=adam")
    return shlex.join(["trainwell", "compare", *(model.to_train or [model.source]), *contenders, "--as-given"])


def _charts(result: SearchResult) -> list[Chart]:
    curves = "Learning curves of the best trials" + ", as errors" * crowds_at_one(result)
    found = [
        Chart("progress", "Every trial, and the best so far", trials_chart(result)),
        Chart("ranges", "Where each round looked, and what it found", charts.ranges(result)),
        Chart("parallel", "All trials, from parameter to parameter", charts.parallel(result)),
        Chart("curves", curves, charts.best_curves(result)),
    ]
    if result.importance:
        found.append(Chart("importance", "Importance of each hyperparameter", charts.importance(result)))
    return found


def options_table(tuned: Tuned) -> Table:
    """The models that were considered, with the one that was chosen."""
    metric = METRICS[tuned.search.metric]
    heads = (Head("Model", ""), Head("Networks"), Head(metric_title(tuned.search)), Head("", ""))
    rows = (
        Row((one.name, str(one.num_networks), metric.text(one.score), "chosen" if one.chosen else ""), one.chosen)
        for one in tuned.considered
    )
    return Table(heads, tuple(rows))
