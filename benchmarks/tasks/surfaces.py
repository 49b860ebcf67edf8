"""Tuning tasks with a known optimum: surfaces from the literature, and two made for what searches stumble on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.task import Params, Space, choice, linear, log
from trainwell.core import stream


@dataclass(frozen=True)
class Surface:
    """The score is minus a function, with noise that belongs to the study's seed and the point."""

    name: str
    space: Space
    function: Callable[[Params], float]
    optimum: float
    noise: float = 0.0
    metric: str = "minus the function"

    def scores(self, trials: Sequence[Params], seed: int) -> list[float]:
        """The function, noisy where the task is."""
        return [-self.function(params) + self.noise * self._noise(params, seed) for params in trials]

    def quality(self, trials: Sequence[Params], seed: int) -> list[list[float]]:
        """The function without noise."""
        return [[-self.function(params)] for params in trials]

    def _noise(self, params: Params, seed: int) -> float:
        if not self.noise:
            return 0.0
        bits = np.array([float(value) for value in params.values()]).view(np.uint32)
        return float(stream(seed, self.name, *map(int, bits)).standard_normal())


def branin(p: Params) -> float:
    """Three equal minima. Source: Dixon & Szegö (1978)."""
    x, y = p["x"], p["y"]
    bend = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
    return float(bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)


_A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6(p: Params) -> float:
    """Six minima in six dimensions. Source: Dixon & Szegö (1978)."""
    x = np.array([p[f"x{i}"] for i in range(6)])
    return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(_A * (x - _P) ** 2).sum(1)))


def rosenbrock_log(p: Params) -> float:
    """A curved valley over four numbers on log scales (1e-4 to 1, optimum at 1e-1); log(1 + f) is returned."""
    x = np.array([np.log10(p[f"x{i}"]) + 2 for i in range(4)])
    return float(np.log1p((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()))


def border_bowl(p: Params) -> float:
    """A bowl over four numbers whose optimum is a corner of the first two's ranges; the fourth matters little."""
    a, b, c, d = np.log10(p["a"]) + 1, p["b"], np.log10(p["c"]) + 3, p["d"]
    return float(0.3 * a**2 + 2 * b**2 + 0.2 * c**2 + 0.02 * (d - 0.5) ** 2)


def mixture(p: Params) -> float:
    """Three kinds of which each has numbers of its own; the best kind is not the one that is good on average."""
    if p["kind"] == "flat":
        return 0.4 + 0.1 * abs(float(np.log10(p["flat_rate"])) + 2)
    if p["kind"] == "sharp":
        return float(1 - np.exp(-2 * ((np.log10(p["sharp_rate"]) + 3.5) ** 2 + 6 * (p["sharp_share"] - 0.8) ** 2)))
    return float(0.6 + 0.3 * abs(p["other_share"] - 0.3))


KIND = "kind"
SURFACES = (
    Surface("branin", (linear("x", -5, 10), linear("y", 0, 15)), branin, -0.39788735772973816),
    Surface("hartmann6", tuple(linear(f"x{i}", 0, 1) for i in range(6)), hartmann6, 3.32236801141551),
    Surface("rosenbrock_log", tuple(log(f"x{i}", 1e-4, 1) for i in range(4)), rosenbrock_log, 0.0),
    Surface(
        "border_bowl",
        (log("a", 1e-6, 1e-1), linear("b", 0, 1), log("c", 1e-5, 1), linear("d", 0, 1)),
        border_bowl,
        0.0,
        noise=0.1,
    ),
    Surface(
        "conditional_mixture",
        (
            choice(KIND, "flat", "sharp", "other"),
            log("flat_rate", 1e-5, 1, (KIND, ("flat",))),
            log("sharp_rate", 1e-5, 1, (KIND, ("sharp",))),
            linear("sharp_share", 0, 1, (KIND, ("sharp",))),
            linear("other_share", 0, 1, (KIND, ("other",))),
        ),
        mixture,
        0.0,
    ),
)
