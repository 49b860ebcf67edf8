from .compare_page import write_comparison_page as write_comparison_page
from .curvature_page import write_curvature_page as write_curvature_page
from .curvature_words import (
    MOMENTUM as MOMENTUM,
    curvature_headline as curvature_headline,
    curvature_lines as curvature_lines,
)
from .curves import loss_curves as loss_curves, score_curves as score_curves
from .model_card import SavedModel as SavedModel
from .page import write_page as write_page
from .race_page import write_race_page as write_race_page
from .race_ranking import race_order as race_order
from .race_words import (
    AS_GIVEN as AS_GIVEN,
    race_headline as race_headline,
    start_note as start_note,
    tuning_notes as tuning_notes,
)
from .scores import final_scores as final_scores
from .summary import RecipeSummary as RecipeSummary, headline as headline, summarise as summarise
from .tune_page import write_tune_page as write_tune_page
