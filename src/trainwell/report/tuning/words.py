"""What `tune`'s page says in sentences."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

from trainwell.core import METRICS
from trainwell.models import Quality
from trainwell.report.frame.facts import Facts, command_facts, test_facts, version_facts
from trainwell.report.tuning.axes import axes_of, metric_text, values_text
from trainwell.report.tuning.tables import trial_networks

if TYPE_CHECKING:
    from trainwell.search import SearchResult, Tuned


MOST_NAMED = 4  # values in the headline


def headline(tuned: "Tuned", test: Quality | None) -> str:
    """The best recipe, how it did with fresh seeds, and what the test split says of the model."""
    return " ".join(part for part in (_best_sentence(tuned), _test_sentence(tuned, test)) if part)


def _best_sentence(tuned: "Tuned") -> str:
    result = tuned.search
    ended = len(result.trials)
    alive = [trial for trial in result.ranked() if trial.state != "diverged"]
    if not alive:
        what = "No trial has ended" if not ended else "The trial" if ended == 1 else f"All {ended} trials"
        return (
            f"{what}: there is nothing to choose from."
            if not ended
            else f"{what} diverged: search lower learning rates."
        )
    metric = METRICS[result.metric]
    of = f"the best of {ended} trials" if ended > 1 else "the only trial"
    if tuned.candidates:
        best = tuned.candidates[0]
        setting = _setting(result, best.trial.values)
        score = best.score
        if isnan(score.mean):
            why = "diverged" if best.diverged == len(best.seeds) else "diverged or ran out of time"
            return f"Trial {best.trial.number} was {of}, but all its networks with fresh seeds {why}."
        ends = metric.ends(score.low, score.high)
        sure = f"95% interval {ends}, n = {score.n} fresh seeds" if ends else f"n = {score.n} fresh seed: no interval"
        lost = f", {best.diverged} more diverged" if best.diverged else ""
        reached = f"{metric.validation} {metric.text(score.mean)} ({sure}{lost})"
        return f"Trial {best.trial.number}{setting} is {of}: {reached}."
    best_trial = alive[0]
    reached = f"{metric.validation} {metric_text(result, best_trial.value)} ({networks_text(result)})"
    setting = _setting(result, best_trial.values)
    return f"Trial {best_trial.number}{setting} is {of}: {reached}; it was not measured again with fresh seeds."


def _setting(result: "SearchResult", values: Mapping[str, Any]) -> str:
    """The most important values of a trial, in brackets."""
    names = [axis.name for axis in axes_of(result) if axis.name in values]
    shown = values_text({name: values[name] for name in names[:MOST_NAMED]})
    left = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" ({shown}{left})" if names else ""


def _test_sentence(tuned: "Tuned", test: Quality | None) -> str:
    if test is None:
        return ""
    named = dict(test_facts(test))
    error = ["Root mean squared error"] if test.undefined else []
    name = next(name for name in ("Accuracy", *error, "R²", "Loss") if name in named)
    chosen = next((option for option in tuned.options if option.chosen), None)
    what = f"The model ({chosen.name})" if chosen else "The model"
    return f"{what} has a test {name[0].lower() if name != 'R²' else 'R'}{name[1:]} of {named[name]}, read once."


def networks_text(result: "SearchResult") -> str:
    """How many networks a trial's value is the mean of."""
    seeds, folds = max(len(result.seeds), 1), result.folds
    parts = [f"{seeds} seed{'s' if seeds > 1 else ''}", *([f"{folds} folds"] if folds > 1 else [])]
    return f"n = {trial_networks(result)}: {' × '.join(parts)} per trial"


def search_notes(tuned: "Tuned") -> list[str]:
    """What a reader must know to read the trials' values right."""
    result = tuned.search
    found = [f"{notice[0].upper()}{notice[1:]}." for notice in result.notices]
    again = "re-measured above" if tuned.candidates else "train the best again with fresh seeds"
    if all(trial.state == "diverged" for trial in result.trials):
        pass  # there is nothing to rank
    elif trial_networks(result) == 1:
        found.append(f"One seed per trial (n = 1): its value serves for ranking only; {again}.")
    else:
        found.append(
            f"Values of trials are means ({networks_text(result)}); the best of many look better than they are."
        )
    pruned, diverged = count(result, "pruned"), count(result, "diverged")
    if pruned:
        found.append(
            f"{pruned} pruned trials were stopped early for being behind; "
            "their value is that of their last rung, after fewer epochs than the others."
        )
    if cut := count(result, "cut"):
        found.append(f"{cut} trials were cut off by the time limit; their value is that of their last observation.")
    if diverged:
        found.append(f"{diverged} diverged trials have no value: their loss stopped being finite.")
    return found


