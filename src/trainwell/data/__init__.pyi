from .dataset import TEST_SPLIT_USED as TEST_SPLIT_USED, Dataset as Dataset
from .folds import Folds as Folds, folds_of as folds_of
from .load import Data as Data, as_dataset as as_dataset, from_arrays as from_arrays, load_data as load_data
from .prediction import PreparedRows as PreparedRows, Reading as Reading, load_rows as load_rows
from .preparation.fitted import FittedInputs as FittedInputs
from .preparation.preparation import Preparation as Preparation
from .preparation.scaling import Scaling as Scaling, input_scaling as input_scaling
from .sources.builtin import BUILT_IN_NAMES as BUILT_IN_NAMES, IMAGE_SETS as IMAGE_SETS
from .sources.opening import Source as Source
from .split import Split as Split, Task as Task, balanced_weights as balanced_weights
