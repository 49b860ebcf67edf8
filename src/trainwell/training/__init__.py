"""Training: recipes, problems, populations, and the engine that trains them."""

from trainwell.training.block import Lane, Result
from trainwell.training.engine import Progress
from trainwell.training.points import Points
from trainwell.training.population import Entry, Member
from trainwell.training.problem import Problem
from trainwell.training.recipe import Recipe
from trainwell.training.recipe_files import load_recipe, recipe_json, recipe_toml, save_recipe
from trainwell.training.run import Weights, train, train_on, train_problems
from trainwell.training.rungs import Rungs, Seen
from trainwell.training.supervised import problems_of
from trainwell.training.trace import UNITS, Trace
from trainwell.training.trained import STATUSES, Trained, best_members

__all__ = [
    "STATUSES",
    "UNITS",
    "Entry",
    "Lane",
    "Member",
    "Points",
    "Problem",
    "Progress",
    "Recipe",
    "Result",
    "Rungs",
    "Seen",
    "Trace",
    "Trained",
    "Weights",
    "best_members",
    "load_recipe",
    "problems_of",
    "recipe_json",
    "recipe_toml",
    "save_recipe",
    "train",
    "train_on",
    "train_problems",
]
