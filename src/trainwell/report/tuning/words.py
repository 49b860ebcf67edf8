"""The sentences of `tune`'s page."""

from collections import Counter
from typing import Any

from trainwell.core import METRICS
from trainwell.data import Dataset
from trainwell.display import STATES
from trainwell.models import Quality
from trainwell.report.frame.page import Facts, data_facts, made_facts, quality_sentence, sentences
from trainwell.search import (
    Round,
    SearchResult,
    Tuned,
    best_sentence,
    judged_on,
    networks_text,
    trial_networks,
    why_chosen,
)

CHOICES = {
    "average of the best": "the average of the k best networks, with the k whose average scores best",
    "greedy selection": "networks added one by one, each time the one that improves the average most",
    "wide average": "the average of as many of the best networks as is at most one standard error worse than the best "
    "other choice",
}
"""Ways to choose the networks of a model, see `trainwell.models.Considered`, explained."""


def headline(tuned: Tuned, test: Quality | None) -> str:
    """The best recipe, how it did with fresh seeds, and what the test split says of the model."""
    return " ".join(part for part in (best_sentence(tuned), _quality_sentence(tuned, test)) if part)


def _quality_sentence(tuned: Tuned, test: Quality | None) -> str:
    if test is None:
        return ""
    chosen = next((option for option in tuned.considered if option.chosen), None)
    return quality_sentence(test, chosen.name if chosen else "")


def search_notes(tuned: Tuned) -> list[str]:
    """Notes that a reader needs to understand the trials' values."""
    result = tuned.search
    found = [f"{notice[0].upper()}{notice[1:]}." for notice in result.notices]
    ended = Counter[str](trial.state for trial in result.trials)
    again = "re-measured above" if tuned.candidates else "train the best again with fresh seeds"
    if ended["diverged"] < len(result.trials):  # else there is nothing to rank
        found.append(
            f"One seed per trial (n = 1): its value serves for ranking only; {again}."
            if trial_networks(result) == 1
            else f"Values of trials are means ({networks_text(result)}); the best of many look better than they are."
        )
    meanings = {
        "pruned": "pruned: stopped at a rung because others were better. The value is that of the last rung, after "
        "fewer epochs than the others had.",
        "cut": "cut off by the time limit. The value is that of the last observation.",
        "diverged": "diverged: the loss stopped being finite, so that there is no value.",
    }
    return found + [
        f"{count} trial{'s' * (count > 1)} {words}" for state, words in meanings.items() if (count := ended[state])
    ]


def importance_words(result: SearchResult) -> str:
    """How to read the chart of importance, or why there is none."""
    if not result.importance:
        return (
            "Importance is not computed: that takes 30 trials (pruned and diverged ones count), and differences "
            "between them that the hyperparameters explain."
        )
    some = any(one.where for one in result.importance.values())
    grey = (
        " A grey bar belongs to a hyperparameter that only some trials have; its share is computed from these."
        if some
        else ""
    )
    return (
        "Importance says how much of the differences between trials one hyperparameter explains by itself: its share "
        "of the variance that all of them explain over their declared ranges. Effects of two in combination are "
        "counted for neither. Trials are compared where all have a value: at the first rung where some were pruned, "
        f"otherwise at the end. Where intervals overlap, the order is uncertain.{grey}"
    )


def candidate_notes(tuned: Tuned) -> list[str]:
    """How to read the table of recipes trained again."""
    counts, folds = {one.score.n for one in tuned.candidates}, tuned.search.folds
    split, it = ("validation split", "it") if folds == 1 else (f"validation splits of {judged_on(folds)}", "them")
    return sentences(
        (
            max(counts, default=0) > 1,
            "Means over fresh seeds that the search did not use, with 95% Student t intervals in brackets: how much "
            "the seed matters, not how much another split of the data would.",
        ),
        (1 in counts, "A recipe with one fresh seed (n = 1) has no interval."),
        (
            True,
            f"These recipes were chosen on the {split}, so they look a little better on {it} than they are.",
        ),
    )


