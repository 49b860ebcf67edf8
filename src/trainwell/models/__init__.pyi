from .model import Model as Model, Quality as Quality, TrainedNetwork as TrainedNetwork, network_of as network_of
from .selection import (
    WIDE_AVERAGE as WIDE_AVERAGE,
    Choice as Choice,
    Considered as Considered,
    Ensemble as Ensemble,
    choose_ensemble as choose_ensemble,
    greedy_ensemble as greedy_ensemble,
)
from .storage import load_model as load_model, save_model as save_model
from .test_quality import TestQuality as TestQuality, judge_on_test_split as judge_on_test_split
from .transfer import Freeze as Freeze, Start as Start
