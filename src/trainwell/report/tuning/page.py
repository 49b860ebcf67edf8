"""The page of `trainwell tune`: what was found, how sure that is, how it was searched for, how to use the model."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core import write_atomic
from trainwell.data import Dataset
from trainwell.models import Quality
from trainwell.report.frame.facts import data_facts, test_facts
from trainwell.report.frame.model_card import SavedModel
from trainwell.report.frame.rendering import Chart, render
from trainwell.report.legend import Chip
from trainwell.report.palette import COLORS, GREY
from trainwell.report.tuning.best_curves import search_best_curves
from trainwell.report.tuning.colors import STATES, STRONG
from trainwell.report.tuning.importance import search_importance
from trainwell.report.tuning.parallel import search_parallel
from trainwell.report.tuning.progress import search_progress
from trainwell.report.tuning.ranges import search_ranges
from trainwell.report.tuning.rounds import round_stories
from trainwell.report.tuning.tables import best_listing, candidates_listing, options_listing
from trainwell.report.tuning.words import (
    candidate_notes,
    choice_text,
    headline,
    importance_words,
    search_facts,
    search_notes,
)
from trainwell.training import recipe_toml, space_toml

if TYPE_CHECKING:
    from trainwell.search import SearchResult, Tuned


def write_tune_page(
    tuned: "Tuned",
    path: str | Path,
    *,
    title: str,
    command: str = "",
    dataset: Dataset | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    seconds: float | None = None,
) -> Path:
    """Write the page of a search: result, test, model, recipe, ranges per round, trials, curves, data, space.

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
    path = Path(path)
    text = render_tune_page(tuned, title, command, dataset, model, test, seconds)
    write_atomic(path, text.encode())
    return path


def render_tune_page(
    tuned: "Tuned",
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
    return render(
        "tuning/tuning.html.jinja",
        title=title,
        headline=headline(tuned, test),
        missing=result.missing_words,
        advice=result.advice,
        importance=importance_words(result),
        candidates=candidates_listing(tuned) if tuned.candidates else None,
        candidate_notes=candidate_notes(tuned),
        options=options_listing(tuned) if tuned.options else None,
        choice=choice_text(tuned),
        test=test_facts(test) if test else None,
        model=model,
        recipe=recipe_toml(tuned.recipe) if any(trial.state != "diverged" for trial in result.trials) else None,
        states=_state_chips(result),
        kinds=_KINDS,
        search_notes=search_notes(tuned),
        charts={chart.id: chart for chart in _charts(result)},
        rounds=round_stories(result),
        best=best_listing(result),
        trials=len(result.trials),
        data=data_facts(data) if data else None,
        notices=data.notices if data else (),
        space=space_toml(result.space),
        making=search_facts(tuned, command, seconds),
    )


def _charts(result: "SearchResult") -> list[Chart]:
    found = [
        Chart("progress", "Every trial, and the best so far", search_progress(result)),
        Chart("ranges", "Where each round looked, and what it found", search_ranges(result)),
        Chart("parallel", "All trials, from parameter to parameter", search_parallel(result)),
        Chart("curves", "Learning curves of the best trials", search_best_curves(result)),
    ]
    if result.importance:
        found.append(Chart("importance", "Importance of each hyperparameter", search_importance(result)))
    return found


_KINDS = (Chip("validation", "validation", COLORS[1]), Chip("training", "training", COLORS[0]))


def _state_chips(result: "SearchResult") -> tuple[Chip, ...]:
    looks = {
        "complete": (STRONG, "circle"),
        "pruned": (GREY, "circle-open"),
        "cut": (GREY, "diamond-open"),
        "diverged": (GREY, "cross"),
    }
    found = [state for state in STATES if any(trial.state == state for trial in result.trials)]
    return tuple(Chip(state, STATES[state], *looks[state]) for state in found)
