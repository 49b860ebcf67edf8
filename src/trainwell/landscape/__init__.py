"""Landscapes: surfaces, descents, critical points; slices and curvature of networks' losses."""

from trainwell.landscape.contenders import Contenders
from trainwell.landscape.critical_point import CriticalPoint
from trainwell.landscape.critical_points import critical_points
from trainwell.landscape.critical_set import CriticalSet
from trainwell.landscape.descend import descend
from trainwell.landscape.descents import Descents
from trainwell.landscape.directions import directions_between, random_directions
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.index_shares import expected_index_shares
from trainwell.landscape.loss_along import LossAlong, loss_along
from trainwell.landscape.lowered import lowered
from trainwell.landscape.minima_against_dimension import minima_against_dimension
from trainwell.landscape.minima_against_size import minima_against_size
from trainwell.landscape.minima_share import MinimaShare
from trainwell.landscape.network_curvature import NetworkCurvature, network_curvature
from trainwell.landscape.network_loss import network_loss
from trainwell.landscape.network_surface import network_surface
from trainwell.landscape.outcome import OUTCOMES
from trainwell.landscape.own import own_surface
from trainwell.landscape.path_components import PathComponents, path_components
from trainwell.landscape.principal_axes import principal_axes
from trainwell.landscape.race import Race, race
from trainwell.landscape.random_function import random_function
from trainwell.landscape.registry import SURFACES, surface
from trainwell.landscape.slices import Slice, loss_slice, network_slice
from trainwell.landscape.spectrum import Spectrum, spectrum
from trainwell.landscape.surface import Surface
from trainwell.landscape.training_path import TrainingPath, training_path
from trainwell.landscape.tuning import RateTuning, tune_rates

__all__ = [
    "OUTCOMES",
    "SURFACES",
    "Contenders",
    "CriticalPoint",
    "CriticalSet",
    "Descents",
    "LandscapeError",
    "LossAlong",
    "MinimaShare",
    "NetworkCurvature",
    "PathComponents",
    "Race",
    "RateTuning",
    "Slice",
    "Spectrum",
    "Surface",
    "TrainingPath",
    "critical_points",
    "descend",
    "directions_between",
    "expected_index_shares",
    "loss_along",
    "loss_slice",
    "lowered",
    "minima_against_dimension",
    "minima_against_size",
    "network_curvature",
    "network_loss",
    "network_slice",
    "network_surface",
    "own_surface",
    "path_components",
    "principal_axes",
    "race",
    "random_directions",
    "random_function",
    "spectrum",
    "surface",
    "training_path",
    "tune_rates",
]
