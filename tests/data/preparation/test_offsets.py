"""Columns whose offset dwarfs their spread, or outside the range of float32: nothing of them is lost."""

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import Preparation, from_arrays, load_data
from trainwell.data.preparation.offsets import FAR, Offsets

N = 420
STEPS = np.arange(N, dtype=np.float64)
DRAWS = np.random.default_rng(0).normal(size=N)
NARROW = {
    "unix seconds": 1.7e9 + STEPS,
    "unix seconds as integers": 1_700_000_000 + np.arange(N),
    "dates": 20240101 + STEPS,
    "integers beyond 2^24": 2.0**24 + STEPS,
    "northing": 5_432_100.25 + 0.01 * STEPS,
    "pressure": 101325 + 0.001 * DRAWS,
    "negative": -1.7e9 - STEPS,
    "seconds, some unknown": np.where(STEPS % 20 == 7, 0, 1.7e9 + STEPS),
    "rarely another": 101325.1 + 0.001 * (STEPS % 50 == 3) * STEPS,
    "tiny": 1e-40 * DRAWS,
    "denormal even in float64": 1e-310 * DRAWS,
    "huge": 1e39 * DRAWS,
    "as large as float64 goes": 1e308 * np.tanh(DRAWS),
    "tiny, and narrow": 1e-40 * (1 + 1e-9 * STEPS),
    "huge, and narrow": 1e300 * (1 + 1e-9 * STEPS),
}


@pytest.mark.parametrize("kind", NARROW)
def test_nothing_is_lost_of_what_float32_cannot_hold(kind):
    column = NARROW[kind]
    data = from_arrays(column[:, None], DRAWS, split="file-order")
    rows = np.concatenate([part.inputs for part in (data.training, data.validation, data.open_test_split())])
    assert len(np.unique(rows)) == len(np.unique(column))
    assert np.array_equal(np.argsort(rows[:, 0], kind="stable"), np.argsort(column, kind="stable"))
    # What a network sees, standardised, is what exact arithmetic gives.
    shift, scale = data.scaling("standardize")
    seen = (rows[:, 0] - shift) * scale
    training = column[: len(data.training)].astype(np.longdouble)
    spread = np.longdouble(np.abs(training - training.mean()).max())
    exact = (training - training.mean()) / spread
    exact /= exact.std()
    np.testing.assert_allclose(seen[: len(training)], exact.astype(np.float64), atol=2e-6 * np.abs(exact).max())
    assert len(data.notices) == 1 or "the task is" in data.notices[0]
    assert any("column 'x0': " in notice for notice in data.notices)


@pytest.mark.parametrize(
    "column",
    [
        DRAWS,
        DRAWS * 1e-30,
        DRAWS * 1e29,
        DRAWS + FAR / 2,
        1990 + STEPS % 30,
        500_000 + STEPS,  # whole numbers that float32 has
        np.full(N, 0.1),
        np.where(STEPS == 5, 5.2, 5.1),
        np.where(STEPS == 5, 1e30, DRAWS),
        np.exp(18 * DRAWS),
        (1.7e9 + STEPS).astype(np.float32),
        STEPS > 9,
        np.arange(N) % 256,
    ],
)
def test_ordinary_numbers_keep_their_bits(column):
    data = from_arrays(column[:, None], np.arange(N) % 2, split="file-order")
    rows = np.concatenate([part.inputs for part in (data.training, data.validation, data.open_test_split())])
    assert rows.tobytes() == np.asarray(column).astype(np.float32).tobytes()
    assert "offsets" not in data.preparation.inputs.to_json()
    assert not any("column" in notice for notice in data.notices)


def test_decided_by_the_training_rows_applied_to_all_saved_and_said(tmp_path):
    inputs = np.column_stack([1.7e9 + STEPS, DRAWS, 1e39 * DRAWS, 101325 + 0.001 * DRAWS])
    data = from_arrays(inputs, DRAWS, split="file-order", feature_names=["t", "a", "b", "p"])
    said = data.notices
    (t, _), (b, exponent), (p, _) = (data.preparation.inputs.offsets.columns[index] for index in (0, 2, 3))
    size = len(data.training)
    assert t == 1.7e9 + (size - 1) // 2  # the median of the training rows
    assert (b, exponent) == (0, -int(np.frexp(np.abs(inputs[:size, 2]).max())[1]))
    assert sorted(inputs[:size, 3])[(size - 1) // 2] == p
    assert said[1].startswith("column 't' and 1 more: 1700000146 is subtracted before rounding to float32")
    assert said[2].startswith(f"column 'b': multiplied by 2^{exponent}")
    again, notices = Preparation.from_files(data.preparation.to_files()).transform(inputs)
    assert notices == ()
    splits = (data.training, data.validation, data.open_test_split())
    assert again.tobytes() == np.concatenate([part.inputs for part in splits]).tobytes()
    np.savez(tmp_path / "d.npz", X=inputs, y=DRAWS)
    assert load_data(tmp_path / "d.npz", split="file-order").validation.inputs.tobytes() == splits[1].inputs.tobytes()
    own = from_arrays(inputs, DRAWS, validation=(inputs[:9], DRAWS[:9]), test=(inputs[:9] + 1, DRAWS[:9]))
    assert (
        own.validation.inputs[:, 0].tolist() == (inputs[:9, 0] - own.preparation.inputs.offsets.columns[0][0]).tolist()
    )


def test_a_new_row_that_float32_cannot_hold_is_refused():
    preparation = from_arrays(DRAWS[:, None], DRAWS).preparation
    with pytest.raises(DataError, match=r"column 'x0' is infinite or too large for float32 in row 2 \(-1e\+200\)"):
        preparation.transform(np.array([[1.0], [-1e200]]))


def test_missing_numbers_stay_missing_and_count_for_nothing():
    column = np.where(STEPS % 3 == 0, np.nan, 1.7e9 + STEPS)[:, None]
    offsets = Offsets.of(column)
    cast = offsets.apply(column, ["t"])
    assert np.array_equal(np.isnan(cast), np.isnan(column))
    assert len(np.unique(cast[~np.isnan(cast)])) == 280
    assert Offsets.of(np.full((3, 1), np.nan)).columns == {}


@pytest.mark.parametrize(
    "value", [[[1, 0.0, 1]], [[0, 1, 0]], [[0, float("nan"), 0]], [[0, 0.0, 10**6]], [[0, 1.0]], [["a", 1.0, 0]], 7]
)
def test_what_is_no_offset_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        Offsets.from_json(value, 1)
