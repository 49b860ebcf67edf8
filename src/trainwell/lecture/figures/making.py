"""Making figures: all networks are trained together, then each figure is drawn in up to three ways."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from trainwell.comparison import ComparisonWatcher, Terms
from trainwell.core import cache_folder, short_text
from trainwell.display import Figure as Chart, Forms, Head, Row, Table, number_text
from trainwell.lecture.book import BookData, Setting
from trainwell.lecture.experiment import Size
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.rates import Rate, tuned_rates
from trainwell.lecture.figures.study import Asked, Begin, train_asked
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

if TYPE_CHECKING:
    import polars as pl

Way: TypeAlias = Literal["one seed", "seeds", "tuned"]
"""The documents' setting with the first seed or with all seeds; or tuned learning rates with all seeds."""
TUNING_TRIALS = 16
SHORTER = 10
"""Factor by which a small figure has fewer observations and updates."""
SHORT_NOTE = "A first look (size small): trained for about a tenth of the documents' updates."


@dataclass(frozen=True, eq=False)
class View:
    """A figure drawn in one way.

    Attributes:
        way: how it is drawn.
        content: its charts, numbers and notes.
    """

    way: Way
    content: Content


@dataclass(frozen=True, eq=False, repr=False)
class Made(Forms):
    """A finished figure.

    Attributes:
        figure: the figure.
        views: the ways in which it is drawn; one, with all seeds, if nothing is trained.
        seeds: of the networks, or of other random draws.
        recipes: label -> recipe, of the first seed's networks or of descents on a surface.
        data: description of the first seed's data; empty if nothing is trained.
        rates: label -> tuned learning rate; empty without tuning.
        size: `full` or `small`.
    """

    figure: Figure
    views: tuple[View, ...]
    seeds: tuple[int, ...]
    recipes: Mapping[str, Recipe]
    rates: Mapping[str, float]
    size: Size = "full"
    data: str = ""

    def view(self, way: Way) -> View | None:
        """The view drawn in this way, or None."""
        return next((one for one in self.views if one.way == way), None)

    @property
    def as_documented(self) -> View:
        """The documents' setting with all seeds."""
        return self.view("seeds") or self.views[0]

    @property
    def headline(self) -> str:
        """The figure's title, and what its first chart shows."""
        return f"{self.figure.id}: {self.figure.title}. {self.as_documented.content.drawings[0].said}"

    @property
    def caption(self) -> str:
        """The caption of the first chart, and a list of the others."""
        first, *others = self.as_documented.content.drawings
        more = f" Further charts: {', '.join(one.caption for one in others)}." if others else ""
        return f"{first.caption}.{more}"

    def to_json(self) -> dict[str, Any]:
        """All numbers of the documents' setting and of tuned learning rates, as in `results.json`."""
        found: dict[str, Any] = {
            "id": self.figure.id,
            "title": self.figure.title,
            "curves": [one.to_json() for one in self.as_documented.content.series],
        }
        if view := self.view("tuned"):
            curves = [one.to_json() for one in view.content.series]
            found["tuned"] = {"learning_rates": dict(self.rates), "curves": curves}
        return found

    def to_frame(self) -> "pl.DataFrame":
        """One row per point of a curve and seed, of the documents' setting.

        Returns:
            Columns curve, seed (its index from 0), x, value; null after a seed diverged.
        """
        import polars as pl

        rows = [
            {"curve": one.label, "seed": seed, "x": float(x), "value": float(value)}
            for one in self.as_documented.content.series
            for seed, values in enumerate(one.seeds)
            for x, value in zip(one.x, values, strict=True)
        ]
        return pl.DataFrame(rows).fill_nan(None)

    def table(self) -> Table:
        """Where every curve ends: the mean over seeds."""
        series = self.as_documented.content.series
        ends = [mean_interval(one.seeds[:, -1]) for one in series]
        rows = (
            Row((one.label, f"{one.x[-1]:,.4g}", number_text(end.mean), str(end.n)))
            for one, end in zip(series, ends, strict=True)
        )
        return Table((Head("Curve", "free"), Head("Ends at"), Head("Mean there"), Head("Seeds")), tuple(rows))

    def chart(self) -> Chart:
        """The first chart, with all seeds."""
        return self.as_documented.content.drawings[0].chart