def choice_notes(tuned: Tuned) -> list[str]:
    """What the models considered are."""
    names = [option.name for option in tuned.considered if option.name in CHOICES]
    return [f"{name[0].upper()}{name[1:]}: {CHOICES[name]}." for name in names]


def search_data_facts(tuned: Tuned, data: Dataset) -> Facts:
    """Facts about the data, and how trials were validated on them."""
    rows, folds = len(data.training) + len(data.validation), tuned.search.folds
    pool = f" of the {rows:,} training and validation rows" if folds > 1 else ""
    return [*data_facts(data), ("Validation", f"{judged_on(folds)}{pool}")]


def choice_text(tuned: Tuned, *, on_test: bool = False) -> str:
    """Why the model is what it is.

    Args:
        tuned: the search.
        on_test: whether trials were judged on the test set.
    """
    chosen = next((option for option in tuned.considered if option.chosen), None)
    if chosen is None:
        return ""
    metric = METRICS[tuned.search.metric]
    networks = f"{chosen.num_networks} network{'s' if chosen.num_networks > 1 else ''}"
    lead = f"The model is “{chosen.name}” ({networks}), with a {metric.validation} of {metric.text(chosen.score)}"
    split = "It was chosen on the test set." if on_test else "The test split was not used for this choice."
    return f"{lead}: {why_chosen(tuned.considered, metric, metric.text)}. {split}"


def search_facts(tuned: Tuned, command: str, seconds: float | None) -> Facts:
    """How the result was made: trials and their ends, sampler, where the time went, versions."""
    result, took = tuned.search, tuned.search.seconds
    ended = Counter[str](trial.state for trial in result.trials)
    ends = ", ".join(f"{ended[state]} {word}" for state, word in STATES.items() if ended[state])
    facts: Facts = [("Trials", f"{len(result.trials):,}" + (f": {ends}" if ends else ""))]
    facts += [("Networks per trial", networks_text(result)), ("Sampler", result.sampler)]
    if result.rounds:
        facts.append(("Rounds", str(len(result.rounds))))
    if seconds is not None:
        facts.append(("Took", f"{seconds:,.1f} s"))
    if took is not None:
        share = f" ({took.overhead / took.total:.1%})" if took.total > 0 else ""
        parts = (
            f"{took.compiling:,.1f} s compiling, {took.training:,.1f} s training, "
            f"{took.overhead:,.2f} s in the sampler and the study{share}"
        )
        facts.append(("Search took", f"{took.total:,.1f} s: {parts}"))
        if took.refit:
            facts.append(("Training again took", f"{took.refit:,.1f} s"))
    return made_facts(command, *facts)


def round_stories(result: SearchResult) -> list[dict[str, Any]]:
    """The changes from round to round, with reasons; none for samplers without rounds.

    Returns:
        Per round its `title`; `changed`, the parameters that were drawn from something else than in the round before,
        with the reason; and `kept`, the others by reason.
    """
    return [_story(one, result.rounds[row - 1] if row else None, row) for row, one in enumerate(result.rounds)]


def _story(one: Round, before: Round | None, row: int) -> dict[str, Any]:
    changed, kept = {}, dict[str, list[str]]()
    for name, reason in sorted(one.reasons.items()):
        if before and {name} <= before.extents.keys() & one.extents.keys() and _differ(before, one, name):
            changed[name] = reason
        elif before:
            kept.setdefault(reason, []).append(name)
    first, last = one.first_trial, one.last_trial
    trials = f"trial {first}" if first == last else f"trials {first}–{last}"
    title = f"Round {row + 1} ({trials}{'' if one.completed else ', not completed'})"
    return {"title": title, "changed": changed, "kept": kept}


def _differ(one: Round, other: Round, name: str) -> bool:
    a, b = one.extents[name], other.extents[name]
    return (a.low, a.high, a.choices) != (b.low, b.high, b.choices)
