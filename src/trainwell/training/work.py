"""How much work a population is, and whether it can be trained at all: known before anything is."""

from collections.abc import Sequence
from itertools import pairwise

from trainwell.core import RecipeError, configure_runtime, total_memory
from trainwell.data import Dataset
from trainwell.optim import RULES
from trainwell.training.engine.layout import member_bytes
from trainwell.training.engine.population import Entry, Member
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.supervised import NetworkProblem, problems_of


def members_work(datasets: Sequence[Dataset], recipes: Sequence[Recipe], num_seeds: int) -> list[float]:
    """Floating-point operations of each member, in the order of `train_on`.

    Raises:
        RecipeError: a recipe does not fit the data, or its parts do not fit each other.
    """
    runtime = configure_runtime()
    work = []
    for problem in (problem for dataset in datasets for problem in problems_of(recipes, dataset, runtime.precision)):
        entry = Entry(0, Member(problem.recipe, 0), problem)
        _check_memory(problem, min(runtime.jobs, len(recipes) * num_seeds))
        # Both raise if their parts of the recipe cannot be: here, and not after hours.
        problem.init(0)
        entry.learning_rates(0, 1)
        work += [problem.flops_per_step * entry.points.total] * num_seeds
    return work


def _check_memory(problem: NetworkProblem, at_once: int) -> None:
    """Refuse networks that could not even be started on this machine, as many at once as it trains.

    Raises:
        RecipeError: parameters, gradients, updates, two moments and the best weights, and the matrices of a
            second-order method, are more than its memory.
    """
    network = problem.network
    weights = sum(a * b for a, b in pairwise(network.sizes)) * network.pieces
    needed = at_once * member_bytes(problem.recipe, weights, problem.arrays.dtype.itemsize)
    if needed > total_memory():
        rule = problem.recipe.optimizer
        instead = f", or lbfgs in place of {rule}" if RULES[rule].matrices else ""
        raise RecipeError(
            f"hidden layers of {_shown(problem.recipe.hidden)} make {weights:,} weights, which take "
            f"{needed / 2**30:,.0f} GiB to train and this machine has {total_memory() / 2**30:,.0f}: use narrower or "
            f"fewer layers{instead}"
        )


def _shown(hidden: Sequence[int]) -> str:
    return ", ".join(map(str, hidden[:3])) + (f", … ({len(hidden)} layers)" if len(hidden) > 3 else "")
