"""A search's numbers as a person can read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table

from trainwell.cli.show.tables import BEST, ends, new_table, number, numbers, on_test_split
from trainwell.core import METRICS, value_text
from trainwell.search import ConsideredModel, judged_on, why_chosen

ENDS = {"complete": "complete", "pruned": "pruned", "cut": "cut off by the time limit", "diverged": "diverged"}


def candidates_table(results: Mapping[str, Any]) -> Table:
    """The best recipes trained again, best first: the fields that were searched, and the metric with its interval."""
    candidates = results["candidates"]
    name = METRICS[results["metric"]].title
    fields = list(dict.fromkeys(field for one in candidates for field in one["fields"]))
    columns = [
        numbers(f"{rank}. trial {one['trial']}", BEST if rank == 1 else "") for rank, one in enumerate(candidates, 1)
    ]
    scores = [
        [f"validation {name}", *(number(one["mean"], 4) for one in candidates)],
        ["95% interval over seeds", *(ends(one) for one in candidates)],
        ["seeds", *(_seeds(one) for one in candidates)],
        ["score in the search", *(number(one["search_value"], 4) for one in candidates)],
    ]
    values = [[field, *(_value(one["fields"], field) for one in candidates)] for field in fields]
    title = f"best recipes on {results['data']['name']}, trained again with fresh seeds"
    table = new_table(title, [Column(), *columns], [*scores, *values])
    table.rows[0].style, table.rows[len(scores) - 1].end_section = "bold", True
    return table


def _value(fields: Mapping[str, Any], name: str) -> str:
    return value_text(fields[name]) if name in fields else "–"


def _seeds(candidate: Mapping[str, Any]) -> str:
    asked = len(candidate["seeds"])
    return str(asked) if candidate["n"] == asked else f"{candidate['n']} of {asked}"


def sentences(results: Mapping[str, Any]) -> Sequence[str]:
    """Sentences on the search: its trials, the best recipe, and the model's scores."""
    trials, name = results["trials"], METRICS[results["metric"]].title
    ended = ", ".join(f"{trials[state]} {word}" for state, word in ENDS.items() if trials[state])
    count = "1 trial" if trials["total"] == 1 else f"{trials['total']} trials"
    lines = [f"{count} ({ended}), judged on {judged_on(results['folds'])}", *results["notices"]]
    if not results["candidates"]:
        best = results["best_trial"]
        fields = ", ".join(f"{field} {value_text(value)}" for field, value in best["fields"].items())
        lines.append(f"best trial: {best['number']}, validation {name} {number(best['value'], 4)}; {fields}")
    lines += _importance(results["importance"])
    if results["model"] is None:
        remedy = "lower the learning rates" if trials["diverged"] else "give it more time"
        return [*lines, f"no network came to its end, so there is no model: {remedy}"]
    options = [ConsideredModel(**one) for one in results["models_considered"]]
    chosen, networks = next(one for one in options if one.chosen), results["model"]["num_networks"]
    made = "one network" if networks == 1 else f"{chosen.name}, {networks} networks averaged"
    why = why_chosen(options, METRICS[results["metric"]], lambda score: number(score, 4))
    lines.append(f"model: {made}; validation {name} {number(chosen.score, 4)}, {why}")
    return [*lines, on_test_split(results["test"])]


def _importance(importance: Mapping[str, Any]) -> list[str]:
    """The three axes that mattered most of those that all trials have; nothing if that is not known."""
    every = [(name, one) for name, one in importance.items() if not one["where"]][:3]
    shares = ", ".join(f"{name} {one['share']:.0%} [{one['low']:.0%}, {one['high']:.0%}]" for name, one in every)
    where = f"share of the explained differences between {every[0][1]['n']} trials, with 95% intervals" if every else ""
    return [f"most important: {shares} ({where})"] if every else []
