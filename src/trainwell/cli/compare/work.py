"""The work of `trainwell compare`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import polars as pl

from trainwell.cli.compare.asked import (
    check_initial_spread,
    check_scores,
    coarse_margins,
    set_by_all,
    terms_of,
    too_few_seeds,
    tuned_although_given,
)
from trainwell.cli.compare.results import across_line, contenders_table, counted, remarks, verdicts
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.contenders import given_contenders
from trainwell.cli.options.data import SeveralDataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import PAGE, RECIPES, TRACE, RunDirectory
from trainwell.cli.run.files import save_recipes
from trainwell.cli.run.notes import without_effect
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import PlainConsole
from trainwell.comparison import (
    ACROSS,
    AS_GIVEN,
    TABLES,
    ComparisonLog,
    ComparisonProgress,
    Comparisons,
    Terms,
    axes_for,
    check as check_comparison,
    compare_checked,
    export,
    paper_table,
)
from trainwell.core import file_names, write_atomic, write_table
from trainwell.data import TEST_SPLIT_USED, Dataset
from trainwell.report import DATA_PAGES, write_comparison_page
from trainwell.training import Contender

MARKDOWN, LATEX = PAPER = ("table.md", "table.tex")
FILES = (*PAPER, DATA_PAGES, *(f"{name}.{form}" for name in (*TABLES, *ACROSS) for form in ("parquet", "csv")))


def check(call: Call, data: SeveralDataOptions, options: ComparisonOptions, recipe: RecipeOptions) -> Task:
    """Check the request and return its task."""
    given = given_contenders(options.vary or [], options.contender or [])
    base = recipe.changes() if recipe.recipe is None else recipe.build()
    terms = terms_of(options, recipe)
    check_initial_spread(given, base)
    datasets = data.load(show_progress=call.say.shows_progress)
    contenders = check_comparison(datasets, given, terms, base)
    check_scores(datasets, terms)
    if not any(axes_for(one, own, terms) for own in contenders for one in own):
        terms = replace(terms, tune={})  # what would be tuned is what is compared

    def do(directory: RunDirectory) -> Kept:
        call.say.note(*_notices(datasets, contenders, given, terms, recipe.changes()))
        with call.say.bars() as bars:
            drawn = ComparisonProgress(bars)
            watcher = drawn if call.say.shows_progress else ComparisonLog(call.say.log)
            found = compare_checked(datasets, contenders, terms, folder=directory.checkpoints, watcher=watcher)
        call.say.note(*_advice(found))
        return _kept(found, directory, call)

    fields: dict[str, dict[str, Any]] = {}
    for dataset, own in zip(datasets, contenders, strict=True):
        for one in own:
            fields.setdefault(one.label, {})[dataset.name] = one.recipe.model_dump(mode="json")
    return Task(
        {
            "data": {dataset.name: dataset.fingerprint for dataset in datasets},
            "contenders": fields,
            # A time limit may be another when a run is resumed.
            "terms": {name: value for name, value in terms.to_json().items() if name != "seconds"},
            "precision": call.run.precision,
        },
        datasets[0].name if len(datasets) == 1 else f"{len(datasets)}-data-sets",
        "comparing",
        do,
        _show,
        data=[{"source": source, **dataset.to_json()} for dataset, source in zip(datasets, data.data, strict=True)],
        files=FILES,
        is_lost=lambda results: all(
            one["diverged"] == one["n"] for part in results["data_sets"] for one in part["contenders"]
        ),
    )


def _notices(
    datasets: Sequence[Dataset],
    contenders: Sequence[Sequence[Contender]],
    given: Mapping[str, Mapping[str, Any]],
    terms: Terms,
    changes: Mapping[str, Any],
) -> Sequence[str]:
    """Notes for the user before anything is trained."""
    several = len(datasets) > 1
    return [
        *(f"{one.name}: {text}" if several else text for one in datasets for text in one.notices),
        *without_effect([one.recipe for one in contenders[0]]),
        *tuned_although_given(contenders[0], given, terms),
        *set_by_all(changes, given),
        *coarse_margins(datasets, terms),
        *too_few_seeds(contenders[0], terms),
    ]


def _advice(found: Comparisons) -> Sequence[str]:
    """Notes on contenders that were not judged as asked, and on ranges of tuning that seem too narrow."""
    several = len(found.parts) > 1
    judged = [f"{part.dataset.name}: {text}" if several else text for part in found.parts for text in part.notices]
    return judged + [
        f"{f'{part.dataset.name}: ' if several else ''}{label}: {advice}"
        for part in found.parts
        for label, tuning in zip(part.labels, part.tunings, strict=True)
        for advice in (tuning.advice if tuning else ())
    ]


def _kept(found: Comparisons, directory: RunDirectory, call: Call) -> Kept:
    """Write tables, observations and recipes; returned are the numbers, and what writes the page."""
    files = [path.name for path in export(found, directory.path) if path.suffix == ".csv"]
    write_atomic(directory.path / MARKDOWN, paper_table(found, "markdown").encode())
    write_atomic(directory.path / LATEX, paper_table(found, "latex").encode())
    traces = [
        part.runs.trace_frame(part.labels, "contender").select(pl.lit(part.dataset.name).alias("data"), pl.all())
        for part in found.parts
    ]
    write_table(pl.concat(traces), directory.path / TRACE)
    several = len(found.parts) > 1
    names = file_names([part.dataset.name for part in found.parts]) if several else [""]
    for part, name in zip(found.parts, names, strict=True):
        folder = directory.path / RECIPES / name
        save_recipes(dict(zip(part.labels, part.recipes, strict=True)), folder)
    seconds = perf_counter() - call.started
    page = partial(
        write_comparison_page,
        found,
        directory.path / PAGE,
        title=f"Compare: {', '.join(part.dataset.name for part in found.parts)}",
        command=call.command_line,
        seconds=seconds,
        files=[*files, *PAPER],
    )
    return {**found.to_json(), "seconds": seconds}, page


def _show(console: PlainConsole, results: Results, directory: RunDirectory) -> None:
    across = results["across"]
    if across is not None:
        console.lines([results["headline"]], "bold")
        console.lines([across_line(across), ""])
    for place, part in enumerate(results["data_sets"]):
        if place:
            console.print()
        console.print(contenders_table(part, _title(part), console.width))
        console.lines(remarks(part, target_given=results["terms"]["target_score"] is not None), "dim")
        console.print()
        found = verdicts(part)
        console.lines([part["headline"]] if part["headline"] not in found else [], "bold")
        console.lines(found)
    if not results["terms"]["tune"]:
        console.print(AS_GIVEN, style="dim")
    console.lines(
        [
            f"{one['name']}: {TEST_SPLIT_USED}" if len(results["data"]) > 1 else TEST_SPLIT_USED
            for one in results["data"]
            if one["validates_on_test"]
        ]
    )
    names = ", ".join([*TABLES, *(ACROSS if across is not None else ())])
    pages = f", {DATA_PAGES}" if across is not None else ""
    files = f"{names} (.csv, .parquet), trace.parquet, table.md, table.tex, recipes{pages}"
    console.locations({"page": str(directory.path / PAGE), "beside it": files})


def _title(part: Mapping[str, Any]) -> str:
    seconds = part["seconds"]["tuning"] + part["seconds"]["seeds"]
    return f"{len(part['contenders'])} contenders on {part['data']}, {counted(part)}, {seconds:.0f} s"
