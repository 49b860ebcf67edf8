"""How much work a population is, and whether it can be trained at all: known before anything is."""

from collections.abc import Sequence

from trainwell.core.runtime import configure_runtime
from trainwell.data import Dataset
from trainwell.training.population import Entry, Member
from trainwell.training.recipe import Recipe
from trainwell.training.supervised import problems_of


def members_work(datasets: Sequence[Dataset], recipes: Sequence[Recipe], num_seeds: int) -> list[float]:
    """Floating-point operations of each member, in the order of `train_on`.

    Raises:
        RecipeError: a recipe does not fit the data, or its parts do not fit each other.
    """
    precision = configure_runtime().precision
    work = []
    for problem in (problem for dataset in datasets for problem in problems_of(recipes, dataset, precision)):
        entry = Entry(0, Member(problem.recipe, 0), problem)
        # Both raise if their parts of the recipe cannot be: here, and not after hours.
        problem.init(0)
        entry.learning_rates(0, 1)
        work += [problem.flops_per_step * entry.points.total] * num_seeds
    return work
