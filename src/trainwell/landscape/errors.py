"""What can be wrong with a surface, or with what is to descend on it."""

from trainwell.core import TrainwellError


class LandscapeError(TrainwellError, ValueError):
    """A surface that is none, or a descent that cannot be made on it."""
