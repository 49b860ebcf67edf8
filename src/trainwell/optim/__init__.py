"""Update rules (one per file, and as plain objects), learning-rate schedules, gradient clipping, curvature."""

from trainwell.optim.adagrad import adagrad
from trainwell.optim.adam import adam
from trainwell.optim.adam_folded import adam_folded
from trainwell.optim.adam_uncorrected import adam_uncorrected
from trainwell.optim.adamw import adamw
from trainwell.optim.bounds import BOUNDS, Bound, check_number, check_numbers
from trainwell.optim.clipping import clip_by_norm, global_norm
from trainwell.optim.curvature import (
    KINDS,
    Density,
    Extremes,
    Flat,
    Kind,
    KindName,
    Kinds,
    Lanczos,
    Loss,
    Quadrature,
    Taylor,
    TraceEstimate,
    classify,
    classify_all,
    condition_number,
    extreme_eigenvalues,
    flatten,
    hessian,
    hessian_product,
    hessian_trace,
    lanczos,
    mean_over,
    spectral_density,
    spectral_quadrature,
    taylor,
)
from trainwell.optim.gradient_descent import gradient_descent
from trainwell.optim.momentum import momentum
from trainwell.optim.momentum_step import momentum_step
from trainwell.optim.nesterov import nesterov
from trainwell.optim.nesterov_lookahead import nesterov_lookahead
from trainwell.optim.plain import (
    SGD,
    AdaGrad,
    Adam,
    AdamFolded,
    AdamUncorrected,
    AdamW,
    Momentum,
    MomentumStep,
    Nesterov,
    NesterovLookahead,
    PlainRule,
    RMSProp,
)
from trainwell.optim.protocol import Number, Rule, Slots
from trainwell.optim.registry import RULES, RuleSpec, register, rule
from trainwell.optim.rmsprop import rmsprop
from trainwell.optim.schedules import SCHEDULES, Schedule, ScheduleSpec, make_schedule, register_schedule, schedule
from trainwell.optim.second_order import Searched, bfgs, lbfgs, newton, newton_damped, newton_saddle_free
from trainwell.optim.sgd import sgd

__all__ = [
    "BOUNDS",
    "KINDS",
    "RULES",
    "SCHEDULES",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamFolded",
    "AdamUncorrected",
    "AdamW",
    "Bound",
    "Density",
    "Extremes",
    "Flat",
    "Kind",
    "KindName",
    "Kinds",
    "Lanczos",
    "Loss",
    "Momentum",
    "MomentumStep",
    "Nesterov",
    "NesterovLookahead",
    "Number",
    "PlainRule",
    "Quadrature",
    "RMSProp",
    "Rule",
    "RuleSpec",
    "Schedule",
    "ScheduleSpec",
    "Searched",
    "Slots",
    "Taylor",
    "TraceEstimate",
    "adagrad",
    "adam",
    "adam_folded",
    "adam_uncorrected",
    "adamw",
    "bfgs",
    "check_number",
    "check_numbers",
    "classify",
    "classify_all",
    "clip_by_norm",
    "condition_number",
    "extreme_eigenvalues",
    "flatten",
    "global_norm",
    "gradient_descent",
    "hessian",
    "hessian_product",
    "hessian_trace",
    "lanczos",
    "lbfgs",
    "make_schedule",
    "mean_over",
    "momentum",
    "momentum_step",
    "nesterov",
    "nesterov_lookahead",
    "newton",
    "newton_damped",
    "newton_saddle_free",
    "register",
    "register_schedule",
    "rmsprop",
    "rule",
    "schedule",
    "sgd",
    "spectral_density",
    "spectral_quadrature",
    "taylor",
]
