"""The work of `trainwell train`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from trainwell.cli.options.data import DataOptions, FileOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.cli.options.transfer import TransferOptions
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import MODEL, PAGE, TRACE, RunDirectory
from trainwell.cli.run.files import judged_and_saved, usage
from trainwell.cli.run.notes import heavy, stops_by_chance, without_effect
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import PlainConsole
from trainwell.cli.show.tables import BEST, ends, new_table, number, numbers, on_test_split
from trainwell.core import METRICS, write_table
from trainwell.data import Dataset
from trainwell.models import Model, Start, TestQuality
from trainwell.report import SavedModel, write_page
from trainwell.training import (
    PopulationProgress,
    Recipe,
    Trained,
    best_members,
    extreme_input,
    layer_facts,
    members_work,
    train,
)

LAYERS = "layers.parquet"


@dataclass(frozen=True, eq=False)
class Asked:
    """The checked request of `trainwell train`.

    Attributes:
        call: how the command was called.
        data: which data, and how they are read.
        dataset: the data.
        recipe: how networks are trained.
        seeds: seeds of the networks.
        start: the network they start from, if from a trained one.
        single: whether only the best seed is saved.
        observe_layers: whether to record activations and gradients per layer.
    """

    call: Call
    data: DataOptions
    dataset: Dataset
    recipe: Recipe
    seeds: Sequence[int]
    start: Start | None
    single: bool
    observe_layers: bool

    @property
    def request(self) -> dict[str, Any]:
        """The values that the results depend on, as JSON."""
        return {
            "recipes": {self.recipe.optimizer: self.recipe.model_dump(mode="json")},
            "seeds": list(self.seeds),
            "data": self.dataset.fingerprint,
            "precision": self.call.run.precision,
            "single": self.single,
            **({} if self.start is None else {"start": self.start.fingerprint}),
            **({"observe_layers": True} if self.observe_layers else {}),
        }

    def do(self, directory: RunDirectory, work: Sequence[float]) -> Kept:
        """Train, judge and save, in the run's folder."""
        started, label, recipe, start = perf_counter(), self.recipe.optimizer, self.recipe, self.start
        with self.call.say.bars() as bars:
            progress = PopulationProgress(bars, work)
            trained = train(
                self.dataset,
                [recipe],
                self.seeds,
                initial=start.weights(recipe) if start else None,
                checkpoints=directory.checkpoints,
                progress=progress.callbacks,
                observe_layers=self.observe_layers,
            )
            progress.finish()
        write_table(trained.trace_frame([label]), directory.path / TRACE)
        saved, test, numbers = _model(trained, directory, self)
        layers = [one for one, end in zip(trained.layers, trained.statuses, strict=False) if end != "diverged"]
        if self.observe_layers:
            write_table(trained.layers_frame(), directory.path / LAYERS)
            numbers["layers"] = layer_facts(layers or trained.layers)
        words = start.words(recipe) if start else []
        if start is not None:
            numbers["start"] = {**start.facts(recipe), "words": words}
        page = partial(
            write_page,
            trained,
            directory.path / PAGE,
            title=f"Train: {self.dataset.name}",
            command=self.call.command_line,
            model=saved,
            labels=[label],
            test=test,
            start=words,
            layers=layers or trained.layers,
            seconds=perf_counter() - started,
        )
        return {**trained.to_json([label]), **numbers}, page


def check(
    call: Call,
    data: DataOptions,
    options: RecipeOptions,
    transfer: TransferOptions,
    *,
    seeds: str,
    single: bool,
    observe_layers: bool,
) -> Task:
    """Check the request and return its task."""
    chosen, start = parse_seeds(seeds), transfer.start()
    options.build()  # errors in it are reported before data are read
    dataset = data.load(show_progress=call.say.shows_progress, like=start.inputs if start else None)
    recipe = options.build(len(dataset.training))
    if start is not None:
        recipe = start.recipe(recipe, transfer.frozen)
    work = members_work([dataset], [recipe], len(chosen))
    call.say.note(*dataset.notices, *without_effect([recipe]), *heavy(recipe, dataset), *stops_by_chance(recipe))
    asked = Asked(call, data, dataset, recipe, chosen, start, single, observe_layers)
    return Task(
        asked.request,
        dataset.name,
        "training",
        partial(asked.do, work=work),
        partial(_show, to_predict=data.to_predict),
        data={"source": data.data, **dataset.to_json()},
        files=[LAYERS] if observe_layers else [],
        base=recipe,
        is_lost=lambda results: results["model"] is None,
    )


