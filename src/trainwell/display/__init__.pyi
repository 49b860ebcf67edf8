from .arrows import Arrows as Arrows, arrows_trace as arrows_trace
from .bars import WholeBar as WholeBar, unknown as unknown, work_bars as work_bars
from .canvas import INK as INK, Figure as Figure, frame as frame
from .contenders import (
    PAIR_STYLES as PAIR_STYLES,
    Difference as Difference,
    Kind as Kind,
    Results as Results,
    forest_chart as forest_chart,
    profiles_chart as profiles_chart,
    ranks_chart as ranks_chart,
    row_chart as row_chart,
    seeds_chart as seeds_chart,
)
from .curves import Curve as Curve, curve_chart as curve_chart
from .descents import (
    Rates as Rates,
    descents_chart as descents_chart,
    ends_chart as ends_chart,
    rates_chart as rates_chart,
)
from .diagrams import (
    Arrow as Arrow,
    Box as Box,
    Flow as Flow,
    Wiring as Wiring,
    flow_chart as flow_chart,
    wiring_chart as wiring_chart,
)
from .forms import Forms as Forms, table_html as table_html
from .images import drawing as drawing
from .layers import layer_histograms as layer_histograms
from .lines import Line as Line, lines_chart as lines_chart
from .losses import (
    ALONG_BUTTONS as ALONG_BUTTONS,
    along_chart as along_chart,
    density_chart as density_chart,
    slice_chart as slice_chart,
)
from .palette import (
    COLORS as COLORS,
    GREY as GREY,
    MAX_STYLES as MAX_STYLES,
    OTHER_STARTS as OTHER_STARTS,
    Chip as Chip,
    Style as Style,
    chips as chips,
    shade as shade,
    styles as styles,
)
from .panels import Panels as Panels, axis_names as axis_names, panel_axes as panel_axes
from .parallel import UNUSED as UNUSED, parallel_chart as parallel_chart
from .paths import Paths as Paths, clipped as clipped
from .pictures import path_panels as path_panels, paths_chart as paths_chart, points_chart as points_chart
from .ranges import Round as Round, ranges_chart as ranges_chart
from .relief import relief_chart as relief_chart
from .scales import Scale as Scale
from .sensitivity import TuningTrials as TuningTrials, heights_of as heights_of, sensitivity_chart as sensitivity_chart
from .surface import (
    Contour as Contour,
    ball_chart as ball_chart,
    contour_trace as contour_trace,
    critical_trace as critical_trace,
)
from .table import Cell as Cell, Head as Head, Row as Row, Table as Table, row_of as row_of
from .texts import (
    MAX_LABEL_LENGTH as MAX_LABEL_LENGTH,
    NONE as NONE,
    chart_labels as chart_labels,
    number_text as number_text,
    p_text as p_text,
    range_text as range_text,
    seconds_text as seconds_text,
    share_cell as share_cell,
    short_label as short_label,
    signed_text as signed_text,
    time_cell as time_cell,
)
from .trials import (
    BEST as BEST,
    STATES as STATES,
    LearningCurves as LearningCurves,
    Trial as Trial,
    best_curves_chart as best_curves_chart,
    error_title as error_title,
    errors_of as errors_of,
    importance_chart as importance_chart,
    progress_chart as progress_chart,
    strengths as strengths,
)
