from .critical.against_dimension import minima_against_dimension as minima_against_dimension
from .critical.against_size import minima_against_size as minima_against_size
from .critical.index_shares import expected_index_shares as expected_index_shares
from .critical.minima_share import MinimaShare as MinimaShare
from .critical.point import CriticalPoint as CriticalPoint
from .critical.search import critical_points as critical_points
from .critical.set import CriticalSet as CriticalSet
from .critical.starts import lowered as lowered
from .descents.outcome import OUTCOMES as OUTCOMES
from .descents.result import Descents as Descents
from .descents.run import TOLERANCE as TOLERANCE, descend as descend
from .errors import LandscapeError as LandscapeError
from .networks.curvature import NetworkCurvature as NetworkCurvature, network_curvature as network_curvature
from .networks.density import EigenvalueDensity as EigenvalueDensity
from .networks.eigenvalues import Share as Share, Spectrum as Spectrum, spectrum as spectrum
from .networks.loss import network_loss as network_loss
from .networks.surface import network_surface as network_surface
from .races.contenders import Contenders as Contenders
from .races.result import Race as Race, race as race, run_race as run_race
from .races.setup import RaceSetup as RaceSetup, race_setup as race_setup
from .races.tuning import RateTuning as RateTuning, tune_rates as tune_rates
from .slices.along import LossAlong as LossAlong, loss_along as loss_along
from .slices.components import PathComponents as PathComponents, path_components as path_components
from .slices.directions import directions_between as directions_between, random_directions as random_directions
from .slices.path import TrainingPath as TrainingPath, training_path as training_path
from .slices.principal import principal_axes as principal_axes
from .slices.slices import Slice as Slice, loss_slice as loss_slice, network_slice as network_slice
from .surfaces.gaussian_field import random_function as random_function
from .surfaces.own import own_surface as own_surface
from .surfaces.registry import SURFACES as SURFACES, surface as surface
from .surfaces.surface import Surface as Surface, shown as shown
