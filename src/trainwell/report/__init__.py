"""Reports: charts of what was trained, and one self-contained page that holds them."""

from trainwell.report.compare_page import write_comparison_page
from trainwell.report.curvature_page import write_curvature_page
from trainwell.report.curves import loss_curves, score_curves
from trainwell.report.model_card import SavedModel
from trainwell.report.page import write_page
from trainwell.report.race_page import write_race_page
from trainwell.report.scores import final_scores
from trainwell.report.summary import RecipeSummary, headline, summarise
from trainwell.report.tune_page import write_tune_page

__all__ = [
    "RecipeSummary",
    "SavedModel",
    "final_scores",
    "headline",
    "loss_curves",
    "score_curves",
    "summarise",
    "write_comparison_page",
    "write_curvature_page",
    "write_page",
    "write_race_page",
    "write_tune_page",
]
