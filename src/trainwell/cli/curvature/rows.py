"""The rows that a network's curvature is measured on: those whose answers are known, or some of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.cli.show.output import Messages
from trainwell.core import DataError, sha256, stream
from trainwell.data import Split, load_rows

if TYPE_CHECKING:
    from trainwell.models import Model, TrainedNetwork


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Prepared rows with their answers.

    Attributes:
        source: a built-in name, or a file.
        split: the rows, all of the same weight.
        labelled: how many rows of the source have known answers.
        notices: what the user may want to know of them.
    """

    source: str
    split: Split
    labelled: int
    notices: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """A checksum of inputs and targets."""
        return sha256(self.split.inputs.tobytes() + self.split.targets.tobytes())

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "source": self.source,
            "rows": len(self.split),
            "labelled_rows": self.labelled,
            "notices": list(self.notices),
        }

    def facts(self, network: "TrainedNetwork", place: int, count: int) -> list[tuple[str, str]]:
        """What a page says of them and of the network."""
        sizes = ", ".join(map(str, network.structure.sizes))
        rows = f"{len(self.split):,}" + (f" of {self.labelled:,}" if self.labelled > len(self.split) else "")
        return [
            ("Data", self.source),
            ("Rows", rows),
            ("Network", f"{place} of {count}, seed {network.seed}"),
            ("Layers", f"{sizes} ({network.structure.activation})"),
            ("Optimizer", network.recipe.optimizer),
        ]


def labelled_rows(
    source: str,
    model: "Model",
    most: int,
    seed: int,
    *,
    data_dir: Path | None,
    header: bool | None,
    missing: str | None,
    say: Messages,
) -> LabelledRows:
    """Read the rows of a source whose answers are known; of more than `most`, so many are drawn.

    Args:
        source: as `load_rows` takes it.
        model: whose preparation it is read with.
        most: rows at most.
        seed: of the draw.
        data_dir: folder of the image sets.
        header: whether a text file's first line names the columns.
        missing: the words that stand for missing cells.
        say: for downloads.

    Raises:
        DataError: the rows do not fit the model, or none has an answer.
    """
    notify = (lambda notice: None) if say.shows_progress else None
    rows = load_rows(source, model.preparation, data_dir=data_dir, header=header, missing=missing, notify=notify)
    target = model.preparation.targets.name
    if rows.targets is None:
        raise DataError(
            f"no row of {source} has an answer in a column '{target}', which the loss and so its curvature need: add it"
        )
    notices = [notice.replace("predicted but not scored", "left out") for notice in rows.notices]
    inputs, targets, labelled = rows.inputs[rows.scored], rows.targets, len(rows.scored)
    if labelled > most:
        chosen = np.sort(stream(seed, "curvature rows").permutation(labelled)[:most])
        inputs, targets = inputs[chosen], targets[chosen]
        notices.append(f"{most:,} of {labelled:,} rows were drawn with seed {seed}: --rows takes more")
    return LabelledRows(source, Split(inputs, targets, np.ones(len(inputs), np.float32)), labelled, tuple(notices))
