from .comparison import (
    Comparison as Comparison,
    Comparisons as Comparisons,
    Terms as Terms,
    compare as compare,
    compare_on as compare_on,
)
from .core import (
    DataError as DataError,
    Interrupted as Interrupted,
    ModelError as ModelError,
    RecipeError as RecipeError,
    RunError as RunError,
    SearchError as SearchError,
    TrainwellError as TrainwellError,
    configure_runtime as configure_runtime,
)
from .data import Dataset as Dataset, from_arrays as from_arrays, load_data as load_data
from .landscape import (
    Descents as Descents,
    LandscapeError as LandscapeError,
    Race as Race,
    Surface as Surface,
    critical_points as critical_points,
    curvature as curvature,
    descend as descend,
    own_surface as own_surface,
    race as race,
    surface as surface,
)
from .lecture import FIGURES as FIGURES, STATEMENTS as STATEMENTS, examine as examine, make_figures as make_figures
from .models import (
    Model as Model,
    Start as Start,
    judge_on_test_split as judge_on_test_split,
    load_model as load_model,
    save_model as save_model,
)
from .nn import register_initializer as register_initializer
from .optim import (
    SGD as SGD,
    AdaGrad as AdaGrad,
    Adam as Adam,
    AdamFolded as AdamFolded,
    AdamUncorrected as AdamUncorrected,
    AdamW as AdamW,
    Momentum as Momentum,
    MomentumStep as MomentumStep,
    Nesterov as Nesterov,
    NesterovLookahead as NesterovLookahead,
    RMSProp as RMSProp,
    register as register,
    register_schedule as register_schedule,
)
from .search import (
    CoarseToFineSampler as CoarseToFineSampler,
    Halving as Halving,
    Plan as Plan,
    Tuned as Tuned,
    tune as tune,
)
from .training import (
    Choices as Choices,
    Range as Range,
    Recipe as Recipe,
    Space as Space,
    Trace as Trace,
    Trained as Trained,
    load_recipe as load_recipe,
    load_space as load_space,
    register_network as register_network,
    save_recipe as save_recipe,
    save_space as save_space,
    train as train,
)
from .version import __version__ as __version__
