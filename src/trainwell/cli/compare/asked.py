"""What a comparison is asked for, what is refused of it, and what the user may want to know before it begins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil, isfinite, log2
from typing import Any

from trainwell.cli.options.bundles import option_of
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.fields import parse_axes
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.search import RENAMED, plan_values
from trainwell.comparison import Terms, axes_for, pairs_asked
from trainwell.core import METRICS, RecipeError, nearest
from trainwell.data import Dataset
from trainwell.nn import INITIALIZERS
from trainwell.search import AXES, check_sampler, metric_of
from trainwell.training import Axis, Contender, Range, Recipe, recipe_fields

LARGEST_MARGIN = 0.1  # of accuracy: from here on points were meant
COARSE = 0.01  # of accuracy: a margin above it is worth a word
OF_TUNING = ("tune", "trials", "rounds", "sampler", "candidates", "candidate_seeds", "sampler_seed")
OF_ADDING_SEEDS = ("most_seeds", "looks", "seconds")


def terms_of(options: ComparisonOptions, recipe: RecipeOptions) -> Terms:
    """The terms of the comparison that the options ask for.

    Args:
        options: options of the comparison.
        recipe: names the metric, and fixes fields, which are then not tuned.

    Raises:
        RecipeError: a term is out of range, or two options contradict each other.
    """
    if options.as_given:
        _refuse(options, OF_TUNING, "--as-given tunes nothing")
    if "seeds" in options.given:
        _refuse(options, OF_ADDING_SEEDS, "--seeds names all seeds, which are judged once")
    fixed = recipe.changes()
    tune = {} if options.as_given else _axes(options.given.get("tune", ()), fixed)
    wanted = plan_values(options.given) | {"tune": tune, "metric": fixed.get("metric")}
    terms = Terms(**wanted)
    check_sampler(terms.sampler)
    for name in ("rounds", "candidates"):
        if options.given.get(name, 0) > terms.trials:
            raise RecipeError(
                f"--{name} {options.given[name]} is more than the {terms.trials} trials: lower it, or raise --trials"
            )
    return terms


def _refuse(options: ComparisonOptions, names: Sequence[str], why: str) -> None:
    """Refuse options that have no effect beside others."""
    for name in names:
        if name in options.given:
            raise RecipeError(f"{why}: leave {option_of(RENAMED.get(name, name))} out")


def _axes(texts: Iterable[str], fixed: Mapping[str, Any]) -> dict[str, Axis]:
    """Axes that are tuned, by field: those of `--tune`, and the default ones of fields that are not fixed."""
    always = Terms().tune
    axes: dict[str, Axis] = {}
    for text in texts:
        found = parse_axes([text], "--tune") if "=" in text else _usual(text.strip().replace("-", "_"))
        if twice := axes.keys() & found.keys():
            raise RecipeError(f"--tune names {twice.pop()} twice: give all its values at once")
        axes |= found
    for name in axes:
        if name in fixed:
            raise RecipeError(f"--tune {name} and a value for {name} are both given: leave one of them out")
    if not axes and always.keys() <= fixed.keys():
        name = next(iter(always))
        raise RecipeError(
            f"a {name.replace('_', ' ')} for all is no fair comparison: leave {option_of(name)} out, which tunes "
            "each contender's, or say --as-given"
        )
    return {name: axis for name, axis in always.items() if name not in (*axes, *fixed)} | axes


def usual_axes() -> dict[str, Axis]:
    """The range or choices over which a field is tuned by default, by field.

    A number of a user's rule is tuned from its least to its largest value, if it has both.
    """
    own = {
        name: Range(bound.low, bound.high, integer=bound.whole)
        for name, bound in Recipe.own_numbers().items()
        if isfinite(bound.low) and isfinite(bound.high)
    }
    return own | {name: replace(axis, when=None) for name, axis in AXES.items()} | dict(Terms().tune)


def _usual(name: str) -> dict[str, Axis]:
    usual = usual_axes()
    if name in usual:
        return {name: usual[name]}
    if name in recipe_fields():
        why = ", since its optimizer was registered without bounds for it" if name in Recipe.own_numbers() else ""
        raise RecipeError(f"--tune {name} has no usual range{why}: write {name}=a..b or {name}=a,b,c")
    raise RecipeError(f"--tune: unknown field '{name}': {nearest(name, {*recipe_fields(), *usual})}")


def check_scores(datasets: Sequence[Dataset], terms: Terms) -> None:
    """Refuse a margin or a target that no score of a data set can have.

    Raises:
        RecipeError: a margin of accuracy was written in points, or a target is outside the metric's range.
    """
    for dataset in datasets:
        metric = METRICS[metric_of(dataset, terms.metric)]
        if terms.margin is not None and metric.is_share and terms.margin >= LARGEST_MARGIN:
            points = f"{100 * terms.margin:g}"
            raise RecipeError(
                f"--margin {terms.margin:g} means {points} points of accuracy: for {terms.margin:g} points write "
                f"{terms.margin / 100:g}"
            )
        low, high = metric.within
        if terms.target_score is not None and not low <= terms.target_score <= high:
            raise RecipeError(
                f"--target-score {terms.target_score:g} cannot be reached on {dataset.name}: {metric.hint}"
            )


def check_initial_spread(given: Mapping[str, Mapping[str, Any]], base: Recipe | Mapping[str, Any]) -> None:
    """Refuse initial weights without the spread that their scheme needs, or with one that it sets itself.

    Args:
        given: changes of the base by label.
        base: what they are changes of.

    Raises:
        RecipeError: some are; the line says how one contender alone is given two fields.
    """
    shared = base.model_dump() if isinstance(base, Recipe) else base
    for label, changes in given.items():
        recipe = {**shared, **changes}
        name = recipe.get("initialization", Recipe().initialization)
        if "initialization" not in changes or name not in INITIALIZERS:
            continue  # the error is reported with the recipe
        if INITIALIZERS[name].needs_std and recipe.get("weight_std") is None:
            raise RecipeError(
                f"contender '{label}': initialization '{name}' needs weight_std: write "
                f'--contender "gauss: initialization={name} weight_std=0.01"'
            )
        if not INITIALIZERS[name].needs_std and recipe.get("weight_std") is not None:
            raise RecipeError(
                f"contender '{label}': initialization '{name}' sets its own weight_std: give that to the contender "
                'which needs it, by --contender "gauss: initialization=normal weight_std=0.01"'
            )


def tuned_although_given(
    contenders: Sequence[Contender], given: Mapping[str, Mapping[str, Any]], terms: Terms
) -> list[str]:
    """A note for every field that some contenders were given a value of, and that is tuned for them all the same."""
    found: dict[str, list[str]] = {}
    for one in contenders:
        for name in axes_for(one, contenders, terms):
            if given[one.label].get(name) is not None:
                found.setdefault(name, []).append(one.label)
    return [
        f"{name.replace('_', ' ')} of {', '.join(labels)} is tuned, whatever was given: --as-given keeps it"
        for name, labels in found.items()
    ]


def set_by_all(changes: Iterable[str], given: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A note for every recipe option that does nothing, since each contender sets that field itself.

    Args:
        changes: fields that the recipe options set.
        given: changes of the base by label.

    Example:
        >>> set_by_all(["optimizer"], {"sgd": {"optimizer": "sgd"}, "slow": {"optimizer": "adam", "epochs": 9}})
        ['the option for optimizer has no effect: every contender sets its own']
    """
    return [
        f"the option for {name.replace('_', ' ')} has no effect: every contender sets its own"
        for name in changes
        if all(name in own for own in given.values())
    ]


