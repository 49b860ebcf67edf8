"""Rows to predict on: the same sources, prepared as the training data were, with or without targets."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from trainwell.core.errors import DataError
from trainwell.core.names import nearest
from trainwell.data import builtin
from trainwell.data.columns import column_values
from trainwell.data.images import IMAGE_SETS, load_images
from trainwell.data.load import BUILT_IN_NAMES
from trainwell.data.npz import read_npz
from trainwell.data.preparation import Preparation
from trainwell.data.table_inputs import TableInputs
from trainwell.data.tables import check_file, check_name, read_table
from trainwell.data.target import TargetCoding, label_text, missing

if TYPE_CHECKING:
    import polars as pl

    from trainwell.data.assembling import Notify


@dataclass(frozen=True, eq=False)
class PreparedRows:
    """Prepared rows.

    Attributes:
        inputs: what a network takes.
        targets: class indices or standardised quantities of the rows in `scored`; None if there are none.
        scored: the rows whose answers are known, ascending: none if the source lacks the target, all if it is
            complete.
        notices: what differs from the training data.
    """

    inputs: Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]
    targets: Int32[np.ndarray, "S"] | Float32[np.ndarray, "S 1"] | None
    scored: Int64[np.ndarray, "S"]
    notices: tuple[str, ...]


def load_rows(
    source: str | Path,
    preparation: Preparation,
    *,
    data_dir: str | Path | None = None,
    header: bool | None = None,
    notify: "Notify | None" = None,
) -> PreparedRows:
    """Read rows to predict on.

    Args:
        source: a file as `load` takes it, with or without the target, or a built-in name (the image sets give
            their test images).
        preparation: of the trained model.
        data_dir: folder of the image sets.
        header: whether a text file's first line names the columns; None looks for known names in it.
        notify: called with each notice.

    Raises:
        DataError: the rows do not fit the preparation.
    """
    rows, targets = _read(source, preparation, data_dir, header, notify)
    inputs, notices = preparation.transform(rows)
    scored = np.zeros(0, np.int64)
    if targets is not None:
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = targets[:, 0]
        scored = np.flatnonzero(preparation.targets.known(targets)).astype(np.int64)
        if len(scored) < len(targets):
            notices = (*notices, _unscored(targets, scored, preparation.targets))
    if notify is not None:
        for notice in notices:
            notify(notice)
    if targets is None or not len(scored):
        return PreparedRows(inputs, None, scored, notices)
    return PreparedRows(inputs, preparation.encode_targets(targets[scored]), scored, notices)


def _unscored(targets: np.ndarray, scored: np.ndarray, coding: TargetCoding) -> str:
    """A notice on the rows whose answers are missing or not known."""
    unknown = ~missing(targets)
    unknown[scored] = False
    why = []
    if absent := len(targets) - len(scored) - int(unknown.sum()):
        why.append(f"{absent} miss it")
    if unknown.any():
        row = int(np.argmax(unknown))
        what = "a class training did not have" if coding.task == "classification" else "no finite number"
        why.append(f"{int(unknown.sum())} hold {what} (first '{label_text(targets[row])}' in row {row + 1})")
    count = len(targets) - len(scored)
    return f"target '{coding.name}': {count} of {len(targets)} rows are predicted but not scored: {', '.join(why)}"


def _read(
    source: str | Path,
    preparation: Preparation,
    data_dir: str | Path | None,
    header: bool | None,
    notify: "Notify | None",
) -> "tuple[pl.DataFrame | np.ndarray, np.ndarray | None]":
    """Raw rows, and their raw targets if there are any."""
    name = str(source)
    check_name(name)
    if name in IMAGE_SETS:
        images = load_images(IMAGE_SETS[name], data_dir, notify)
        return images.test_inputs, np.array(IMAGE_SETS[name].class_names, dtype=object)[images.test_labels]
    if name in builtin.NAMES:
        data = builtin.load_builtin(name)
        return data.inputs, data.targets
    path = Path(source).expanduser()
    if not path.exists() and "/" not in name and not path.suffix:
        raise DataError(f"there is no data set or file '{name}': {nearest(name, BUILT_IN_NAMES)}")
    check_file(path)
    if path.suffix.lower() == ".npz":
        archive = read_npz(path)
        return (archive.test[0], archive.test[1]) if archive.test else (archive.inputs, archive.targets)
    return _table_rows(path, preparation, header)


def _table_rows(path: Path, preparation: Preparation, header: bool | None) -> "tuple[pl.DataFrame, np.ndarray | None]":
    """A table, its target column taken out."""
    inputs, target = preparation.inputs, preparation.targets.name
    if isinstance(inputs, TableInputs):
        if inputs.headerless and header is None:
            header = False
        table = inputs.named(read_table(path, header, known=inputs.columns).table)
    else:
        table = read_table(path, header, known=(*inputs.feature_names, target)).table
    if target not in table.columns:
        return table, None
    others = [name for name in table.columns if name != target]
    return table.select(others), column_values(table[target])
