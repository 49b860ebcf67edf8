"""What the operating system refuses is a line and code 2, keeps what was computed, and is completed by `--resume`."""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trainwell.cli.show.streams import MOST, one_line

ASK = ("train", "iris", "--hidden", "none", "--steps", "2", "--seeds", "1", "--out", "run", "--quiet")
PROGRAM = "import sys; from trainwell.cli.app import main; sys.exit(main())"


def contents(run):
    """Every file of a run but those that tell the time."""
    files = {str(path.relative_to(run)): path for path in run.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in ("run.json", "report.html")}


@pytest.fixture
def undisturbed(cli, tmp_path):
    assert cli(*ASK).code == 0
    (tmp_path / "run").rename(tmp_path / "undisturbed")
    return contents(tmp_path / "undisturbed")


@pytest.fixture
def before_write(monkeypatch):
    """Has something done before the n-th write of a file; returns what was to be written since."""

    def install(number, act):
        real, seen = Path.write_bytes, []

        def write_bytes(self, content):
            seen.append(self.name)
            if len(seen) == number:
                act()
            return real(self, content)

        monkeypatch.setattr(Path, "write_bytes", write_bytes)
        return seen

    yield install
    monkeypatch.undo()


def full():
    raise OSError(errno.ENOSPC, "No space left on device")


def one_error(done, *words):
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith("trainwell: error: ")
    assert all(word in done.err for word in words), done.err


@pytest.mark.parametrize("what", ["full", "removed"])
def test_whatever_cannot_be_written_is_said_and_made_up_for(
    cli, tmp_path, undisturbed, before_write, monkeypatch, what
):
    run, number, names = tmp_path / "run", 0, []
    while True:
        number += 1
        shutil.rmtree(run, ignore_errors=True)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", Path.write_bytes)
            seen = before_write(number, full if what == "full" else lambda: shutil.rmtree(run))
            done = cli(*ASK)
        if len(seen) < number:
            break
        names.append(seen[number - 1].split(".")[1])
        one_error(done, "no space left on device" if what == "full" else "no such file or directory", "run/")
        if run.exists() and (run / "results.json").exists():  # the page alone is missing
            assert json.loads((run / "results.json").read_text())["model"] is not None
        again = cli(*ASK, "--resume")
        assert (again.code, again.err.startswith("trainwell: error")) == (0, False), again.err
        assert contents(run) == undisturbed, names[-1]
    assert {"run", "recipe", "trace", "model", "manifest", "weights", "results", "report"} <= set(names)
    assert names[-2:] == ["report", "run"]  # the numbers and the model come before the page


def test_a_real_limit_of_file_size_loses_the_page_only(cli, forks, tmp_path, undisturbed):
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, -1)); {PROGRAM}"
    one_error(
        forks.finished(tmp_path, ASK, code=limited), "run/report.html: file too large: raise the limit", "--resume"
    )
    assert contents(tmp_path / "run").keys() > undisturbed.keys()  # the checkpoints, too
    assert cli(*ASK, "--resume").code == 0
    assert contents(tmp_path / "run") == undisturbed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_stdout_is_said_and_the_results_are_kept(cli, tmp_path, monkeypatch, capsys):
    from trainwell.cli.app import main

    monkeypatch.chdir(tmp_path)
    for words, says in ((ASK, "the run in run is complete, see it by: trainwell train"), (("--help",), "no space")):
        with Path("/dev/full").open("w") as stdout, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout)
            assert main(words) == 2
        said = capsys.readouterr().err
        assert (says in said, said.count("\n")) == (True, 1), said
    assert "test accuracy" in cli(*ASK, "--resume").out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_stderr_does_not_stop_the_work(cli, tmp_path, monkeypatch):
    from trainwell.cli.app import main

    monkeypatch.chdir(tmp_path)
    with Path("/dev/full").open("w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        assert main([*ASK[:-1], "--resume"]) == 0  # with a note
        assert main(["nonsense"]) == 2
    assert (tmp_path / "run/report.html").exists()


@pytest.mark.parametrize("closed", [">&- 2>err", "2>&- >out"])
def test_closed_streams_are_no_place_for_other_files(tmp_path, undisturbed, closed):
    words = " ".join(ASK[:-1])
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -c "{PROGRAM}" {words} {closed}'],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        timeout=120,
        check=False,
    )
    assert contents(tmp_path / "run") == undisturbed
    if closed.startswith(">"):
        said = (tmp_path / "err").read_text()
        assert (done.returncode, said.count("\n")) == (2, 1), said
        assert "stdout cannot be written: bad file descriptor: it was closed; the run in run is complete" in said
    else:
        assert (done.returncode, "test accuracy" in (tmp_path / "out").read_text()) == (0, True)


