"""What can be wrong with a question about the lecture."""

from trainwell.core import TrainwellError


class LectureError(TrainwellError, ValueError):
    """A statement that the lecture does not make, or a size of experiment that is none."""
