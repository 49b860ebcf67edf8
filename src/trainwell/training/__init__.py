"""Training: recipes, problems, populations, and the engine that trains them."""

from trainwell.training.block import Lane, Result
from trainwell.training.conditions import has_effect
from trainwell.training.contenders import Contender, contenders_of
from trainwell.training.engine import Progress
from trainwell.training.labels import differing_fields, recipe_labels
from trainwell.training.points import Points
from trainwell.training.population import Entry, Member
from trainwell.training.problem import Problem
from trainwell.training.recipe import Recipe
from trainwell.training.recipe_files import load_recipe, recipe_json, recipe_toml, save_recipe
from trainwell.training.run import Weights, train, train_on, train_problems
from trainwell.training.rungs import Rungs, Seen
from trainwell.training.runs import STATUSES, Runs, joined, load_runs, save_runs
from trainwell.training.space import Axis, Choices, Range, Space
from trainwell.training.space_files import load_space, save_space, space_from_json, space_toml
from trainwell.training.space_points import points
from trainwell.training.supervised import problems_of
from trainwell.training.trace import UNITS, Trace
from trainwell.training.trained import Trained, best_members, extreme_input
from trainwell.training.work import members_work

__all__ = [
    "STATUSES",
    "UNITS",
    "Axis",
    "Choices",
    "Contender",
    "Entry",
    "Lane",
    "Member",
    "Points",
    "Problem",
    "Progress",
    "Range",
    "Recipe",
    "Result",
    "Rungs",
    "Runs",
    "Seen",
    "Space",
    "Trace",
    "Trained",
    "Weights",
    "best_members",
    "contenders_of",
    "differing_fields",
    "extreme_input",
    "has_effect",
    "joined",
    "load_recipe",
    "load_runs",
    "load_space",
    "members_work",
    "points",
    "problems_of",
    "recipe_json",
    "recipe_labels",
    "recipe_toml",
    "save_recipe",
    "save_runs",
    "save_space",
    "space_from_json",
    "space_toml",
    "train",
    "train_on",
    "train_problems",
]