def test_an_encoding_without_our_characters_gets_them_written_out(cli, tmp_path, monkeypatch):
    from trainwell.cli.app import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("x,y\n" + "1,straße\n2,grün\n" * 20, encoding="utf-8")
    words = [*ASK, "--target", "y"]
    words[1] = "data.csv"
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        assert main(words) == 0
        assert b"(95% interval \\u2013" in stdout.buffer.getvalue()
        assert main(["predict", "run", "data.csv", "--quiet"]) == 0
    assert "straße\n".encode() in stdout.buffer.getvalue() or "grün\n".encode() in stdout.buffer.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ("train", "\udcff.csv"),
        (*ASK[:-1], "--out", "\udcff"),
        ("predict", "run", "\udcff.csv"),
        ("recipe", "write", "\udcff"),
    ],
)
def test_names_that_are_no_text_are_refused_before_any_work(cli, tree, words):
    before = tree()
    one_error(cli(*words), "'\\udcff", "is not UTF-8")
    assert tree() == before


LONG = "a" * 256


@pytest.mark.parametrize(
    "words",
    [
        ("train", f"{LONG}.csv", "--target", "y"),
        (*ASK[:8], "--out", LONG),
        ("recipe", "write", f"{LONG}.toml"),
        ("recipe", "check", f"{LONG}.toml"),
        ("train", "iris", "--recipe", f"{LONG}.toml"),
        ("tune", "iris", "--space", f"{LONG}.toml"),
        ("tune", "iris", "--storage", f"{LONG}", "--out", "run"),
        ("predict", LONG, "iris"),
        ("curvature", LONG, "iris"),
        ("compare", "iris", "--contender", f"{LONG}.toml", "--contender", "adam"),
        ("race", "--contender", f"{LONG}.toml", "--precision", "float32"),
        ("train", "mnist", "--data-dir", LONG),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_names_that_are_too_long_are_refused(cli, tree, words):
    before = tree()
    one_error(cli(*words), "oo long")
    assert tree() == before


@pytest.mark.parametrize("name", ["file/x.toml", "file/x/y.toml"])
def test_a_recipe_that_cannot_be_written(cli, tmp_path, name):
    (tmp_path / "file").write_text("")
    one_error(cli("recipe", "write", name), name.rsplit("/", 1)[0])


def test_a_recipe_on_a_read_only_disk(cli, tmp_path, before_write):
    def read_only():
        raise OSError(errno.EROFS, "Read-only file system")

    before_write(1, read_only)
    one_error(cli("recipe", "write", "x.toml"), "x.toml: read-only file system: choose a path that can be written to")
    assert list(tmp_path.iterdir()) == []


def test_memory_that_is_not_there_is_said(cli, tmp_path, before_write):
    def too_much():
        raise MemoryError("Unable to allocate 9 TiB")

    before_write(3, too_much)
    one_error(cli(*ASK), "not enough memory (Unable to allocate 9 TiB)", "resume with: trainwell train")


def test_names_cannot_steer_the_terminal(cli, tmp_path):
    (tmp_path / "da\x1b]0;ta\x07.csv").write_text("a\x1b[2Jb,c,y\n" + "1,2,o\x1b[31mn\n2,2,[/off]\n" * 20)
    words = ["da\x1b]0;ta\x07.csv" if word == "iris" else word for word in ASK[:-1]]
    done = cli(*words, "--target", "y")
    assert done.code == 0, done.err
    assert "da\\x1b]0;ta" in done.out
    bad = cli(*words[:-1], "other", "--target", "q")
    assert bad.code == 2
    assert "\\x1b[2Jb" in bad.err
    contender = cli("race", "--contender", "[/red]: optimizer=sgd", "--precision", "float32")
    assert contender.code == 0, contender.err
    assert "[/red]" in contender.out.replace("\n", "")
    assert not {"\x1b", "\x07"} & set("".join((done.out, done.err, bad.err, contender.out, contender.err)))


def test_lines_have_an_end():
    assert one_line("a\nb\r\nc") == "a b c"
    line = one_line("begin " + "9" * 30_000_000 + " end")
    assert len(line) <= MOST
    assert (line[:6], line[-4:]) == ("begin ", " end")


def test_an_error_does_not_print_what_it_quotes_whole(cli):
    one_error(cli("train", "iris", "--set", "9" * 1_000_000), "9 … 9")
