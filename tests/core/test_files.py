"""Temporary names are recognised exactly; what is removed is our own; links are not followed."""

import os

import pytest

from trainwell.core import file_sha256, remove, remove_own, sha256, temporaries, temporary, write_atomic

DIGITS = "0123456789abcdef0123456789abcdef"
LOOK_ALIKES = [
    ".model.txt",
    ".model.0",
    f".model.{DIGITS[1:]}",
    f".model.{DIGITS}0",
    f".model.{DIGITS.upper()}",
    f"model.{DIGITS}",
    f".{DIGITS}",
    f".model.{DIGITS}.txt",
    f".notes.{DIGITS}",
]


def test_a_temporary_name_is_recognised_and_nothing_like_it(tmp_path):
    ours = temporary(tmp_path / "model")
    for name in LOOK_ALIKES:
        (tmp_path / name).write_text("mine")
    ours.mkdir()
    assert list(temporaries(tmp_path, ["model"])) == [ours]
    assert {path.name for path in temporaries(tmp_path)} == {ours.name, f".notes.{DIGITS}"}


def test_a_link_is_no_temporary_file_and_none_is_looked_through(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = temporary(outside / "a.json")
    inside.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    temporary(folder / "model").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    assert list(temporaries(folder)) == []
    assert list(temporaries(tmp_path / "link")) == []
    assert list(temporaries(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127, "😀" * 63])
def test_the_longest_names_can_be_written(tmp_path, name):
    write_atomic(tmp_path / name, b"all")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    left = temporary(tmp_path / name)
    left.write_bytes(b"half")
    assert list(temporaries(tmp_path, [name])) == [left]


def test_what_cannot_be_written_is_called_by_its_final_name(tmp_path):
    path = tmp_path / "nowhere" / "a.json"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomic(path, b"")
    assert caught.value.filename == str(path)


def test_removing_a_link_leaves_what_it_leads_to(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    remove(tmp_path / "link")
    remove(tmp_path / "nowhere")
    assert (tmp_path / "outside/file").read_text() == "mine"
    assert not (tmp_path / "link").is_symlink()


def test_only_our_own_files_are_removed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "checkpoints"
    for place in (outside, folder / "batches/000000", folder / "kept"):
        place.mkdir(parents=True)
    for path in (
        outside / "a.json",
        folder / "kept/notes.txt",
        folder / "kept/b.json",
        folder / "batches/000000/c.json",
    ):
        path.write_text("{}")
    temporary(folder / "d.npz").write_text("half")
    (folder / "link").symlink_to(outside)
    (folder / "link.json").symlink_to(outside / "a.json")
    remove_own(folder, (".json",))
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir())
    assert left == ["checkpoints/kept/notes.txt", "checkpoints/link.json", "outside/a.json"]
    assert (folder / "link").is_symlink()
    assert not (folder / "batches").exists()
    (folder / "kept/notes.txt").unlink()
    (folder / "link").unlink()
    (folder / "link.json").unlink()
    remove_own(folder, (".json",))
    assert not folder.exists()


def test_a_folder_that_is_a_link_is_not_emptied(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.json").write_text("{}")
    (tmp_path / "checkpoints").symlink_to(tmp_path / "outside")
    remove_own(tmp_path / "checkpoints", (".json",))
    assert (tmp_path / "outside/a.json").exists()
    assert (tmp_path / "checkpoints").is_symlink()


def test_the_checksum_of_a_file_of_a_link_and_of_a_pipe(tmp_path):

    (tmp_path / "a").write_bytes(b"all")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    assert file_sha256(tmp_path / "a") == sha256(b"all")
    assert [file_sha256(tmp_path / name) for name in ("link", "pipe", "nowhere", "")] == [None] * 4
