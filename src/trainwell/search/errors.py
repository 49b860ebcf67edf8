"""What can be wrong with a search's settings."""

from trainwell.core import TrainwellError


class SearchError(TrainwellError, ValueError):
    """A sampler, a storage or a study is asked for something it cannot do."""
