"""`trainwell compare`: is A better than B? Tuned alike, on common seeds, with verdicts that say how sure they are."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.data import SeveralDataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import RunOptions
from trainwell.cli.run.completion import Done, Kept, Work, complete
from trainwell.cli.run.directory import RunDirectory, check_out
from trainwell.cli.run.request import data_facts, versions
from trainwell.cli.show.output import Messages

if TYPE_CHECKING:
    from trainwell.comparison import Comparisons, ComparisonWatcher, Terms
    from trainwell.data import Dataset
    from trainwell.training import Contender

EXAMPLE = "Example: trainwell compare digits --vary optimizer=sgd,momentum,adam"
ALL_DIVERGED = 1  # exit code


@dataclass(frozen=True)
class CompareRequest:
    """All that a comparison depends on, but for versions and the machine."""

    datasets: "Sequence[Dataset]"
    contenders: "Sequence[Sequence[Contender]]"
    terms: "Terms"
    precision: str
    command: str = "compare"

    def to_json(self) -> dict[str, Any]:
        """As JSON values; a time limit may be another when a run is resumed."""
        fields: dict[str, dict[str, Any]] = {}
        for dataset, own in zip(self.datasets, self.contenders, strict=True):
            for one in own:
                fields.setdefault(one.label, {})[dataset.name] = one.recipe.model_dump(mode="json")
        return {
            "command": self.command,
            "data": {dataset.name: dataset.fingerprint for dataset in self.datasets},
            "contenders": fields,
            "terms": {name: value for name, value in self.terms.to_json().items() if name != "seconds"},
            "precision": self.precision,
        }


@bundled
def compare(
    context: typer.Context,
    data: SeveralDataOptions,
    comparison: ComparisonOptions,
    recipe: RecipeOptions,
    run: RunOptions,
) -> None:
    """Compare ways to train, fairly, with a verdict on every pair.

    Each contender's learning rate is tuned with the same budget: 24 values from
    1e-5 to 10, coarse to fine, the best 3 trained again with 3 fresh seeds, and
    up to 24 more where nothing was tried beside the best. Then all are trained
    with the same fresh seeds, which are added, up to 30, until every pair is told
    apart or shown to differ by less than what matters, at an error rate of 5% for
    all pairs and looks together. Everything is judged on the validation split;
    the test split is not touched.

    Recipe options are what all contenders have in common: by default 5 to 30
    epochs, as makes 250,000 examples seen.
    """
    done = _run(data, comparison, recipe, run, context.obj or [])
    with done.showing():
        _show(done, json=run.json)
    if all(one["diverged"] == one["n"] for part in done.results["data_sets"] for one in part["contenders"]):
        raise typer.Exit(ALL_DIVERGED)


def _run(
    data: SeveralDataOptions,
    options: ComparisonOptions,
    recipe: RecipeOptions,
    run: RunOptions,
    arguments: list[str],
) -> Done:
    """From checked options to a complete run directory. Nothing is written before all was found to be sound."""
    started = perf_counter()
    check_out(run.out, resume=run.resume)
    run.start_runtime()
    from trainwell.cli.compare.checks import check_initial_spread, check_scores
    from trainwell.comparison import axes_for, check

    given, base, terms = options.contenders(), options.base(recipe), options.terms(run.seeds, recipe)
    check_initial_spread(given, base)
    say = Messages(quiet=run.quiet)
    datasets = data.load(show_downloads=say.shows_progress)
    contenders = check(datasets, given, terms, base)
    check_scores(datasets, terms)
    if not any(axes_for(one, own, terms) for own in contenders for one in own):
        terms = replace(terms, tune={})  # what would be tuned is what is compared
    request = CompareRequest(datasets, contenders, terms, run.precision)
    facts = {
        "data": [data_facts(dataset, source) for dataset, source in zip(datasets, data.data, strict=True)],
        "versions": versions(),
        "command_line": shlex.join(["trainwell", *arguments]),
    }

    def do(directory: RunDirectory) -> Kept:
        from trainwell.comparison import compare_on

        for notice in _notices(datasets, contenders, given, terms, recipe.changes()):
            say.note(notice)
        with _watching(terms, say) as watcher:
            found = compare_on(datasets, given, terms, base=base, folder=directory.checkpoints, watcher=watcher)
        for notice in _advice(found):
            say.note(notice)
        return _kept(found, directory, facts, started)

    name = datasets[0].name if len(datasets) == 1 else f"{len(datasets)}-data-sets"
    return complete(Work(request, facts, name, arguments, "comparing", do), run, say)


@contextmanager
def _watching(terms: "Terms", say: Messages) -> "Iterator[ComparisonWatcher]":
    """Bars on a terminal, lines in a log, or nothing."""
    from trainwell.cli.compare.log import ComparisonLog
    from trainwell.cli.compare.progress import comparison_progress

    if say.shows_log:
        yield ComparisonLog(say.log)
        return
    with comparison_progress(min(terms.rounds, terms.trials), quiet=not say.shows_progress) as watcher:
        yield watcher


def _notices(
    datasets: "Sequence[Dataset]",
    contenders: "Sequence[Sequence[Contender]]",
    given: Mapping[str, Mapping[str, Any]],
    terms: "Terms",
    changes: Mapping[str, Any],
) -> Sequence[str]:
    """What the user may want to know before anything is trained."""
    from trainwell.cli.compare.notes import coarse_margins, set_by_all, too_few_seeds, tuned_although_given
    from trainwell.cli.run.notes import without_effect

    several = len(datasets) > 1
    return [
        *(f"{one.name}: {text}" if several else text for one in datasets for text in one.notices),
        *without_effect([one.recipe for one in contenders[0]]),
        *tuned_although_given(contenders[0], given, terms),
        *set_by_all(changes, given),
        *coarse_margins(datasets, terms),
        *too_few_seeds(contenders[0], terms),
    ]


def _advice(found: "Comparisons") -> Sequence[str]:
    """How contenders were judged where it was not as asked, and ranges of tuning that seem too narrow."""
    several = len(found.parts) > 1
    judged = [f"{part.dataset.name}: {text}" if several else text for part in found.parts for text in part.notices]
    return judged + [
        f"{f'{part.dataset.name}: ' if several else ''}{label}: {advice}"
        for part in found.parts
        for label, tuning in zip(part.labels, part.tunings, strict=True)
        for advice in (tuning.advice if tuning else ())
    ]


def _kept(found: "Comparisons", directory: RunDirectory, facts: Mapping[str, Any], started: float) -> Kept:
    """Write tables and recipes; returned are the numbers, and what writes the page."""
    from trainwell.cli.compare.files import write_files
    from trainwell.cli.compare.results import comparison_results
    from trainwell.cli.run.results import finite
    from trainwell.report import write_comparison_page

    files = write_files(found, directory)
    seconds = perf_counter() - started
    title = f"Compare: {', '.join(part.dataset.name for part in found.parts)}"
    page = partial(
        write_comparison_page,
        found,
        directory.page,
        title=title,
        command=facts["command_line"],
        seconds=seconds,
        files=files,
    )
    results: dict[str, Any] = finite(
        {"command": "compare", "data": facts["data"], **comparison_results(found), "seconds": seconds}
    )
    return results, page


def _show(done: Done, *, json: bool) -> None:
    from trainwell.cli.compare.tables import across_line, contenders_table, remarks, verdicts
    from trainwell.cli.show.output import print_json, results_console

    results = done.results
    if json:
        print_json({"run": str(done.directory.path), **results})
        return
    console = results_console()

    def line(text: str, style: str = "") -> None:
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    if results["across"] is not None:
        console.print()
        line(results["headline"], "bold")
        line(across_line(results["across"]))
    for part in results["data_sets"]:
        console.print()
        console.print(contenders_table(part, _title(part), console.width))
        for text in remarks(part, target_given=results["terms"]["target"] is not None):
            line(text, "dim")
        console.print()
        found = verdicts(part)
        if part["headline"] not in found:
            line(part["headline"], "bold")
        for text in found:
            line(text)
    if not results["terms"]["tune"]:
        from trainwell.comparison import AS_GIVEN

        console.print(AS_GIVEN, style="dim", highlight=False)
    console.print()
    console.print("page", end="  ", style="dim")
    line(str(done.directory.page))
    console.print("beside it", end="  ", style="dim")
    line(_files_line(results))


def _title(part: Mapping[str, Any]) -> str:
    from trainwell.cli.compare.tables import counted

    seconds = part["seconds"]["tuning"] + part["seconds"]["seeds"]
    return f"{len(part['contenders'])} contenders on {part['data']}, {counted(part)}, {seconds:.0f} s"


def _files_line(results: Mapping[str, Any]) -> str:
    from trainwell.comparison import ACROSS, TABLES

    names = [*TABLES, *(ACROSS if results["across"] is not None else ())]
    return f"{', '.join(names)} (.csv, .parquet), trace.parquet, table.md, table.tex, recipes"