def too_few_seeds(contenders: Sequence[Contender], terms: Terms) -> list[str]:
    """A note where no difference, however large, could be shown with the seeds allowed.

    The smallest p of n pairs of runs is 2/2ⁿ, which Holm's correction multiplies by the number of pairs. One seed needs
    no note: the verdict says so.
    """
    seeds = terms.most_seeds if terms.seeds is None else len(terms.seeds)
    pairs = len(pairs_asked(contenders, terms.reference))
    if seeds == 1 or 2 / 2**seeds * pairs <= terms.error_rate:
        return []
    needed, fewer = _needed(pairs, terms), _needed(len(contenders) - 1, terms)
    fewer_pairs = f", or {fewer} and fewer pairs by --reference" if fewer < needed else ""
    what = "two contenders" if pairs == 1 else f"{pairs} pairs"
    return [f"{what} cannot differ significantly with {seeds} seeds: at least {needed} are needed{fewer_pairs}"]


def coarse_margins(datasets: Iterable[Dataset], terms: Terms) -> list[str]:
    """A note for every data set with so few validation rows that the default margin is large."""
    if terms.margin is not None:
        return []
    found = []
    for dataset in datasets:
        metric, rows = METRICS[metric_of(dataset, terms.metric)], len(dataset.validation)
        if metric.is_share and (margin := metric.margin(rows, (), 0.0)) > COARSE:
            found.append(
                f"{dataset.name}: the margin is {metric.margin_text(margin)} of {metric.title}, one of only "
                f"{rows} validation rows: --validation makes that split larger"
            )
    return found


def _needed(pairs: int, terms: Terms) -> int:
    """The fewest seeds with which a difference can be shown."""
    return ceil(log2(2 * pairs / terms.error_rate))
