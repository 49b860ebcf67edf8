from .fair import (
    check as check,
    compare as compare,
    compare_checked as compare_checked,
    compare_on as compare_on,
    tune_each as tune_each,
)
from .judging import pairs_asked as pairs_asked
from .paper import paper_table as paper_table
from .progress import (
    ComparisonLog as ComparisonLog,
    ComparisonProgress as ComparisonProgress,
    ComparisonWatcher as ComparisonWatcher,
)
from .result import (
    Across as Across,
    Comparison as Comparison,
    Comparisons as Comparisons,
    Pair as Pair,
    Summary as Summary,
    Tuning as Tuning,
)
from .shown import (
    across_chart as across_chart,
    across_table as across_table,
    aggregate_cell as aggregate_cell,
    common_step as common_step,
    half as half,
    is_spread_out as is_spread_out,
    leaders as leaders,
    mean_cell as mean_cell,
    near_best as near_best,
    rank_order as rank_order,
    ranking_chart as ranking_chart,
    ranking_table as ranking_table,
    scaled as scaled,
    short_names as short_names,
    value_step as value_step,
)
from .tables import (
    ACROSS as ACROSS,
    TABLES as TABLES,
    export as export,
    tuned_fields as tuned_fields,
    tuned_values as tuned_values,
)
from .terms import LEARNING_RATES as LEARNING_RATES, Terms as Terms, default_recipe as default_recipe
from .tuning import axes_for as axes_for
from .words import (
    AS_GIVEN as AS_GIVEN,
    extra_trials as extra_trials,
    headline as headline,
    headlines as headlines,
    ranks_can_differ as ranks_can_differ,
    skewness_text as skewness_text,
)
