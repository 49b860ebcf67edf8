from .engine.engine import Progress as Progress, Rungs as Rungs, Seen as Seen
from .engine.order import Points as Points
from .engine.population import Lane as Lane, Member as Member, Result as Result
from .engine.problem import Numbers as Numbers, Problem as Problem
from .progress import (
    PopulationProgress as PopulationProgress,
    WorkDone as WorkDone,
    compiling_text as compiling_text,
    latest as latest,
)
from .recipe.contenders import (
    LONGEST as LONGEST,
    Contender as Contender,
    Given as Given,
    What as What,
    contenders_of as contenders_of,
    differing_fields as differing_fields,
    fingerprints as fingerprints,
    fingerprints_of_each as fingerprints_of_each,
    recipe_labels as recipe_labels,
)
from .recipe.files import (
    load_recipe as load_recipe,
    recipe_json as recipe_json,
    recipe_toml as recipe_toml,
    save_recipe as save_recipe,
)
from .recipe.fitting import fitting as fitting
from .recipe.network_settings import NetworkSettings as NetworkSettings
from .recipe.networks import (
    NETWORKS as NETWORKS,
    net_of as net_of,
    register_network as register_network,
)
from .recipe.recipe import (
    Recipe as Recipe,
    group_of as group_of,
    parse_field as parse_field,
    recipe_fields as recipe_fields,
)
from .recipe.training_settings import OptimizerSettings as OptimizerSettings, TrainingSettings as TrainingSettings
from .results.curves import (
    final_scores as final_scores,
    loss_curves as loss_curves,
    score_curves as score_curves,
)
from .results.layers import QUANTITIES as QUANTITIES, LayerSpreads as LayerSpreads, layer_facts as layer_facts
from .results.runs import (
    STATUSES as STATUSES,
    Runs as Runs,
    Trained as Trained,
    TrainedMember as TrainedMember,
    best_members as best_members,
    extreme_input as extreme_input,
    joined as joined,
    load_runs as load_runs,
    save_runs as save_runs,
)
from .results.summary import (
    RecipeSummary as RecipeSummary,
    best_first as best_first,
    headline as headline,
    results_table as results_table,
    summarise as summarise,
)
from .results.trace import UNITS as UNITS, Trace as Trace
from .run import (
    Weights as Weights,
    members_work as members_work,
    train as train,
    train_each as train_each,
    train_on as train_on,
    train_problems as train_problems,
)
from .space.axes import (
    DERIVED as DERIVED,
    Axis as Axis,
    Choices as Choices,
    Range as Range,
    as_scalar as as_scalar,
    check_field as check_field,
    fitted as fitted,
    same as same,
)
from .space.conditions import (
    base_value as base_value,
    deciding_field as deciding_field,
    has_effect as has_effect,
    possible as possible,
)
from .space.files import (
    load_space as load_space,
    save_space as save_space,
    space_from_json as space_from_json,
    space_toml as space_toml,
)
from .space.space import Space as Space
from .supervised import problems_of as problems_of
