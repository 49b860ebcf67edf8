"""`trainwell predict`: a saved model on rows, as CSV, Parquet or JSON."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainwell.cli.options.data import DataDir, Header, MissingAsTrained, Source
from trainwell.cli.options.run import PANEL, Json, Quiet
from trainwell.cli.run.model_folder import model_folder
from trainwell.cli.show.output import Messages, print_data, print_json
from trainwell.core import Device, ModelError, RunError, write_atomic

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from trainwell.models import Model

EXAMPLE = "Example: trainwell predict runs/train-iris-20260101-1200 flowers.csv --probabilities --out answers.csv"
FORMATS = (".csv", ".parquet")
PredictionJobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Has no effect: predictions are made one network after the other.",
        rich_help_panel=PANEL,
    ),
]
PredictionDevice = Annotated[Device, typer.Option(help="Where to predict.", rich_help_panel=PANEL)]


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", show_default=False, help="A run directory of `tune` or `train`, or its model/."
        ),
    ],
    data: Source,
    out: Annotated[
        Path | None, typer.Option(show_default=False, help="A .csv or .parquet file, new. Default: CSV on stdout.")
    ] = None,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Add a column per class.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="COLUMN",
            show_default=False,
            help="A column of DATA to hand on, such as an id. Repeatable.",
        ),
    ] = None,
    data_dir: DataDir = None,
    header: Header = None,
    missing: MissingAsTrained = None,
    jobs: PredictionJobs = None,
    device: PredictionDevice = "auto",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict with a saved model: one line per row of DATA, in its order.

    If DATA has the target's column, scores are printed beside the predictions (on stderr); rows whose answer is
    missing or unknown are predicted too, but not scored.

    Labels are written as they were in training, also one such as =2+3, which spreadsheet programs take for a formula:
    if somebody else chose them, import the CSV as text.
    """
    from trainwell.core import configure_runtime

    _check_out(out)
    folder = model_folder(model)
    configure_runtime(device=device, jobs=jobs)
    import numpy as np

    from trainwell.data import Split, load_rows
    from trainwell.models import load_model

    loaded = load_model(folder)
    if probabilities and loaded.task != "classification":
        raise ModelError("probabilities are for classification, this model does regression: leave out --probabilities")
    say = Messages(quiet=quiet)
    notify = (lambda notice: None) if say.shows_progress else None
    rows = load_rows(
        data, loaded.preparation, data_dir=data_dir, header=header, missing=missing, keep=keep or (), notify=notify
    )
    outputs = loaded.probabilities(rows.inputs) if probabilities else loaded.outputs(rows.inputs)
    table = _beside(rows.kept, prediction_table(loaded, outputs, probabilities=probabilities))
    notices, scores = list(rows.notices), None
    if rows.targets is not None:
        ones = np.ones(len(rows.scored), np.float32)
        quality = loaded.score(Split(rows.inputs[rows.scored], rows.targets, ones))
        scores = dict(quality.scores)
        notices += [f"R² of these rows is undefined ({quality.undefined})"] if quality.undefined else []
        notices += _trained_on(loaded, data)
    for notice in notices:
        say.note(notice)
    if out is not None:
        _write(table, out)
    if json:
        _print_json(table, scores, notices, out)
        return
    if out is None:
        print_data(table.write_csv())
    if scores is not None and not quiet:
        from trainwell.cli.show.tables import scores_table

        say.console.print(scores_table(scores, len(rows.scored)))


def prediction_table(model: "Model", outputs: "np.ndarray", *, probabilities: bool) -> "pl.DataFrame":
    """Predictions as a table: the target's name, and with `probabilities` a column per class.

    Args:
        model: what predicted.
        outputs: class probabilities `[N, C]`, or standardised regression outputs `[N, 1]`.
        probabilities: whether to add a column `probability of LABEL` per class.
    """
    import polars as pl

    columns: dict[str, Any] = {f"predicted {model.preparation.targets.name}": model.decide(outputs)}
    if probabilities:
        columns |= {f"probability of {label}": outputs[:, i] for i, label in enumerate(model.class_names)}
    return pl.DataFrame(columns)


def _beside(kept: "pl.DataFrame | None", predictions: "pl.DataFrame") -> "pl.DataFrame":
    """Kept columns, then the predictions."""
    if kept is None:
        return predictions
    taken = [name for name in kept.columns if name in predictions.columns]
    if taken:
        raise RunError(f"--keep {taken[0]}: the predictions have a column of this name, rename it in the data")
    return kept.hstack(predictions)


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


def _trained_on(model: "Model", data: str) -> Sequence[str]:
    """A note if the rows look like those the model was trained on."""
    from trainwell.data import IMAGE_SETS

    if data in IMAGE_SETS or Path(data).stem != model.name:
        return []
    return [f"scores on {data} include the rows the model was trained on: they say little about new rows"]


def _write(table: "pl.DataFrame", out: Path) -> None:
    content = io.BytesIO()
    if out.suffix.lower() == ".parquet":
        table.write_parquet(content)
    else:
        table.write_csv(content)
    try:
        write_atomic(out, content.getvalue())
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error.strerror}): choose another --out") from error


def _print_json(
    table: "pl.DataFrame", scores: dict[str, float] | None, notices: Sequence[str], out: Path | None
) -> None:
    from trainwell.cli.run.results import finite

    answer: dict[str, Any] = {"rows": table.height, "scores": finite(scores or {}) or None, "notices": list(notices)}
    answer |= {"columns": table.to_dict(as_series=False)} if out is None else {"file": str(out)}
    print_json(answer)
