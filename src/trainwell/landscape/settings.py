"""Settings of races and of measuring curvature. Imports no heavy package, because `--help` reads it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from trainwell.core import FIRST, SEED_BOUND, described

STEPS, LECTURE_STEPS = 300, 29
"""Default updates of a race, and on the bowl: figures in *Deep Learning from Scratch*, ch. 6, have 30 points."""


@described
@dataclass(frozen=True)
class RaceSettings:
    """Settings of a race of optimizers on a surface."""

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
    # Small enough for every listed surface, but above the rounding error of float32 gradients at a minimum.
    tolerance: Annotated[float, Field(description="norm of the gradient at which a descent has settled")] = 1e-3


@described
@dataclass(frozen=True)
class CurvatureSettings:
    """How many rows are used, and settings for networks with too many parameters to compute all eigenvalues."""

    rows: Annotated[int, Field(ge=1, description="use at most N rows, drawn at random", json_schema_extra=FIRST)] = (
        10_000
    )
    probes: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="random probe vectors, used when there are too many parameters for the full spectrum",
            json_schema_extra=FIRST,
        ),
    ] = 5
    steps: Annotated[
        int,
        Field(
            ge=2,
            le=100_000,
            description="Hessian products per probe; more give a finer spectrum",
            json_schema_extra=FIRST,
        ),
    ] = 80
    seed: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="seed of the random vectors and rows", json_schema_extra=FIRST)
    ] = 0