def make_figures(
    figures: Sequence[Figure],
    *,
    seeds: Sequence[int] = (0,),
    data: BookData | None = None,
    size: Size = "full",
    tuned: bool = False,
    fresh: bool = False,
    checkpoints: Path | None = None,
    begin: Begin | None = None,
    watcher: ComparisonWatcher | None = None,
) -> list[Made]:
    """Make figures of the lecture. All networks are trained as one population, or read if an earlier call trained them.

    Args:
        figures: values of `FIGURES`.
        seeds: of the networks, at least one.
        data: data to train on; None is MNIST, loaded if a figure needs it.
        size: `full` for the documents' numbers of updates, `small` for a tenth of them.
        tuned: also draw figures with tuned learning rates.
        fresh: train and tune again instead of reading earlier results.
        checkpoints: folder to resume from, see `train`.
        begin: called before training with the floating-point operations of each network; returns the progress
            callbacks.
        watcher: callbacks about the tuning; the figure's ID is the name of the data set.

    Returns:
        Each figure with its numbers and charts, in the order asked for.

    Raises:
        DataError: the data cannot be read, or do not fit a figure.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.
    """
    settings = {one.id: _sized(one.setting, size) for one in figures if one.setting}
    with_rates = [one.id for one in figures if tuned and one.setting and not one.untuned]
    cache, watcher = cache_folder() / "lecture", watcher or ComparisonWatcher()
    if settings and data is None:
        data = BookData.load()
    asked: dict[str, list[list[Asked]]] = {}
    rates: dict[str, dict[str, Rate]] = {}
    for figure in figures:
        if figure.id not in settings or data is None:
            continue
        setting = settings[figure.id]
        datasets = [setting.data(data, seed) for seed in seeds]
        asked[figure.id] = [
            [(dataset, run) for run in setting.runs(dataset, seed)]
            for dataset, seed in zip(datasets, seeds, strict=True)
        ]
        if figure.id in with_rates:
            watcher.dataset(figure.id, with_rates.index(figure.id), len(with_rates))
            found = rates[figure.id] = _tuned_rates(setting, data, seeds, cache / "rates", watcher, fresh=fresh)
            asked[_tuned(figure.id)] = [
                [(dataset, replace(run, recipe=_with_rate(run.recipe, found.get(run.label)))) for dataset, run in own]
                for own in asked[figure.id]
            ]
    networks = [one for per_seed in asked.values() for own in per_seed for one in own]
    given = Given({}, tuple(seeds), size)
    notes = {one.id: [one.untuned] for one in figures if tuned and one.untuned}
    recipes = {name: {run.label: run.recipe for _, run in per_seed[0]} for name, per_seed in asked.items()}
    datasets_of = {name: per_seed[0][0][0].name for name, per_seed in asked.items()}
    by_label: dict[str, dict[str, list[Runs]]] = {}

    def made(one: Figure) -> Made:
        own, found = recipes.get(one.id, one.contenders), rates.get(one.id, {})
        drawn = _made(one, given, by_label, own, found, notes.get(one.id, []))
        return replace(drawn, data=datasets_of.get(one.id, ""))

    with ThreadPoolExecutor(1) as beside:  # what trains nothing is drawn while networks train
        early = {one.id: beside.submit(made, one) for one in figures if one.id not in settings}
        runs = iter(train_asked(networks, cache, fresh=fresh, checkpoints=checkpoints, begin=begin))
    for name, per_seed in asked.items():
        each = [{run.label: next(runs) for _, run in own} for own in per_seed]
        by_label[name] = {label: [of_seed[label] for of_seed in each] for label in each[0]}
    return [early[one.id].result() if one.id in early else made(one) for one in figures]


def _sized(setting: Setting, size: Size) -> Setting:
    return setting if size == "full" else replace(setting, points=max(3, setting.points // SHORTER))


def _tuned(name: str) -> str:
    return f"{name}, tuned"


def _tuned_rates(
    setting: Setting, data: BookData, seeds: Sequence[int], cache: Path, watcher: ComparisonWatcher, *, fresh: bool
) -> dict[str, Rate]:
    """Tune each contender's learning rate on training images that the figure does not evaluate on."""
    dataset = data.part(setting.images, "unused")
    once = {"observe_first": None, "observe_batch": False}  # tuning reads the final value
    contenders = {
        run.label: run.recipe.evolve(**once, observe_every=run.recipe.steps) for run in setting.runs(dataset, 0)
    }
    terms = Terms(trials=TUNING_TRIALS, seeds=tuple(seeds))
    return tuned_rates(dataset, contenders, terms, cache, fresh=fresh, watcher=watcher)


def _with_rate(recipe: Recipe, rate: Rate | None) -> Recipe:
    return recipe if rate is None else recipe.evolve(learning_rate=rate.value)


def _made(
    figure: Figure,
    given: Given,
    runs: Mapping[str, Mapping[str, Sequence[Runs]]],
    recipes: Mapping[str, Recipe],
    rates: Mapping[str, Rate],
    notes: Sequence[str],
) -> Made:
    def drawn(way: Way, name: str, count: int) -> View:
        own = {label: each[:count] for label, each in runs.get(name, {}).items()}
        content = figure.draw(replace(given, runs=own, seeds=given.seeds[:count]))
        short = [SHORT_NOTE] if figure.setting and given.size == "small" else []
        return View(way, replace(content, notes=(*short, *content.notes, *notes)))

    many = len(given.seeds)
    views = [drawn("one seed", figure.id, 1 if figure.setting else many)]
    if figure.setting and many > 1:
        views.append(drawn("seeds", figure.id, many))
    if rates:
        view = drawn("tuned", _tuned(figure.id), many)
        said = ", ".join(f"{label} {short_text(one.value)}" for label, one in rates.items())
        found = [f"Learning rates, each the best of at least {TUNING_TRIALS} on images not evaluated here: {said}."]
        found += [f"{label}'s {doubt}." for label, one in rates.items() for doubt in one.doubts]
        views.append(View("tuned", replace(view.content, notes=(*found, *view.content.notes))))
    values, size = {label: one.value for label, one in rates.items()}, given.size if figure.setting else "full"
    return Made(figure, tuple(views), tuple(given.seeds), recipes, values, size)
