from .axes import Axis as Axis, Choices as Choices, Range as Range, as_scalar as as_scalar, same as same
from .axis_fields import DERIVED as DERIVED, check_field as check_field, fitted as fitted
from .block import Lane as Lane, Result as Result
from .conditions import base_value as base_value, has_effect as has_effect, possible as possible, user_of as user_of
from .contenders import (
    LONGEST as LONGEST,
    Contender as Contender,
    Given as Given,
    What as What,
    contenders_of as contenders_of,
)
from .engine import Progress as Progress
from .labels import differing_fields as differing_fields, recipe_labels as recipe_labels
from .own_functions import fingerprints as fingerprints
from .population import Entry as Entry, Member as Member
from .problem import Numbers as Numbers, Problem as Problem
from .recipe import Recipe as Recipe
from .recipe_files import (
    load_recipe as load_recipe,
    recipe_json as recipe_json,
    recipe_toml as recipe_toml,
    save_recipe as save_recipe,
)
from .run import Weights as Weights, train as train, train_on as train_on, train_problems as train_problems
from .rungs import Rungs as Rungs, Seen as Seen
from .runs import STATUSES as STATUSES, Runs as Runs, joined as joined, load_runs as load_runs, save_runs as save_runs
from .space import Space as Space
from .space_files import (
    load_space as load_space,
    save_space as save_space,
    space_from_json as space_from_json,
    space_toml as space_toml,
)
from .space_points import points as points
from .supervised import problems_of as problems_of
from .surface_points import Points as Points
from .trace import UNITS as UNITS, Trace as Trace
from .trained import Trained as Trained, best_members as best_members, extreme_input as extreme_input
from .work import members_work as members_work
