from .across import profiles_chart as profiles_chart, ranks_chart as ranks_chart
from .ball import ball_chart as ball_chart
from .bars import ends_chart as ends_chart, importance_chart as importance_chart
from .best_curves import Learning as Learning, best_curves_chart as best_curves_chart
from .canvas import INK as INK, Figure as Figure, frame as frame
from .contours import Contour as Contour, contour_trace as contour_trace, critical_trace as critical_trace
from .curves import Curve as Curve, curve_chart as curve_chart
from .descents import Rates as Rates, descents_chart as descents_chart, rates_chart as rates_chart
from .forest import LOOKS as LOOKS, Difference as Difference, Kind as Kind, forest_chart as forest_chart
from .heights import heights_of as heights_of
from .labels import LONGEST as LONGEST, chart_labels as chart_labels, short_label as short_label
from .legend import Chip as Chip, chips as chips
from .numbers import (
    NONE as NONE,
    p_text as p_text,
    range_text as range_text,
    seconds_text as seconds_text,
    share_cell as share_cell,
    signed_text as signed_text,
    time_cell as time_cell,
)
from .palette import COLORS as COLORS, GREY as GREY, MOST as MOST, Style as Style, shade as shade, styles as styles
from .panels import Panels as Panels, axis_names as axis_names, panel_axes as panel_axes
from .parallel import UNUSED as UNUSED, parallel_chart as parallel_chart
from .paths import Paths as Paths, clipped as clipped, path_traces as path_traces
from .progress import progress_chart as progress_chart
from .ranges import Round as Round, ranges_chart as ranges_chart
from .rows import Results as Results, row_chart as row_chart, seeds_chart as seeds_chart
from .scales import Scale as Scale
from .sensitivity import Tried as Tried, sensitivity_chart as sensitivity_chart
from .slices import slice_chart as slice_chart
from .spectrum import ALONG as ALONG, along_chart as along_chart, density_chart as density_chart
from .table import Cell as Cell, Head as Head, Row as Row, Table as Table, row_of as row_of
from .ticks import nice_ticks as nice_ticks
from .trials import BEST as BEST, STATES as STATES, Trial as Trial, strengths as strengths
