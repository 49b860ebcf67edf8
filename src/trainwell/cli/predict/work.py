"""The work of `trainwell predict`."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.table import Column

from trainwell.cli.run.files import model_folder
from trainwell.cli.show.output import Messages, print_data, print_json
from trainwell.cli.show.tables import BEST, new_table, number, numbers
from trainwell.core import TITLES, ModelError, RunError, finite, write_table
from trainwell.data import IMAGE_SETS, PreparedRows, Split, load_rows
from trainwell.models import Model, load_model

FORMATS = (".csv", ".parquet")


def predict(
    model: Path, source: str, out: Path | None, *, probabilities: bool, json: bool, quiet: bool, **reading: Any
) -> None:
    """Predict rows of a source, and print or write the predictions.

    Args:
        model: a run directory or its model.
        source: source of the rows.
        out: file that the table is written to; None for stdout.
        probabilities: whether to add a column per class.
        json: whether one JSON object is printed.
        quiet: whether to print no notes and no progress.
        reading: how the rows are read, see `load_rows`.

    Raises:
        TrainwellError: the model or the rows cannot be read, or the file cannot be written.
    """
    _check_out(out)
    loaded = load_model(model_folder(model))
    if probabilities and loaded.task != "classification":
        raise ModelError("probabilities are for classification, this model does regression: leave out --probabilities")
    say = Messages(quiet=quiet)
    rows = load_rows(source, loaded.preparation, show_progress=say.shows_progress, **reading)
    table = _beside(rows.kept, _predictions(loaded, rows.inputs, probabilities=probabilities))
    scores, notices = _scores(loaded, rows, source)
    say.note(*notices)
    if out is not None:
        _write(table, out)
    if json:
        found = {"rows": table.height, "scores": finite(scores) or None, "notices": notices}
        print_json(found | ({"columns": table.to_dict(as_series=False)} if out is None else {"file": str(out)}))
        return
    if out is None:
        print_data(table.write_csv())
    if out is not None and not quiet:
        say.console.locations({"predictions": f"{out} ({table.height:,} rows)"})
    if scores and not quiet:
        title = f"scores on {len(rows.scored):,} rows"
        lines = ([TITLES[name], number(value, 4)] for name, value in scores.items())
        say.console.print(new_table(title, [Column(), numbers("", BEST)], lines, show_header=False))


def _predictions(model: Model, inputs: np.ndarray, *, probabilities: bool) -> pl.DataFrame:
    """The target's name, and with `probabilities` a column per class."""
    outputs = model.probabilities(inputs) if probabilities else model.outputs(inputs)
    columns: dict[str, Any] = {f"predicted {model.preparation.targets.name}": model.decide(outputs)}
    if probabilities:
        columns |= {f"probability of {label}": outputs[:, i] for i, label in enumerate(model.class_names)}
    return pl.DataFrame(columns)


def _beside(kept: pl.DataFrame | None, predictions: pl.DataFrame) -> pl.DataFrame:
    """Kept columns, then the predictions."""
    if kept is None:
        return predictions
    taken = [name for name in kept.columns if name in predictions.columns]
    if taken:
        raise RunError(f"--keep {taken[0]}: the predictions have a column of this name, rename it in the data")
    return kept.hstack(predictions)


def _scores(model: Model, rows: PreparedRows, source: str) -> tuple[dict[str, float], list[str]]:
    """Scores on the rows with known answers, if any, and notes about the rows."""
    notices = list(rows.notices)
    if rows.targets is None:
        return {}, notices
    ones = np.ones(len(rows.scored), np.float32)
    quality = model.score(Split(rows.inputs[rows.scored], rows.targets, ones))
    if quality.undefined:
        notices.append(f"R² of these rows is undefined ({quality.undefined})")
    if source not in IMAGE_SETS and Path(source).stem == model.name:
        notices.append(f"scores on {source} include the rows the model was trained on: they say little about new rows")
    return dict(quality.scores), notices


def _check_out(out: Path | None) -> None:
    """Refuse a file that cannot be written, before any work."""
    if out is None:
        return
    if out.suffix.lower() not in FORMATS:
        raise RunError(f"--out must end in .csv or .parquet, got '{out.name}'")
    try:
        taken, has_folder = out.exists(), out.parent.is_dir()
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error.strerror}): choose another --out") from error
    if taken:
        raise RunError(f"{out} exists: choose another --out, nothing was overwritten")
    if not has_folder:
        raise RunError(f"there is no folder {out.parent}: make it, or choose another --out")


def _write(table: pl.DataFrame, out: Path) -> None:
    try:
        write_table(table, out)
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error.strerror}): choose another --out") from error
