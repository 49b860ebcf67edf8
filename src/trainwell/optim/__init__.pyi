from .bounds import BOUNDS as BOUNDS, HYPERPARAMETERS as HYPERPARAMETERS, Bound as Bound
from .clipping import clip_by_norm as clip_by_norm, global_norm as global_norm
from .curvature.classification import (
    KINDS as KINDS,
    Kind as Kind,
    KindName as KindName,
    Kinds as Kinds,
    classify as classify,
    classify_all as classify_all,
    condition_number as condition_number,
)
from .curvature.density import Density as Density, spectral_density as spectral_density
from .curvature.extremes import Extremes as Extremes, extreme_eigenvalues as extreme_eigenvalues
from .curvature.hessian import (
    Flat as Flat,
    Loss as Loss,
    flatten as flatten,
    hessian as hessian,
    hessian_product as hessian_product,
)
from .curvature.hessian_trace import TraceEstimate as TraceEstimate, hessian_trace as hessian_trace
from .curvature.lanczos import (
    Lanczos as Lanczos,
    Quadrature as Quadrature,
    lanczos as lanczos,
    spectral_quadrature as spectral_quadrature,
)
from .curvature.mean_over import mean_over as mean_over
from .curvature.taylor import Taylor as Taylor, taylor as taylor
from .protocol import (
    Number as Number,
    Rule as Rule,
    Slots as Slots,
    check_number as check_number,
    check_numbers as check_numbers,
)
from .registry import (
    RULES as RULES,
    RuleSpec as RuleSpec,
    own_bounds as own_bounds,
    register as register,
    rule as rule,
)
from .rules.adagrad import adagrad as adagrad
from .rules.adam import adam as adam
from .rules.adam_folded import adam_folded as adam_folded
from .rules.adam_uncorrected import adam_uncorrected as adam_uncorrected
from .rules.adamw import adamw as adamw
from .rules.momentum import momentum as momentum
from .rules.momentum_step import momentum_step as momentum_step
from .rules.nesterov import nesterov as nesterov
from .rules.nesterov_lookahead import nesterov_lookahead as nesterov_lookahead
from .rules.plain import (
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
    PlainRule as PlainRule,
    RMSProp as RMSProp,
)
from .rules.rmsprop import rmsprop as rmsprop
from .rules.sgd import gradient_descent as gradient_descent, sgd as sgd
from .schedules.registry import (
    SCHEDULES as SCHEDULES,
    ScheduleSpec as ScheduleSpec,
    make_schedule as make_schedule,
    register_schedule as register_schedule,
    schedule as schedule,
)
from .schedules.schedule import Schedule as Schedule
from .second_order.bfgs import bfgs as bfgs, lbfgs as lbfgs
from .second_order.line_search import LineSearchState as LineSearchState
from .second_order.newton import (
    newton as newton,
    newton_damped as newton_damped,
    newton_saddle_free as newton_saddle_free,
)
