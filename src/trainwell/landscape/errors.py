"""The exception of this room."""

from trainwell.core import TrainwellError


class LandscapeError(TrainwellError, ValueError):
    """A surface, a descent, a slice or a curvature request is invalid."""
