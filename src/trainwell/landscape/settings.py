"""How to race, and how closely to look at curvature. Loads no heavy package, as `--help` shows it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from trainwell.core import FIRST, SEED_BOUND, described

STEPS, LECTURE_STEPS = 300, 29
"""Updates of a race, and of one on the bowl, whose figures in *Deep Learning from Scratch*, ch. 6, have 30 points."""


@described
@dataclass(frozen=True)
class RaceSettings:
    """How optimizers race on a surface."""

    steps: Annotated[
        int | None,
        Field(
            description=f"updates of each descent; default: {LECTURE_STEPS} on the bowl, {STEPS} elsewhere",
            json_schema_extra=FIRST,
        ),
    ] = None
    noise: Annotated[float, Field(description="standard deviation of the noise on each component of the gradients")] = (
        0.0
    )
    seed: Annotated[int, Field(ge=0, le=SEED_BOUND - 1, description="seed of noise and tuning")] = 0
    # Small enough for every listed surface, and still above what float32 leaves of a gradient at a minimum.
    tolerance: Annotated[float, Field(description="norm of the gradient at which a descent has settled")] = 1e-3


@described
@dataclass(frozen=True)
class CurvatureSettings:
    """How closely a network's Hessian is looked at where it has too many parameters for all its eigenvalues."""

    probes: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="random vectors of the spectrum, where there are too many parameters for all",
            json_schema_extra=FIRST,
        ),
    ] = 5
    steps: Annotated[
        int,
        Field(
            ge=2,
            le=100_000,
            description="Hessian products for each of them: more see finer",
            json_schema_extra=FIRST,
        ),
    ] = 80
    seed: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="seed of the random vectors and rows", json_schema_extra=FIRST)
    ] = 0
