"""`train` and its variants, and estimates of memory and work."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from trainwell.core import Interrupted, RecipeError, Runtime, checked_seeds, configure_runtime, total_memory, value_text
from trainwell.data import Data, Dataset, as_dataset
from trainwell.display import work_bars
from trainwell.nn import Network, num_parameters
from trainwell.optim import RULES
from trainwell.training.engine.checkpoint import Checkpoints
from trainwell.training.engine.engine import Engine, Keep, Progress, Rungs, parameters
from trainwell.training.engine.order import Points
from trainwell.training.engine.population import Group, Member, Result, group
from trainwell.training.engine.problem import tree_bytes
from trainwell.training.engine.program import State
from trainwell.training.progress import PopulationProgress
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.recipe.training_settings import TrainingSettings
from trainwell.training.results.layers import LayerSpreads, look, moments
from trainwell.training.results.runs import STATUSES, Trained, TrainedMember
from trainwell.training.results.trace import join
from trainwell.training.supervised import NetworkProblem, problems_of

LOG = logging.getLogger("trainwell")
Weights = tuple[PyTree, PyTree]
"""`(parameters, state)`; for a fully connected network, dictionaries of all layers or only the first ones."""


def train(
    data: Data,
    recipes: Recipe | Iterable[Recipe],
    seeds: Iterable[int] = (0,),
    *,
    target: str | int | None = None,
    initial: Weights | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    observe_layers: bool = False,
    show_progress: bool = True,
) -> Trained:
    """Train every recipe with every seed, as one population.

    A member's result depends only on its recipe, its seed and the data; on a CPU this holds to the bit. The seed
    determines initial weights, the order of the data and dropout masks, so recipes with the same seed are compared on
    common random numbers.

    Args:
        data: a built-in name, a file, arrays `(X, y)`, a data frame, or a `Dataset`; `load_data` has options for
            reading and splitting. Training and validation splits are used, the test split is not.
        recipes: one or several.
        seeds: the seeds themselves, each at least 0: `[5]` for the seed 5, `range(5)` for five seeds.
        target: the column to predict, if the data are a table.
        initial: weights to start from, such as those of `models.Start` for transfer learning. Layers of the same shape
            start with these, the others with new random weights.
        checkpoints: folder for the members' states. Training resumes from the states in it. A checkpoint that is
            damaged, or belongs to other recipes, seeds or data, is ignored with a warning of the logger `trainwell`.
        progress: functions to call during training.
        observe_layers: also record activations and gradients about a dozen times, as `Trained.layers`. It takes
            little time and does not change the training.
        show_progress: whether to show a bar in a terminal or notebook, unless `progress` is given.

    Returns:
        Parameters, trace and statuses; members are ordered recipe by recipe, then by seed.

    Raises:
        DataError: the data cannot be read.
        RecipeError: there is no recipe or no seed, or a recipe does not fit the data.
        Interrupted: Ctrl-C was pressed; the running chunks were finished and stored in the checkpoints.

    Example:
        >>> recipes = [Recipe(hidden=(16,), epochs=2, optimizer=name) for name in ("sgd", "adam")]
        >>> trained = train("iris", recipes, seeds=(0, 1))
        >>> len(trained), trained.statuses[0]
        (4, 'finished')

    Source: T-BABY-3 (`observe_layers`), T-TRANS-1 (`initial`).
    """
    given = [data] if isinstance(data, Recipe) else data if isinstance(data, list | tuple) else ()
    if any(isinstance(one, Recipe) for one in given):
        raise RecipeError("the data come first: write train(data, recipes, seeds), not train(recipes, data, seeds)")
    dataset = as_dataset(data, target)
    recipes, chosen = _checked(recipes, seeds)
    with work_bars(show=show_progress and progress is None) as bars:
        drawn = None if bars.disable else PopulationProgress(bars, members_work([dataset], recipes, len(chosen)))
        (trained,) = train_on(
            [dataset],
            recipes,
            chosen,
            initial=initial,
            checkpoints=checkpoints,
            progress=drawn.callbacks if drawn else progress,
            observe_layers=observe_layers,
        )
        if drawn:
            drawn.finish()
    return trained


def train_on(
    datasets: Sequence[Dataset],
    recipes: Recipe | Iterable[Recipe],
    seeds: Iterable[int] = (0,),
    *,
    initial: Weights | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    rungs: Rungs | None = None,
    rules: Collection[str] = (),
    deadline: float | None = None,
    observe_layers: bool = False,
) -> list[Trained]:
    """Train every recipe with every seed on each of several datasets, all as one population.

    Args:
        datasets: such as the folds of a cross-validation. Members are numbered by dataset, then recipe, then seed.
        recipes: see `train`.
        seeds: see `train`.
        initial: see `train`.
        checkpoints: see `train`.
        progress: see `train`.
        rungs: see `train_problems`.
        rules: see `train_problems`.
        deadline: see `train_problems`.
        observe_layers: see `train`.

    Returns:
        One population per dataset, in their order.

    Raises:
        RecipeError: there is no recipe or no seed, or a recipe does not fit the data.
        Interrupted: Ctrl-C was pressed; the running chunks were finished and stored in the checkpoints.
    """
    recipes, chosen = _checked(recipes, seeds)
    how: dict[str, Any] = {"rungs": rungs, "rules": rules, "deadline": deadline, "observe_layers": observe_layers}
    asked = [(dataset, recipe, seed) for dataset in datasets for recipe in recipes for seed in chosen]
    starts = [initial] * len(asked) if initial else None
    results = _results(asked, initial=starts, checkpoints=checkpoints, progress=progress, **how)
    each = len(recipes) * len(chosen)
    return [
        _trained(asked[first : first + each], results[first : first + each], len(chosen))
        for first in range(0, len(asked), each)
    ]


def train_each(
    asked: Sequence[tuple[Dataset, Recipe, int]],
    *,
    initial: Sequence[Weights | None] | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> list[Trained]:
    """Train networks with different data and recipes, all as one population.

    Args:
        asked: dataset, recipe and seed of each network.
        initial: initial weights of each network, see `train`; None draws new ones.
        checkpoints: see `train`.
        progress: see `train`.

    Returns:
        One result per network, in the order of `asked`.

    Raises:
        RecipeError: a recipe does not fit its data.
        Interrupted: Ctrl-C was pressed.
    """
    results = _results(asked, initial=initial, checkpoints=checkpoints, progress=progress)
    return [_trained([one], [result], 1) for one, result in zip(asked, results, strict=True)]


def _results(asked: Sequence[tuple[Dataset, Recipe, int]], *, observe_layers: bool = False, **how: Any) -> list[Result]:
    """Train networks; those with the same dataset and recipe share a problem."""
    precision = configure_runtime().precision
    datasets = {id(dataset): dataset for dataset, _, _ in asked}
    problems: dict[tuple[int, int], NetworkProblem] = {}
    for key, dataset in datasets.items():
        recipes = list({id(recipe): recipe for own, recipe, _ in asked if own is dataset}.values())
        made = problems_of(recipes, dataset, precision)
        problems |= {(key, id(recipe)): problem for recipe, problem in zip(recipes, made, strict=True)}
    notices = [problem.dropped_rows_notice for problem in problems.values()]
    if len(datasets) == 1:  # with folds, the caller reports in how many
        notices += [problem.metric_notice for problem in problems.values()]
    for notice in filter(None, dict.fromkeys(notices)):
        LOG.warning(notice)
    members = [Member(recipe, seed, problems[id(dataset), id(recipe)]) for dataset, recipe, seed in asked]
    if observe_layers:
        if other := next(
            (one.settings.network for one in problems.values() if not isinstance(one.network, Network)), None
        ):
            raise RecipeError(f"layers can be observed in fully connected networks only, not in '{other}'")
        found = [moments(Points.of(problem.training, problem.steps_per_epoch)) for problem in problems.values()]
        how |= {"snapshots": set.union(*found), "keep": _look}
    return train_problems(members, **how)


def _look(member: Member, state: State) -> Mapping[str, np.ndarray]:
    assert isinstance(member.problem, NetworkProblem)
    return look(member.problem, state.params, state.carry)


def _spreads(result: Result) -> LayerSpreads:
    assert isinstance(result.member.problem, NetworkProblem)
    return LayerSpreads.of(result.member.problem, result.snapshots)


def _checked(recipes: Recipe | Iterable[Recipe], seeds: Iterable[int]) -> tuple[list[Recipe], tuple[int, ...]]:
    recipes = [recipes] if isinstance(recipes, Recipe) else list(recipes)
    if not recipes:
        raise RecipeError("there is no recipe: give at least one")
    return recipes, checked_seeds(seeds, RecipeError)


def train_problems(
    members: Sequence[Member],
    *,
    initial: Sequence[Weights | None] | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    rungs: Rungs | None = None,
    rules: Collection[str] = (),
    deadline: float | None = None,
    snapshots: Collection[int] = (),
    keep: Keep | None = None,
) -> list[Result]:
    """Train members on any problems, such as surfaces; `train` calls this for networks on a dataset.

    Args:
        members: in the order of their results; they may share a problem.
        initial: initial weights of each member, see `train`; None draws new ones.
        checkpoints: see `train`.
        progress: see `train`.
        rungs: when poor members are pruned; None trains all members to the end.
        rules: names of rules that later calls will use. Compiling them into the same program now saves compiling then.
        deadline: a time of `time.monotonic()` after which no chunk starts; unfinished members are then pruned.
        snapshots: updates after which each member's parameters are copied; 0 is before the first update. Updates
            that a member does not reach are left out. Snapshots do not change results, to the bit.
        keep: `keep(member, state) -> arrays by name`, stored in a snapshot instead of all parameters. It is required
            if `checkpoints` are also given, because these do not store parameters of snapshots.

    Returns:
        One result per member, in their order.

    Raises:
        Interrupted: Ctrl-C was pressed; the running chunks were finished and stored in the checkpoints.
        ValueError: snapshots and checkpoints are given without `keep`, or a snapshot is below 0.
    """
    if snapshots and checkpoints is not None and keep is None:
        raise ValueError("checkpoints do not store parameters of snapshots: give keep, or leave one of the two out")
    if any(step < 0 for step in snapshots):
        raise ValueError(f"snapshots must be updates from 0, got {min(snapshots)}")
    runtime = configure_runtime()
    members = [replace(member, index=i) for i, member in enumerate(members)]
    for member in {(id(member.training), id(member.problem)): member for member in members}.values():
        member.learning_rates(0, 1)  # raises on an invalid schedule, before training starts
    engine = Engine(
        group(members, mixes=lambda problem: one_by_one(runtime) and not problem.cohort, rules=rules),
        jobs=runtime.jobs if runtime.platform == "cpu" else 1,
        lanes=lambda one: lanes_for(one, runtime),
        dtype=np.dtype(runtime.precision),
        checkpoints=Checkpoints(checkpoints, initial or (), snapshots),
        initial=_initial_weights(initial) if initial else None,
        progress=progress or Progress(),
        rungs=rungs,
        deadline=deadline,
        snapshots=snapshots,
        keep=keep or parameters,
    )
    if not engine.run():
        raise Interrupted(f"stopped on request: {len(engine.results)} of {len(members)} members are done")
    return [engine.results[i] for i in range(len(members))]


def _initial_weights(starts: Sequence[Weights | None]) -> Callable[[Member], tuple[PyTree, PyTree]]:
    """Returns a member's initial weights: the given layers where shapes match, otherwise new random ones."""

    def weights(member: Member) -> tuple[PyTree, PyTree]:
        params, carry = member.problem.init(member.seed)
        given = starts[member.index] or ((), ())
        return _fill_matching(given[0], params), _fill_matching(given[1], carry)

    return weights