def _model(
    trained: Trained, directory: RunDirectory, asked: Asked
) -> tuple[SavedModel | None, TestQuality | None, dict[str, Any]]:
    """Save the networks that did not diverge as one model, and read the test split."""
    finished = [m for m in range(len(trained)) if trained.statuses[m] != "diverged"]
    if not finished:
        why = extreme_input(trained.dataset, trained.members[0].recipe)
        return None, None, {"model": None, "test": None, "remedy": why or "lower the learning rate"}
    chosen = list(best_members(trained, 1)) if asked.single else finished
    quality = judged_and_saved(
        Model.of(trained, chosen), trained.dataset, directory.path / MODEL, asked.data.not_default
    )
    seeds = [trained.members[m].seed for m in chosen]
    saved = SavedModel(
        str(directory.path / MODEL),
        asked.data.data,
        _which(seeds),
        to_predict=asked.data.to_predict,
        reading=asked.data.given(FileOptions),
    )
    return saved, quality, {"model": {"folder": "model", "seeds": seeds}, "test": quality and quality.to_json()}


def _which(seeds: Sequence[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"the average of {len(seeds)} seeds"


def _show(console: PlainConsole, results: Results, directory: RunDirectory, to_predict: Sequence[str]) -> None:
    console.print(_members_table(results, f"{results['recipes'][0]['label']} on {results['data']['name']}"))
    console.lines(_sentences(results))
    console.locations({"page": str(directory.path / PAGE), **usage(results, directory.path, to_predict)}, 6)


def _members_table(results: Results, title: str) -> Table:
    """One row per network, in the order of the seeds."""
    score = str(results["score"])
    metric = METRICS[score.split("/")[0]].title
    losses = [] if score == "loss/validation" else [numbers("validation\nloss")]  # not twice if they are compared by it
    columns = [
        numbers("seed", "bold"),
        numbers(f"validation\n{metric}", BEST),
        *losses,
        *map(numbers, (f"training\n{metric}", "updates", "weights of\nupdate")),
        Column("end"),
    ]
    rows: Iterable[list[str | Text]] = (
        [
            str(one["seed"]),
            number(one["values"][score], 4),
            *(number(one["values"]["loss/validation"], 4) for _ in losses),
            number(one["values"][score.replace("validation", "training")], 4),
            f"{one['steps']:,}",
            "–" if one["status"] == "diverged" else f"{one['kept_step']:,}",
            Text(one["status"], style="red" if one["status"] == "diverged" else ""),
        ]
        for one in results["members"]
    )
    return new_table(title, columns, rows)


def _sentences(results: Mapping[str, Any]) -> Sequence[str]:
    recipe = results["recipes"][0]
    metric = str(results["score"]).split("/")[0]
    seen = recipe["values"][results["score"]]
    if results["model"] is None:
        return [f"all {recipe['num_networks']} networks diverged, so there is no model: {results['remedy']}"]
    which = _which(results["model"]["seeds"])
    lines = [
        *results.get("start", {}).get("words", ()),
        f"validation {METRICS[metric].title}: {number(seen['mean'], 4)} (95% interval {ends(seen)}, "
        f"{seen['n']} seed{'s' if seen['n'] != 1 else ''})",
        on_test_split(results["test"], f" of the model ({which})"),
    ]
    if why := results.get("undefined", {}).get("r2/validation"):
        lines.insert(0, f"R² is undefined on the validation split ({why}): networks are compared by the loss")
    lines += recipe["advice"]
    if recipe["diverged"]:
        lines.append(f"{recipe['diverged']} of {recipe['num_networks']} networks diverged and are not in the model")
    return lines
