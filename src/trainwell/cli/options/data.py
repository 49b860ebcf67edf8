"""Options that say which data, and how they are read: the same for every command that trains."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import typer

from trainwell.cli.options.bundles import option_of
from trainwell.cli.show.help import FIRST_PANEL
from trainwell.core import DataError

if TYPE_CHECKING:
    from trainwell.data import Dataset, FittedInputs

KINDS = "a built-in name (digits, iris, wine, breast_cancer, diabetes, mnist, fashion-mnist), or a CSV, Parquet or NPZ"
Source = Annotated[str, typer.Argument(metavar="DATA", help=f"{KINDS[0].upper()}{KINDS[1:]} file.", show_default=False)]
Sources = Annotated[
    list[str], typer.Argument(metavar="DATA", help=f"One or several, each {KINDS} file.", show_default=False)
]
Model = Annotated[
    Path,
    typer.Argument(metavar="MODEL", show_default=False, help="A run directory of `tune` or `train`, or its model/."),
]
TARGET = "Column to predict: its name, or position (0 first, -1 last)."
MISSING = "The words that stand for missing cells, in all columns: NA,none. '' for empty cells only. Default: "


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How files are read."""

    PANEL: ClassVar = "Data"
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder with mnist/ or fashion-mnist/; searched before $TRAINWELL_DATA.")
    ] = None
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether a text file's first line names the columns. Default: inferred from the content.",
        ),
    ] = None
    missing: Annotated[str | None, typer.Option(metavar="WORDS", help=f"{MISSING}inferred from the content.")] = None

    def words(self, kind: "type[FileOptions]") -> list[str]:
        """The options of a command line that reads the same data, those that are at their default left out.

        Args:
            kind: whose options the command has.
        """
        return [
            word
            for name, value in self.given(kind).items()
            for word in ([f"--no-{name}"] if value is False else [option_of(name)] + [str(value)] * (value is not True))
        ]

    def given(self, kind: "type[FileOptions]") -> dict[str, Any]:
        """The options of `kind` that are not at their default, by name; paths are text."""
        given = {one.name: getattr(self, one.name) for one in fields(kind) if getattr(self, one.name) != one.default}
        return {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}


@dataclass(frozen=True, kw_only=True)
class FileOptionsAsTrained(FileOptions):
    """How files are read for a model that exists."""

    missing: Annotated[str | None, typer.Option(metavar="WORDS", help=f"{MISSING}as in training.")] = None


@dataclass(frozen=True, kw_only=True)
class ReadingOptions(FileOptions):
    """How data are read: what to predict, and how to split."""

    target: Annotated[str | None, typer.Option(metavar="COLUMN", help=TARGET, rich_help_panel=FIRST_PANEL)] = None
    task: Annotated[
        Literal["classification", "regression"] | None, typer.Option(help="Default: inferred from the target.")
    ] = None
    validation: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE|test",
            help="Validation split: a fraction or a number of rows; or 'test', the data's own test set, which leaves "
            "no untouched data. Default: 0.15, of image sets a sixth.",
        ),
    ] = None
    test: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Test split: a fraction or a number of rows. Default: 0.15, or the data's own test set.",
        ),
    ] = None
    split: Annotated[
        Literal["stratified", "shuffled", "file-order"], typer.Option(help="How rows are dealt out to the splits.")
    ] = "stratified"
    split_seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the splits.")] = 0
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Use only the first N rows of the file, then split them; of mnist the first N training images.",
        ),
    ] = None
    weights: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of sample weights.")] = None
    class_weights: Annotated[
        str | None, typer.Option(metavar="WEIGHTS", help="'balanced', or a weight for each label: cat=1,dog=3.")
    ] = None

    @property
    def not_default(self) -> dict[str, Any]:
        """Options that are not at their default, as JSON values, to read the same data again."""
        values = {one.name: getattr(self, one.name) for one in fields(ReadingOptions) if one.name != "data_dir"}
        return {name: value for name, value in values.items() if value != getattr(ReadingOptions, name)}

    def read(self, source: str, *, show_progress: bool, like: "FittedInputs | None" = None) -> "Dataset":
        """A data set.

        Args:
            source: a built-in name, or a file.
            show_progress: whether to show the progress of downloads.
            like: prepare inputs as those of another network were.

        Raises:
            DataError: what is wrong with the data or these options, in one line.
        """
        from trainwell.data import load_data

        return load_data(
            source,
            target=self.target,
            task=self.task,
            data_dir=self.data_dir,
            header=self.header,
            missing=self.missing,
            weights=self.weights,
            class_weights=_class_weights(self.class_weights),
            validation="test" if self.validation == "test" else _amount(self.validation, "--validation"),
            test=_amount(self.test, "--test"),
            split_seed=self.split_seed,
            split=self.split,
            limit=self.limit,
            like=like,
            show_progress=show_progress,
        )


@dataclass(frozen=True, kw_only=True)
class DataOptions(ReadingOptions):
    """Which data, and how they are read."""

    data: Source

    @property
    def to_predict(self) -> list[str]:
        """Words of a command line that predicts on these data: the source, and how its file is read."""
        return [self.data, *self.words(FileOptions)]

    @property
    def to_train(self) -> list[str]:
        """Words of a command line that trains on these data: the source, and how it is read and split."""
        return [self.data, *self.words(ReadingOptions)]

    def load(self, *, show_progress: bool, like: "FittedInputs | None" = None) -> "Dataset":
        """The data set; see `read`."""
        return self.read(self.data, show_progress=show_progress, like=like)


@dataclass(frozen=True, kw_only=True)
class SeveralDataOptions(ReadingOptions):
    """Which data sets, and how each of them is read."""

    data: Sources
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help=f"{TARGET} With several DATA it must fit all files. Built-in data beside files do without --target, "
            "--task, --weights, --class-weights (except 'balanced'), --header and --missing.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None

    def load(self, *, show_progress: bool) -> "list[Dataset]":
        """The data sets in their order; see `read`. An option for files does not concern built-in ones beside them."""
        return [self._for(source).read(source, show_progress=show_progress) for source in self.data]

    def _for(self, source: str) -> "SeveralDataOptions":
        """These options without table options for other files, and without any for built-in data beside files."""
        from trainwell.data import BUILT_IN_NAMES

        files = [one for one in self.data if one not in BUILT_IN_NAMES]
        tables = [one for one in files if not one.lower().endswith(".npz")]
        own = self
        if tables and source not in tables:
            own = replace(own, target=None, weights=None, header=None, missing=None)
        if files and source not in files:
            by_label = self.class_weights != "balanced"
            own = replace(own, task=None, class_weights=None if by_label else self.class_weights)
        return own


def _amount(text: str | None, option: str) -> float | int | None:
    """A whole number of rows, or a fraction."""
    if text is None:
        return None
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise DataError(f"{option} must be a fraction or a number of rows, got '{text}': try 0.15") from None


def _class_weights(text: str | None) -> "dict[str, float] | Literal['balanced'] | None":
    if text is None:
        return None
    if text == "balanced":
        return "balanced"
    try:
        pairs = [pair.rsplit("=", 1) for pair in text.split(",")]
        return {label.strip(): float(weight) for label, weight in pairs}
    except ValueError:
        raise DataError(
            f"--class-weights must be 'balanced' or LABEL=WEIGHT,LABEL=WEIGHT, got '{text}': try cat=1,dog=3"
        ) from None
