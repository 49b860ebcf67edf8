"""Landscapes: surfaces with known critical points, and descents on them."""

from trainwell.landscape.contenders import Contenders
from trainwell.landscape.critical_point import CriticalPoint
from trainwell.landscape.descend import descend
from trainwell.landscape.descents import Descents
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.outcome import OUTCOMES
from trainwell.landscape.own import own_surface
from trainwell.landscape.principal_axes import principal_axes
from trainwell.landscape.registry import SURFACES, surface
from trainwell.landscape.surface import Surface

__all__ = [
    "OUTCOMES",
    "SURFACES",
    "Contenders",
    "CriticalPoint",
    "Descents",
    "LandscapeError",
    "Surface",
    "descend",
    "own_surface",
    "principal_axes",
    "surface",
]
