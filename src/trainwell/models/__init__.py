"""Models: trained networks with all they need to be used, saved and loaded."""

from trainwell.models.model import Model, Quality
from trainwell.models.storage import load_model, save_model

__all__ = ["Model", "Quality", "load_model", "save_model"]