def _fill_matching(given: PyTree, fresh: PyTree) -> PyTree:
    """`fresh` with each top-level entry replaced by that of `given` if all its shapes match."""
    leaves, structure = jax.tree.flatten_with_path(fresh)
    old, new = dict(jax.tree.leaves_with_path(given)), dict(leaves)
    tops = {path[:1] for path in new}
    fits = {top for top in tops if _shapes_below(top, old) == _shapes_below(top, new)}
    taken = [np.asarray(old[path], leaf.dtype) if path[:1] in fits else leaf for path, leaf in leaves]
    return jax.tree.unflatten(structure, taken)


def _shapes_below(top: tuple[Any, ...], leaves: Mapping[Any, np.ndarray]) -> dict[Any, tuple[int, ...]]:
    return {path: np.shape(leaf) for path, leaf in leaves.items() if path[:1] == top}


def _trained(asked: Sequence[tuple[Dataset, Recipe, int]], results: Sequence[Result], num_seeds: int) -> Trained:
    steps = [result.observed_steps for result in results]
    epochs = [at / result.member.problem.steps_per_epoch for at, result in zip(steps, results, strict=True)]
    return Trained(
        asked[0][0],
        (num_seeds,) * (len(results) // num_seeds),
        tuple(TrainedMember(recipe, seed) for _, recipe, seed in asked),
        tuple(STATUSES[result.status] for result in results),
        tuple(result.steps for result in results),
        tuple(result.best_step for result in results),
        join([result.seen for result in results], steps, epochs),
        tuple(result.seconds for result in results),
        tuple(result.params for result in results),
        tuple(result.carry for result in results),
        tuple(_spreads(result) for result in results if result.snapshots),
    )


def members_work(datasets: Sequence[Dataset], recipes: Sequence[Recipe], num_seeds: int) -> list[float]:
    """Floating-point operations of each member, in the order of `train_on`.

    Raises:
        RecipeError: a recipe does not fit the data, is inconsistent, or needs more memory than there is.
    """
    runtime = configure_runtime()
    work = []
    for problem in (problem for dataset in datasets for problem in problems_of(recipes, dataset, runtime.precision)):
        member = Member(problem.training, 0, problem)
        _check_memory(problem, min(runtime.jobs, len(recipes) * num_seeds))
        # Both raise if the recipe is inconsistent: here, and not after hours of training.
        problem.init(0)
        member.learning_rates(0, 1)
        work += [problem.flops_per_step * member.points.total] * num_seeds
    return work


def _check_memory(problem: NetworkProblem, at_once: int) -> None:
    """Check that `at_once` copies of a network can be trained in this machine's memory.

    Raises:
        RecipeError: parameters, gradients, updates, optimizer state and the best weights need more than its memory.
    """
    weights = num_parameters(problem.network)
    needed = at_once * member_bytes(problem.training, weights, problem.arrays.dtype.itemsize)
    if needed > total_memory():
        rule = problem.training.optimizer
        instead = f", or lbfgs in place of {rule}" if RULES[rule].matrices else ""
        own = not isinstance(problem.network, Network)
        what = f"network '{problem.settings.network}'" if own else f"hidden layers of {_shown(problem.settings.hidden)}"
        raise RecipeError(
            f"{what} {'has' if own else 'make'} {weights:,} parameters, which take {needed / 2**30:,.0f} GiB to train "
            f"and this machine has {total_memory() / 2**30:,.0f}: use narrower or fewer layers{instead}"
        )


def _shown(hidden: Sequence[int]) -> str:
    return value_text(hidden[:3]) + (f"x… ({len(hidden)} layers)" if len(hidden) > 3 else "")


COPIES = 6  # parameters, two moments, best weights, gradients, updates
MEMORY_SHARE = 0.5


def one_by_one(runtime: Runtime) -> bool:
    """Whether members are trained one by one, without `vmap`.

    Measured: on a CPU networks, cohorts of points and even quadratics of 100 dimensions train fastest one by one, and
    a member's bits then do not depend on others. On an accelerator `vmap` is fastest.
    """
    return runtime.platform == "cpu"


def member_bytes(training: TrainingSettings, parameters: int, itemsize: int) -> int:
    """Memory of a member in training, in bytes, including the state of a second-order method."""
    remembered = 2 * int(training.rule_numbers.get("memory", 0))
    return itemsize * ((COPIES + remembered) * parameters + RULES[training.optimizer].matrices * parameters**2)


def lanes_for(group: Group, runtime: Runtime) -> int | None:
    """Members per block: None to train one by one without `vmap`, otherwise a power of two that fits into memory."""
    if one_by_one(runtime):
        return None
    params, _ = group.members[0].problem.init(0)
    itemsize = np.dtype(runtime.precision).itemsize
    one = member_bytes(group.members[0].training, tree_bytes(params) // itemsize, itemsize)
    most = max(1, int(_free_memory() * MEMORY_SHARE / one))
    return int(min(1 << int(np.log2(most)), 1 << int(np.ceil(np.log2(len(group.members))))))


def _free_memory() -> float:
    """Memory of the first device in bytes; 8 GiB if it is unknown."""
    stats = jax.devices()[0].memory_stats() or {}
    return float(stats.get("bytes_limit", 8 << 30))
