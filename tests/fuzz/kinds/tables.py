"""CSV and Parquet files: read as training data, and again as rows to predict on."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from fuzz.guards import Problem
from fuzz.mutations import NUMBERS, WORDS, changed_text, damaged

ROWS = 60
COLOURS = ("red", "green", "blue, light", 'dark "5')
SHAPES = ((",", True, "\n"), (";", True, "\r\n"), ("\t", True, "\n"), (",", False, "\n"), ("|", True, "\n"))


def cells(rng: Random) -> list[list[str]]:
    """A plain table: numbers, categories, a date, gaps, and a target `y`."""
    regression = rng.random() < 0.5
    rows = [["a", "b", "colour", "when", "id", "y"]]
    for i in range(ROWS):
        y = f"{rng.gauss(0, 1):.4f}" if regression else rng.choice(("yes", "no"))
        gap = "" if rng.random() < 0.05 else f"{rng.uniform(-5, 5):.3f}"
        rows.append([f"{rng.gauss(100, 3):.2f}", gap, rng.choice(COLOURS), f"2024-01-{i % 28 + 1:02d}", str(i), y])
    return rows


def odd_cells(rows: list[list[str]], rng: Random) -> None:
    """One cell, some cells of a column, or a whole column become something else."""
    column, value = rng.randrange(len(rows[0])), rng.choice((*WORDS, *NUMBERS))
    share = rng.choice((0.0, 0.02, 0.5, 1.0))
    chosen = [row for row in rows[1:] if rng.random() < share] or [rng.choice(rows)]
    for row in chosen:
        row[column] = rng.choice((*WORDS, *NUMBERS)) if share == 0.5 else value


def as_text(rows: list[list[str]], rng: Random) -> str:
    separator, header, end = rng.choice(SHAPES)
    lines = rows if header else rows[1:]
    return end.join(separator.join(quoted(cell, separator) for cell in row) for row in lines) + end


def quoted(cell: str, separator: str = ",") -> str:
    return '"' + cell.replace('"', '""') + '"' if separator in cell or '"' in cell else cell


def read_twice(path: Path, target: str | int) -> None:
    """Load a table, and see that what comes out can be trained on and predicts on the same rows.

    Raises:
        TrainwellError: the table is refused.
        Problem: it is accepted and holds what no network can be trained on.
    """
    from trainwell.data import Preparation, load_data, load_rows

    data = load_data(path, target=target)
    for split in (data.training, data.validation, data.open_test_split()):
        for values in (split.inputs, split.targets, split.weights):
            if not np.isfinite(values).all():
                raise Problem("accepted a value that is not finite")
        if split.inputs.shape != (len(split), len(data.feature_names)) or not len(split):
            raise Problem(f"accepted a split of shape {split.inputs.shape}")
    if data.task == "classification" and not 1 < len(data.class_names) == len(set(data.class_names)):
        raise Problem(f"accepted classes {data.class_names[:5]}")
    again = Preparation.from_files(data.preparation.to_files())
    rows = [load_rows(path, preparation) for preparation in (data.preparation, again)]
    if not np.isfinite(rows[0].inputs).all() or rows[0].inputs.tobytes() != rows[1].inputs.tobytes():
        raise Problem("a saved preparation does not prepare as the one it was made from")


class Csv:
    name, seconds = "csv", 20.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        rows = cells(rng)
        for _ in range(rng.choice((0, 1, 1, 2))):
            odd_cells(rows, rng)
        text = as_text(rows, rng)
        if rng.random() < 0.5:
            text = changed_text(text, rng)
        content = text.encode(rng.choice((*["utf-8"] * 9, "utf-8-sig", "latin-1", "utf-16")), "replace")
        if rng.random() < 0.3:
            content = damaged(content, rng)
        (folder / "t.csv").write_bytes(content)

    def check(self, corpus: Path, folder: Path) -> None:
        text = (folder / "t.csv").read_bytes()
        read_twice(folder / "t.csv", "y" if b"y" in text[:200] else -1)


class Parquet:
    name, seconds = "parquet", 20.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        import polars as pl

        rows = cells(rng)
        names = rows.pop(0)
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        table = pl.DataFrame(columns).with_columns(pl.col("a", "b", "id").cast(pl.Float64, strict=False))
        if (numbers := table["y"].cast(pl.Float64, strict=False)).null_count() == 0:
            table = table.with_columns(numbers)
        if rng.random() < 0.7:
            table = table.with_columns(self._odd(rng).alias(rng.choice(names)))
        buffer = io.BytesIO()
        table.write_parquet(buffer, compression=rng.choice(("zstd", "snappy", "uncompressed", "gzip")))
        content = buffer.getvalue()
        (folder / "t.parquet").write_bytes(damaged(content, rng) if rng.random() < 0.6 else content)

    def check(self, corpus: Path, folder: Path) -> None:
        read_twice(folder / "t.parquet", "y")

    def _odd(self, rng: Random):
        """A column of some type of polars."""
        import polars as pl

        whole = [rng.randrange(-5, 100) for _ in range(ROWS)]
        huge = [rng.choice((1e39, -1e300, 1e-320, float("inf"), float("nan"), 0.0, None)) for _ in range(ROWS)]
        gaps = [rng.choice((None, *WORDS)) for _ in range(ROWS)]
        now = datetime(2024, 1, 1)
        return rng.choice(
            (
                lambda: pl.Series(whole, dtype=rng.choice((pl.Int8, pl.Int64, pl.Int128, pl.Float32))),
                lambda: pl.Series([2**64 - 1 - i for i in range(ROWS)], dtype=pl.UInt64),
                lambda: pl.Series([10**30 + i for i in range(ROWS)], dtype=pl.Int128),
                lambda: pl.Series(whole).cast(pl.Decimal(20, 3)),
                lambda: pl.Series(huge, dtype=pl.Float64),
                lambda: pl.Series(gaps, dtype=pl.String),
                lambda: pl.Series(gaps, dtype=pl.Categorical),
                lambda: pl.Series([str(value).encode() for value in gaps]),
                lambda: pl.Series([b"\xff" * (i % 3) for i in range(ROWS)]),
                lambda: pl.Series([bool(i % 2) for i in range(ROWS)]),
                lambda: pl.Series([None] * ROWS),
                lambda: pl.Series([date(2024, 1, 1 + i % 28) for i in range(ROWS)]),
                lambda: pl.Series([now + timedelta(hours=i) for i in range(ROWS)]),
                lambda: pl.Series([timedelta(hours=i) for i in range(ROWS)]),
                lambda: pl.Series([[i, None] for i in range(ROWS)]),
                lambda: pl.Series([{"p": i} for i in range(ROWS)]),
            )
        )()
