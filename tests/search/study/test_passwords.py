"""The password of a database is written nowhere: run directories and pages are passed on."""

WORDS = [
    *("tune", "iris", "--search", "learning_rate=1e-3..1:log", "--hidden", "6", "--epochs", "3", "--batch-size", "30"),
    *("--trials", "3", "--rounds", "1", "--folds", "1", "--no-refit", "--out", "run", "--study", "secrets"),
]


def test_a_password_is_written_nowhere(forks, postgres, tmp_path):
    address = postgres.replace("trainwell@", "trainwell:open-sesame@")
    assert forks.run(tmp_path, [*WORDS, f"--storage={address}"]) == 0, (tmp_path / "log").read_text()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (tmp_path / "run/report.html") in files
    assert [path for path in files if b"open-sesame" in path.read_bytes()] == []
    assert b"trainwell:***@" in (tmp_path / "run/run.json").read_bytes()
    again = [*WORDS, "--storage", address, "--resume"]
    assert forks.run(tmp_path, again) == 0, (tmp_path / "log").read_text()
    assert "already complete" in (tmp_path / "log").read_text()