def importance_words(result: "SearchResult") -> str:
    """How to read the chart of importance, or why there is none."""
    if not result.importance:
        return (
            "Importance is not computed: that takes 30 finished trials, and differences between them that the "
            "hyperparameters explain."
        )
    some = any(one.where for one in result.importance.values())
    grey = " A grey bar is of a hyperparameter that only some trials have: its share is among those." if some else ""
    return (
        "Importance is the share of each hyperparameter, taken alone, in the variance of the metric that all of them "
        "explain over their declared ranges; effects that two have only together count for neither. Trials are "
        "compared where all have a value: at the first rung where some were pruned, else at the end. Where intervals "
        f"overlap, the order is uncertain.{grey}"
    )


def candidate_notes(tuned: "Tuned") -> list[str]:
    """How to read the table of recipes trained again."""
    found = []
    if any(one.score.n > 1 for one in tuned.candidates):
        found.append(
            "Means over fresh seeds that the search did not use, with 95% Student t intervals in brackets: how much "
            "the seed matters, not how much another split of the data would."
        )
    if any(one.score.n == 1 for one in tuned.candidates):
        found.append("A recipe with one fresh seed (n = 1) has no interval.")
    found.append("The validation split chose these recipes, so they look a little better on it than they are.")
    return found


def choice_text(tuned: "Tuned") -> str:
    """Why the model is what it is."""
    chosen = next((option for option in tuned.options if option.chosen), None)
    if chosen is None:
        return ""
    result = tuned.search
    others = [option.score for option in tuned.options if option is not chosen]
    networks = f"{chosen.networks} network{'s' if chosen.networks > 1 else ''}"
    score = f"a {METRICS[result.metric].validation} of {metric_text(result, chosen.score)}"
    lead = f"The model is “{chosen.name}” ({networks}), with {score}"
    if not others:
        return f"{lead}: there was no other."
    best = max(result.sign * score for score in others)
    if result.sign * chosen.score > best:
        return f"{lead}: the best of those considered. The test split had no say in it."
    if result.sign * chosen.score == best:
        return f"{lead}: none did better on validation. The test split had no say in it."
    return f"{lead}. The test split had no say in it."


def search_facts(tuned: "Tuned", command: str, seconds: float | None) -> Facts:
    """How the result was made: trials and their ends, sampler, where the time went, versions."""
    result = tuned.search
    ends = ", ".join(f"{count(result, state)} {word}" for state, word in _ENDS if count(result, state))
    facts: Facts = [*command_facts(command), ("Trials", f"{len(result.trials):,}" + (f": {ends}" if ends else ""))]
    facts.append(("Networks per trial", networks_text(result)))
    facts.append(("Sampler", result.sampler))
    if result.rounds:
        facts.append(("Rounds", str(len(result.rounds))))
    facts += _time_facts(result, seconds)
    return [*facts, *version_facts()]


def _time_facts(result: "SearchResult", seconds: float | None) -> Facts:
    facts: Facts = []
    took = result.seconds
    if seconds is not None:
        facts.append(("Took", f"{seconds:,.1f} s"))
    if took is None:
        return facts
    share = f" ({took.overhead / took.total:.1%})" if took.total > 0 else ""
    parts = [
        f"{took.compiling:,.1f} s compiling",
        f"{took.training:,.1f} s training",
        f"{took.overhead:,.2f} s asking, telling and storing{share}",
    ]
    facts.append(("Search took", f"{took.total:,.1f} s: {', '.join(parts)}"))
    if took.refit:
        facts.append(("Training again took", f"{took.refit:,.1f} s"))
    return facts


def count(result: "SearchResult", state: Literal["complete", "pruned", "cut", "diverged"]) -> int:
    """Number of trials that ended so."""
    return sum(trial.state == state for trial in result.trials)


_ENDS: Sequence[tuple[Literal["complete", "pruned", "cut", "diverged"], str]] = (
    ("complete", "trained to the end"),
    ("pruned", "pruned"),
    ("cut", "cut off by the time limit"),
    ("diverged", "diverged"),
)
