from .errors import (
    DataError as DataError,
    Interrupted as Interrupted,
    ModelError as ModelError,
    NameTakenError as NameTakenError,
    RecipeError as RecipeError,
    RunError as RunError,
    SearchError as SearchError,
    SpaceError as SpaceError,
    TrainwellError as TrainwellError,
    nearest as nearest,
    shortened as shortened,
    system_words as system_words,
)
from .files import (
    MAX_TOML_BYTES as MAX_TOML_BYTES,
    atomic_path as atomic_path,
    file_names as file_names,
    file_sha256 as file_sha256,
    parse_json as parse_json,
    parse_toml as parse_toml,
    plain_size as plain_size,
    read_bytes as read_bytes,
    read_checked as read_checked,
    read_json as read_json,
    remove as remove,
    remove_own as remove_own,
    sha256 as sha256,
    temporaries as temporaries,
    temporary as temporary,
    write_atomic as write_atomic,
    write_checked as write_checked,
    write_json as write_json,
    write_table as write_table,
)
from .functions import (
    call as call,
    description_of as description_of,
    fingerprint as fingerprint,
    named_parameters as named_parameters,
    parameter_names as parameter_names,
    registered as registered,
    same_function as same_function,
)
from .metric import (
    METRICS as METRICS,
    METRICS_OF as METRICS_OF,
    TITLES as TITLES,
    Metric as Metric,
    MetricName as MetricName,
    loss_text as loss_text,
    score_text as score_text,
)
from .random import stream as stream
from .runtime import (
    Device as Device,
    Precision as Precision,
    Runtime as Runtime,
    cache_folder as cache_folder,
    configure_runtime as configure_runtime,
    total_memory as total_memory,
)
from .settings import (
    FIRST as FIRST,
    SEED_BOUND as SEED_BOUND,
    bounds_of as bounds_of,
    checked_seeds as checked_seeds,
    described as described,
    kinds_of as kinds_of,
    settings_of as settings_of,
)
from .target_spread import RESOLUTION as RESOLUTION, target_variance as target_variance, undefined_r2 as undefined_r2
from .values import (
    DIFFERENCE_TEXTS as DIFFERENCE_TEXTS,
    finite as finite,
    first_difference as first_difference,
    four_digits as four_digits,
    list_of as list_of,
    listed as listed,
    scalar_of as scalar_of,
    short_text as short_text,
    shown as shown,
    value_text as value_text,
)
