"""Models: trained networks with all they need to be used, chosen, judged, saved and loaded."""

from trainwell.models.model import Model, Quality, TrainedNetwork, network_of
from trainwell.models.selection import Choice, Considered, Ensemble, best_prefix, choose_ensemble, greedy_ensemble
from trainwell.models.storage import load_model, save_model
from trainwell.models.test_quality import TestQuality, judge_on_test_split

__all__ = [
    "Choice",
    "Considered",
    "Ensemble",
    "Model",
    "Quality",
    "TestQuality",
    "TrainedNetwork",
    "best_prefix",
    "choose_ensemble",
    "greedy_ensemble",
    "judge_on_test_split",
    "load_model",
    "network_of",
    "save_model",
]
