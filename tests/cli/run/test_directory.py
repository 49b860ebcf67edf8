"""A run directory: nothing of the user's goes, no link is followed, and complete means unchanged."""

import json
import os

import pytest

from trainwell.core import temporary

ASK = ("train", "iris", "--hidden", "none", "--steps", "2", "--seeds", "1", "--out", "run", "--quiet")
DIGITS = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def complete(cli, run):
    """A complete run, and what it printed."""
    done = cli(*ASK)
    assert done.code == 0, done.err
    return run


@pytest.fixture
def killed(complete):
    """The run as a process that was killed at its end would have left it."""
    facts = json.loads((complete / "run.json").read_text())
    del facts["files"]
    (complete / "run.json").write_text(json.dumps(facts))
    (complete / "results.json").unlink()
    return complete


def refused(done, *words):
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert all(word in done.err for word in words), done.err


@pytest.mark.parametrize(
    "name", [".model.txt", ".run.json.txt", ".results.json.bak", f".model.{DIGITS}", f".notes.{DIGITS}", "checkpoints"]
)
def test_a_folder_of_somebody_elses_files_is_left_alone(cli, run, tree, name):
    run.mkdir()
    (run / name).write_text("mine")
    before = tree()
    refused(cli(*ASK, "--resume"), "run is no run directory")
    assert tree() == before


def test_somebody_elses_lock_file_is_no_sign_of_a_run(cli, run, tree):
    run.mkdir()
    (run / ".lock").write_text("mine")
    before = tree()
    refused(cli(*ASK, "--resume"), "run is no run directory")
    assert tree() == before


def test_what_a_process_left_that_was_killed_at_once_is_a_run(cli, run):
    run.mkdir()
    temporary(run / "run.json").write_text("{")
    (run / ".lock").touch()
    assert cli(*ASK, "--resume").code == 0
    assert not [path.name for path in run.iterdir() if path.name.startswith(".")]


def test_only_exact_temporary_names_go_on_resume(cli, killed):
    mine = [killed / ".model.txt", killed / ".recipe.toml.swp", killed / "notes.txt", killed / f".notes.{DIGITS}"]
    for path in mine:
        path.write_text("mine")
    ours = temporary(killed / "model")
    ours.mkdir()
    (ours / "weights.safetensors").write_bytes(b"half")
    assert cli(*ASK, "--resume").code == 0
    assert [path.read_text() for path in mine] == ["mine"] * 4
    assert not ours.exists()


@pytest.mark.parametrize(
    "name", ["checkpoints", "model", "recipes", "results.json", ".lock", "run.json", "report.html"]
)
def test_a_link_in_place_of_a_runs_own_is_refused_and_not_followed(cli, killed, tmp_path, tree, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    for file in (f".members.safetensors.{DIGITS}", "members-00000-00000-1.safetensors", "model.json", ".hidden.a.b"):
        (outside / file).write_text("mine")
    place = killed / name
    if place.exists():
        place.rename(tmp_path / "moved")
    target = outside if name in ("checkpoints", "model", "recipes") else outside / "model.json"
    place.symlink_to(target)
    before = tree()
    refused(cli(*ASK, "--resume"), f"run/{name} is a link")
    assert tree() == before


def test_links_and_notes_among_checkpoints_stay(cli, killed, tmp_path):
    (tmp_path / "outside").mkdir()
    for place in (tmp_path / "outside", killed / "checkpoints"):
        place.mkdir(exist_ok=True)
        (place / f".a.json.{DIGITS}").write_text("mine")
        (place / "notes.txt").write_text("mine")
    (killed / "checkpoints/link").symlink_to(tmp_path / "outside")
    assert cli(*ASK, "--resume").code == 0
    assert sorted(path.name for path in (tmp_path / "outside").iterdir()) == [f".a.json.{DIGITS}", "notes.txt"]
    assert sorted(path.name for path in (killed / "checkpoints").iterdir()) == ["link", "notes.txt"]


def test_a_note_beside_the_model_stops_the_run_that_would_replace_it(cli, killed):
    (killed / "model/notes.txt").write_text("mine")
    refused(cli(*ASK, "--resume"), "run/model holds files that are not the model's")
    assert (killed / "model/notes.txt").read_text() == "mine"
    (killed / "model/notes.txt").unlink()
    assert cli(*ASK, "--resume").code == 0


@pytest.mark.parametrize(
    "name", ["model/weights.safetensors", "model/manifest.json", "recipe.toml", "results.json", "trace.parquet"]
)
def test_a_complete_run_whose_files_were_changed_is_not_called_complete(cli, complete, name):
    content = bytearray((complete / name).read_bytes())
    content[len(content) // 2] ^= 1
    (complete / name).write_bytes(content)
    refused(cli(*ASK, "--resume"), f"run was complete, but {name} changed since")
    assert (complete / name).read_bytes() == content


def test_a_file_that_is_gone_is_said_and_the_numbers_are_shown(cli, complete):
    (complete / "trace.parquet").unlink()
    done = cli(*[word for word in ASK if word != "--quiet"], "--resume")
    assert done.code == 0
    assert "note: trace.parquet of run cannot be read any more" in done.err
    assert "test accuracy" in done.out


@pytest.mark.parametrize("content", ["{}", "[" * 10_000, "[]", "nonsense", ""])
@pytest.mark.parametrize("name", ["run.json", "results.json"])
def test_damaged_records_are_refused_in_a_line(cli, complete, name, content):
    (complete / name).write_text(content)
    refused(cli(*ASK, "--resume"), name)
    assert (complete / name).read_text() == content


@pytest.mark.parametrize("name", ["run.json", "results.json", "recipe.toml"])
def test_pipes_are_not_waited_for(cli, complete, name):
    (complete / name).unlink()
    os.mkfifo(complete / name)
    done = cli(*ASK, "--resume")
    assert (done.code, done.err.count("\n")) == ((0, 0) if name == "recipe.toml" else (2, 1)), done.err


@pytest.mark.parametrize("files", [[], "a", {"model": 3}, {"model": None}])
def test_checksums_of_another_kind_are_refused(cli, complete, files):
    facts = json.loads((complete / "run.json").read_text())
    (complete / "run.json").write_text(json.dumps({**facts, "files": files}))
    refused(cli(*ASK, "--resume"), "run.json is damaged")


def test_a_changed_recipe_does_not_lie_beside_results_it_did_not_make(cli, killed):
    (killed / "recipe.toml").write_text((killed / "recipe.toml").read_text() + "\n# mine\n")
    refused(cli(*ASK, "--resume"), "run/recipe.toml was changed since this run began", "--recipe")
    assert (killed / "recipe.toml").read_text().endswith("# mine\n")
    (killed / "recipe.toml").unlink()
    assert cli(*ASK, "--resume").code == 0


def test_a_run_of_other_versions_is_not_gone_on_with(cli, killed):
    facts = json.loads((killed / "run.json").read_text())
    facts["versions"]["jax"] = "0.1.2"
    (killed / "run.json").write_text(json.dumps(facts))
    refused(cli(*ASK, "--resume"), "was begun with jax 0.1.2", "pip install jax==0.1.2")
    facts["versions"] = "new"
    (killed / "run.json").write_text(json.dumps(facts))
    refused(cli(*ASK, "--resume"), "run.json is damaged")


def test_a_complete_run_of_other_versions_is_shown(cli, complete):
    facts = json.loads((complete / "run.json").read_text())
    facts["versions"] = {**facts["versions"], "jax": "0.1.2"}
    (complete / "run.json").write_text(json.dumps(facts))
    assert cli(*ASK, "--resume").code == 0
