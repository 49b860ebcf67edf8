"""The exceptions a user can meet. Each message is one line: what is wrong, where, what to do."""


class TrainwellError(Exception):
    """Anything the user can put right. The command line prints its one line and exits with code 2."""


class DataError(TrainwellError):
    """The data cannot be read, found, split or prepared."""


class RecipeError(TrainwellError):
    """A recipe names an unknown field, or a value outside its range."""


class SpaceError(RecipeError):
    """A search space cannot be searched: a bad range, list or condition."""


class NameTakenError(RecipeError):
    """Something is to be registered under a name that means something else already."""


class ModelError(TrainwellError):
    """A saved model is incomplete, altered, or does not fit the data."""


class RunError(TrainwellError):
    """A run directory exists, is damaged, or belongs to another request."""


class Interrupted(TrainwellError):  # noqa: N818  # no error: it was asked for
    """Work was stopped on request (Ctrl-C) after the chunks under way; what was done is kept."""
