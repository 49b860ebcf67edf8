"""Learning-rate schedules: factors over time in epochs, evaluated on the host in float64."""

from trainwell.optim.schedules.constant import constant
from trainwell.optim.schedules.cosine import cosine
from trainwell.optim.schedules.exponential import exponential
from trainwell.optim.schedules.inverse_sqrt import inverse_sqrt
from trainwell.optim.schedules.inverse_time import inverse_time
from trainwell.optim.schedules.linear import linear
from trainwell.optim.schedules.registry import SCHEDULES, ScheduleSpec, make_schedule, register_schedule, schedule
from trainwell.optim.schedules.schedule import Schedule
from trainwell.optim.schedules.step import step
from trainwell.optim.schedules.step_every import step_every
from trainwell.optim.schedules.stepwise import stepwise
from trainwell.optim.schedules.warmup import warmup

__all__ = [
    "SCHEDULES",
    "Schedule",
    "ScheduleSpec",
    "constant",
    "cosine",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
    "linear",
    "make_schedule",
    "register_schedule",
    "schedule",
    "step",
    "step_every",
    "stepwise",
    "warmup",
]
