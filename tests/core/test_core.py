"""Errors' suggestions, random streams, atomic files."""

from pathlib import Path

import numpy as np
import pytest

from trainwell.core import files, nearest, stream


def test_the_nearest_name_or_all_of_them() -> None:
    assert nearest("Adm", ["sgd", "adam"]) == "did you mean 'adam'?"
    assert nearest("xyz", ["sgd", "adam"]) == "choose from adam, sgd"
    fields = ["learning_rate", "batch_size", "dropout_rate", "initialization", "batch_norm", "l2_penalty", "rho"]
    short = {"lr": "learning_rate", "bs": "batch_size", "dropout": "dropout_rate", "init": "initialization"}
    for asked, meant in {**short, "L2": "l2_penalty", "learningrate": "learning_rate"}.items():
        assert nearest(asked, fields) == f"did you mean '{meant}'?"
    assert nearest("batch", fields) == "did you mean 'batch_norm' or 'batch_size'?"
    assert nearest("epoch", ["epochs", "warmup_epochs"]) == "did you mean 'epochs'?"
    many = [f"name {i:02}" for i in range(47)]
    assert nearest("xyz", many) == f"choose from {', '.join(many[:8])} and 39 more"
    assert nearest("xyz", many[:9]) == f"choose from {', '.join(many[:9])}"


def test_streams_repeat_and_differ_by_seed_purpose_and_index() -> None:
    draws = {
        key: stream(*key).integers(0, 2**63, 4).tobytes()
        for key in [(0, "weights"), (1, "weights"), (0, "order"), (0, "weights", 1), (0, "weights", 1, 0)]
    }
    assert len(set(draws.values())) == len(draws)
    assert stream(1, "weights").integers(0, 2**63, 4).tobytes() == draws[(1, "weights")]


def test_streams_of_neighbouring_seeds_are_uncorrelated() -> None:
    a, b = (stream(seed, "weights").standard_normal(100_000) for seed in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(100_000)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    files.write_json(path, {"x": 1})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            files.write_json(path, {"x": 2})
    assert path.read_text() == '{\n  "x": 1\n}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_json_refuses_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "a.json", float("nan"))
    assert not list(tmp_path.iterdir())
