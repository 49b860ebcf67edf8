"""Data of every source as one Dataset with three splits. Never imports JAX; scikit-learn and polars when needed."""

from trainwell.data.arrays import from_arrays
from trainwell.data.dataset import Dataset, Split, Task
from trainwell.data.folds import Folds, folds_of
from trainwell.data.load import BUILT_IN_NAMES, load
from trainwell.data.prediction import PreparedRows, load_rows
from trainwell.data.preparation import Preparation
from trainwell.data.scaling import Scaling, input_scaling
from trainwell.data.weights import balanced_weights

__all__ = [
    "BUILT_IN_NAMES",
    "Dataset",
    "Folds",
    "Preparation",
    "PreparedRows",
    "Scaling",
    "Split",
    "Task",
    "balanced_weights",
    "folds_of",
    "from_arrays",
    "input_scaling",
    "load",
    "load_rows",
]
