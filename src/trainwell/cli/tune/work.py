"""What `trainwell tune` is asked for, how to search and over which space, and what it does."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from trainwell.cli.options.bundles import option_of
from trainwell.cli.options.data import DataOptions, FileOptions
from trainwell.cli.options.fields import parse_axes
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.search import SearchOptions, plan_values
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import MODEL, PAGE, RECIPE, RunDirectory
from trainwell.cli.run.files import judged_and_saved, usage
from trainwell.cli.run.notes import without_effect
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import PlainConsole, echo
from trainwell.cli.tune.results import candidates_table, sentences
from trainwell.core import SearchError, write_table
from trainwell.data import Dataset
from trainwell.report import SavedModel, write_tune_page
from trainwell.search import (
    Plan,
    SearchProgress,
    Tuned,
    check as check_search,
    check_sampler,
    default_space,
    metric_of,
    tune_checked,
    without_password,
)
from trainwell.training import DERIVED, Space, deciding_field, load_space, save_recipe, save_space, space_toml

SHORTEST = 0.1  # seconds


def plan_of(options: SearchOptions) -> Plan:
    """How to search; the metric is not known yet."""
    for name, text, instead in (
        ("storage", options.storage, "name a journal file or a database"),
        ("study", options.study, "give a name"),
    ):
        if text is not None and not text.strip():
            raise SearchError(f"--{name} is empty: {instead}, or leave it out")
    wanted = plan_values(options.given)
    wanted.pop("metric", None)  # the recipe's, which is checked
    if wanted.pop("halving", True) is False:
        wanted["halving"] = None
    if "seconds" in wanted:
        wanted.setdefault("trials", None)
    trials = wanted.get("trials", Plan.trials)
    wanted.setdefault("rounds", min(Plan.rounds, max(trials or Plan.rounds, 1)))
    plan = Plan(**wanted)
    check_sampler(plan.sampler)
    return plan if options.refit else replace(plan, refit_recipes=0)


def space_of(options: SearchOptions, dataset: Dataset, recipe: RecipeOptions, plan: Plan) -> tuple[Space, Plan]:
    """The space, and the plan with the metric, which `--metric` names for both."""
    base = recipe.build()
    fixed: dict[str, Any] = base.model_dump(exclude_unset=True)
    axes = parse_axes(options.search or [])
    _check_apart(axes, recipe)
    declared = None if options.space is None else load_space(options.space)
    file_metric = declared.base.model_dump(exclude_unset=True).get("metric") if declared else None
    metric = metric_of(dataset, fixed.pop("metric", file_metric))
    if declared is not None:
        space = declared.evolve(axes, **fixed, metric=metric)
    elif axes:
        space = Space(base.evolve(metric=metric), axes)
    else:
        space = default_space(dataset, metric, **fixed)
    return space, replace(plan, metric=metric)


def _check_apart(axes: Iterable[str], recipe: RecipeOptions) -> None:
    """Refuse a field that one option fixes and another searches; a recipe file's values may be searched."""
    given = recipe.changes()
    for name in axes:
        fixed = "hidden" if name in DERIVED and "hidden" in given else name
        if fixed in given:
            raise SearchError(
                f"--search {name} and {option_of(fixed)} (or --set {fixed}=…) are both given: leave one of them out"
            )


def not_searched(options: SearchOptions, space: Space, recipe: RecipeOptions) -> list[str]:
    """A note for every axis of the space's file that the options leave without an effect."""
    if options.space is None:
        return []
    gone = load_space(options.space).axes.keys() - space.axes.keys() - recipe.changes().keys()
    users = {name: deciding_field(name) for name in sorted(gone)}
    return [
        f"{name} of {options.space} is not searched: it has no effect with what the options say"
        + (f" of {user[0]}" if user else "")
        for name, user in users.items()
    ]


TRIALS, SPACE = FILES = ("trials.parquet", "space.toml")


def print_space(data: DataOptions, search: SearchOptions, recipe: RecipeOptions) -> None:
    """The space that would be searched, as TOML on stdout."""
    space, _ = space_of(search, data.load(show_progress=False), recipe, plan_of(search))
    echo(space_toml(space))


