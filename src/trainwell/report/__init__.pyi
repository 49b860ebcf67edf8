from .comparison.page import DATA_PAGES as DATA_PAGES, write_comparison_page as write_comparison_page
from .curvature.page import write_curvature_page as write_curvature_page
from .frame.page import SavedModel as SavedModel
from .gallery.cards import (
    CARDS as CARDS,
    ERRORS as ERRORS,
    INDEX as INDEX,
    LIBRARY as LIBRARY,
    PAGES as PAGES,
)
from .gallery.page import write_gallery as write_gallery
from .race.page import write_race_page as write_race_page
from .training.page import write_page as write_page
from .tuning.page import write_tune_page as write_tune_page
