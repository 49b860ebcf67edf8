"""Options of transfer learning: which network to start from, and what of it stays as it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import typer

from trainwell.core import RecipeError

if TYPE_CHECKING:
    from trainwell.models import Start


@dataclass(frozen=True, kw_only=True)
class TransferOptions:
    """A trained network to start from."""

    PANEL: ClassVar = "Transfer learning"
    start_from: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            help="Start from a network of this run of `train` or `tune`, or its model/: its hidden layers, a new head.",
        ),
    ] = None
    start_network: Annotated[
        int, typer.Option(metavar="N", min=1, help="Which network of an ensemble to start from.")
    ] = 1
    freeze: Annotated[
        str | None,
        typer.Option(
            metavar="body|N",
            help="Layers that are not trained: all but the head, or the first N. Or set --layer-learning-rates.",
        ),
    ] = None

    def start(self) -> "Start | None":
        """The network asked for, if one is. Loads JAX: settle the runtime first.

        Raises:
            ModelError: there is no such model or network, or it is damaged.
            RecipeError: layers are to be frozen of no network.
        """
        from trainwell.cli.run.files import model_folder
        from trainwell.models import Start, load_model

        if self.start_from is None:
            if self.freeze is not None:
                raise RecipeError("--freeze keeps layers of a trained network: name it by --start-from")
            return None
        return Start.of_model(load_model(model_folder(self.start_from)), self.start_network)

    @property
    def frozen(self) -> "int | Literal['body'] | None":
        """The layers that are not trained: `body`, the number of first layers, or None.

        Raises:
            RecipeError: `--freeze` is neither a number nor `body`.
        """
        if self.freeze is None or self.freeze == "body":
            return "body" if self.freeze else None
        if not self.freeze.isdecimal():
            raise RecipeError(f"--freeze must be body or a number of layers, got '{self.freeze}': try body")
        return int(self.freeze)
