"""The tables of `tune`'s page: recipes trained again, models considered, the best trials."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainwell.core import METRICS, loss_text
from trainwell.display import Head, Listing, ListingRow
from trainwell.report.numbers import NONE
from trainwell.report.tuning.axes import axes_of, metric_text, metric_title, value_text, values_text
from trainwell.report.tuning.colors import STATES

if TYPE_CHECKING:
    from trainwell.search import Candidate, SearchResult, TrialRecord, Tuned


def candidates_listing(tuned: "Tuned") -> Listing:
    """The best recipes trained again with fresh seeds, best first, beside what they had reached in the search."""
    result = tuned.search
    metric = metric_title(result)
    heads = (Head("Trial", ""), Head("Recipe", "long"), Head(metric), Head("Fresh seeds"), Head("Diverged"))
    return Listing(
        (*heads, Head("In the search")),
        tuple(_candidate_row(result, one, i == 0) for i, one in enumerate(tuned.candidates)),
    )


def _candidate_row(result: "SearchResult", candidate: "Candidate", best: bool) -> ListingRow:
    ends = METRICS[result.metric].ends(candidate.score.low, candidate.score.high)
    cells = (
        (f"trial {candidate.trial.number}", ""),
        (values_text(candidate.trial.values), ""),
        (metric_text(result, candidate.score.mean), ends),
        (str(len(candidate.seeds)), ""),
        (str(candidate.diverged), ""),
        (metric_text(result, candidate.trial.value), f"n = {trial_networks(result)}"),
    )
    return ListingRow(cells, chosen=best)


def options_listing(tuned: "Tuned") -> Listing:
    """The models that were considered, with the one that was chosen."""
    result = tuned.search
    heads = (Head("Model", ""), Head("Networks"), Head(metric_title(result)), Head("", ""))
    rows = (
        ListingRow(
            (
                (one.name, ""),
                (str(one.networks), ""),
                (metric_text(result, one.score), ""),
                ("chosen" if one.chosen else "", ""),
            ),
            one.chosen,
        )
        for one in tuned.options
    )
    return Listing(heads, tuple(rows))


def best_listing(result: "SearchResult", count: int = 20) -> Listing:
    """The best trials, best first, with their values."""
    ranked = result.ranked()[:count]
    names = [axis.name for axis in axes_of(result)]
    metric = metric_title(result)
    shown = [Head("Trial", ""), Head(metric), *(Head("Loss") for _ in {"loss"} - {result.metric})]
    heads = (*shown, Head("Epochs"), Head("End", ""), *(Head(name, "") for name in names))
    rows = (ListingRow(_trial_cells(result, trial, names), i == 0) for i, trial in enumerate(ranked))
    return Listing(heads, tuple(rows))


def _trial_cells(result: "SearchResult", trial: "TrialRecord", names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    loss = trial.scores.get("loss/validation", float("nan"))
    training = trial.scores.get(f"{result.metric}/training", float("nan"))
    one = METRICS[result.metric].text
    epochs = trial.curve.epochs
    cells = [
        (f"trial {trial.number}", ""),
        (metric_text(result, trial.value), f"training {one(training)}" if training == training else ""),
        *((loss_text(loss), "") for _ in {"loss"} - {result.metric}),
        (f"{epochs[-1]:.4g}" if len(epochs) else NONE, ""),
        (STATES[trial.state], ""),
    ]
    return (*cells, *((value_text(trial.values[name]) if name in trial.values else NONE, "") for name in names))


def trial_networks(result: "SearchResult") -> int:
    """Networks per trial: seeds times folds."""
    return max(len(result.seeds), 1) * result.folds
