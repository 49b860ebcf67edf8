from .critical.minima_share import (
    MinimaShare as MinimaShare,
    expected_index_shares as expected_index_shares,
    minima_against_dimension as minima_against_dimension,
    minima_against_size as minima_against_size,
)
from .critical.search import CriticalSet as CriticalSet, critical_points as critical_points, lowered as lowered
from .descents.problem import principal_axes as principal_axes
from .descents.result import OUTCOMES as OUTCOMES, Descents as Descents
from .descents.run import Contenders as Contenders, descend as descend
from .errors import LandscapeError as LandscapeError
from .networks.curvature import (
    NetworkCurvature as NetworkCurvature,
    curvature as curvature,
    curvature_of as curvature_of,
    labelled_rows as labelled_rows,
    network_curvature as network_curvature,
)
from .networks.eigenvalues import (
    EigenvalueDensity as EigenvalueDensity,
    Share as Share,
    Spectrum as Spectrum,
    spectrum as spectrum,
)
from .networks.loss import network_loss as network_loss
from .networks.shown import curvature_headline as curvature_headline, curvature_lines as curvature_lines
from .races.race import (
    LECTURE as LECTURE,
    Race as Race,
    RaceSetup as RaceSetup,
    race as race,
    race_setup as race_setup,
    run_race as run_race,
)
from .races.shown import (
    AS_GIVEN as AS_GIVEN,
    CURVE_POINTS as CURVE_POINTS,
    MOST_POINTS as MOST_POINTS,
    MOST_STARTS as MOST_STARTS,
    drawn_paths as drawn_paths,
    drawn_updates as drawn_updates,
    heights_chart as heights_chart,
    resolution as resolution,
    roomy as roomy,
    start_note as start_note,
    tuning_notes as tuning_notes,
)
from .races.tuning import RateTuning as RateTuning, tune_rates as tune_rates
from .settings import (
    LECTURE_STEPS as LECTURE_STEPS,
    CurvatureSettings as CurvatureSettings,
    RaceSettings as RaceSettings,
)
from .slices.directions import (
    PathComponents as PathComponents,
    directions_between as directions_between,
    path_components as path_components,
    random_directions as random_directions,
)
from .slices.path import TrainingPath as TrainingPath, training_path as training_path
from .slices.slices import (
    LossAlong as LossAlong,
    Slice as Slice,
    loss_along as loss_along,
    loss_slice as loss_slice,
    network_slice as network_slice,
)
from .surfaces.losses import network_surface as network_surface, random_function as random_function
from .surfaces.registry import SURFACES as SURFACES, surface as surface
from .surfaces.surface import (
    CriticalPoint as CriticalPoint,
    Surface as Surface,
    own_surface as own_surface,
    shown as shown,
)
