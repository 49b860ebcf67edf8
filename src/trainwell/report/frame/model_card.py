"""How to load and use a saved model, as text that runs when it is copied."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class SavedModel:
    """A model that was written beside the page.

    Attributes:
        folder: where, as the user would type it.
        source: data to predict on, as the user would type it.
        description: what it is, such as "the 5 networks of 'adam', averaged".
    """

    folder: str
    source: str
    description: str = ""

    @property
    def shell(self) -> str:
        """The command that predicts with it."""
        return shlex.join(["trainwell", "predict", self.folder, self.source])

    @property
    def python(self) -> str:
        """Lines of Python that load it and predict."""
        return (
            "from trainwell.data import load_rows\n"
            "from trainwell.models import load_model\n"
            "\n"
            f"model = load_model({self.folder!r})\n"
            f"rows = load_rows({self.source!r}, model.preparation)\n"
            "print(model.predict(rows.inputs)[:10])\n"
        )