def check(call: Call, data: DataOptions, search: SearchOptions, recipe: RecipeOptions) -> Task:
    """Check the request and return its task."""
    plan = plan_of(search)
    dataset = data.load(show_progress=call.say.shows_progress)
    space, plan = space_of(search, dataset, recipe, plan)
    call.say.note(*dataset.notices, *not_searched(search, space, recipe), *without_effect([space.base], space.axes))
    name = search.study or f"trainwell-{dataset.name}"
    checked = check_search(dataset, space, plan, search.storage, name)
    judged = replace(plan, metric=checked.metric)
    storage = None if search.storage is None else without_password(search.storage)
    words = [word.replace(search.storage, str(storage)) if search.storage else word for word in call.words]
    command = shlex.join(["trainwell", *words])  # run directories and pages are passed on

    def do(directory: RunDirectory) -> Kept:
        with call.say.bars() as bars:
            tuned = tune_checked(
                replace(checked, plan=_remaining(plan, call.started), begun=monotonic()),
                folder=directory.checkpoints,
                storage=search.storage or directory.path / "study.journal",
                study=name,
                shared=search.storage is not None,
                watcher=SearchProgress(bars, judged),
            )
        call.say.note(*_advice(tuned.search.advice, directory.path / SPACE))
        return _kept(tuned, dataset, directory, data, command, call.started)

    return Task(
        {
            "data": dataset.fingerprint,
            "space": space.to_json(),
            "plan": asdict(plan),
            "storage": storage,
            "study": search.study,
            "precision": call.run.precision,
        },
        dataset.name,
        "searching",
        do,
        partial(_show, to_predict=data.to_predict),
        data={"source": data.data, **dataset.to_json()},
        files=FILES,
        is_lost=lambda results: results["model"] is None,
        command_line=command,
    )


def _advice(advice: Sequence[str], space: Path) -> list[str]:
    """Notes on ranges that seem too narrow, and how to widen them: --search alone would replace the whole space."""
    how = f"to widen a range, change it in {space}, and search with --space {space}"
    return [*advice, *([how] if advice else [])]


def _remaining(plan: Plan, started: float) -> Plan:
    """The plan with what is left of its time since the command began."""
    if plan.seconds is None:
        return plan
    return replace(plan, seconds=max(plan.seconds - (perf_counter() - started), SHORTEST))


def _kept(
    tuned: Tuned, dataset: Dataset, directory: RunDirectory, data: DataOptions, command: str, started: float
) -> Kept:
    """Save the model, read the test split; returned are the numbers, and what writes the page."""
    write_table(tuned.to_frame(), directory.path / TRIALS)
    save_recipe(tuned.recipe, directory.path / RECIPE)
    save_space(tuned.search.space, directory.path / SPACE)
    test = saved = None
    if tuned.model is not None:
        # The test split is opened here and nowhere else: the model is chosen.
        test = judged_and_saved(tuned.model, dataset, directory.path / MODEL, data.not_default)
        saved = SavedModel(
            str(directory.path / MODEL),
            data.data,
            _what(tuned, len(tuned.model.networks)),
            to_predict=data.to_predict,
            to_train=data.to_train,
            reading=data.given(FileOptions),
        )
    page = partial(
        write_tune_page,
        tuned,
        directory.path / PAGE,
        title=f"Tune: {dataset.name}",
        command=command,
        dataset=dataset,
        model=saved,
        test=test,
        seconds=perf_counter() - started,
    )
    return {**tuned.to_json(test), "seconds": perf_counter() - started}, page


def _what(tuned: Tuned, count: int) -> str:
    chosen = next(option for option in tuned.considered if option.chosen)
    return "one network" if count == 1 else f"{chosen.name}: the average of {count} networks"


def _show(console: PlainConsole, results: Results, directory: RunDirectory, to_predict: Sequence[str]) -> None:
    if any(one["n"] for one in results["candidates"]):
        console.print(candidates_table(results))
    console.lines(sentences(results))
    locations = {"page": str(directory.path / PAGE), "recipe": str(directory.path / RECIPE)}
    console.locations(locations | usage(results, directory.path, to_predict), 6)
