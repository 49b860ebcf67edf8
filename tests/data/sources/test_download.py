"""Downloads from mirrors that are dead, cut, wrong or slow to understand ranges: a server on this machine."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data.sources import download
from trainwell.data.sources.download import ATTEMPTS, fetch_verified

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
ZIPPED = gzip.compress(CONTENT, mtime=0)
OTHER_ZIP = gzip.compress(CONTENT, compresslevel=0, mtime=7)  # the same content in another container


class Mirror(BaseHTTPRequestHandler):
    """Serves /<behaviour>/file.gz; cut connections send `server.cut` bytes each time."""

    def do_GET(self):
        behaviour = self.path.split("/")[1]
        wanted = self.headers.get("Range")
        self.server.requests.append((behaviour, wanted))
        if behaviour == "missing":
            self.send_error(404)
            return
        body = {"wrong": gzip.compress(b"wrong"), "junk": b"<html>sorry</html>", "other": OTHER_ZIP}.get(
            behaviour, ZIPPED
        )
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and behaviour != "no-ranges" else 0
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = {"cut": self.server.cut, "hopeless": 1000}.get(behaviour, len(body))
        self.wfile.write(body[start : start + cut])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        running.requests, running.cut = [], len(ZIPPED) // 3 + 1
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def verify(content, where):
    if content != CONTENT:
        raise DataError(f"{where} has the wrong checksum")


def fetch(server, folder, *behaviours):
    base = f"http://127.0.0.1:{server.server_port}"
    mirrors = tuple("http://127.0.0.1:9/" if name == "dead" else f"{base}/{name}/" for name in behaviours)
    return fetch_verified("file", mirrors, folder / "cache", verify)


def names(folder):
    return sorted(path.name for path in (folder / "cache").iterdir())


def test_a_whole_file_is_stored_decompressed(server, tmp_path):
    assert fetch(server, tmp_path, "good") == CONTENT
    assert (tmp_path / "cache" / "file").read_bytes() == CONTENT
    assert names(tmp_path) == ["file"]
    assert server.requests == [("good", None)]


@pytest.mark.parametrize("bad", ["dead", "missing", "wrong", "junk"])
def test_the_next_mirror_is_asked(server, tmp_path, bad, caplog):
    assert fetch(server, tmp_path, bad, "good") == CONTENT
    assert names(tmp_path) == ["file"]
    (said,) = caplog.messages
    assert "file.gz cannot be used: " in said


def test_a_cut_download_is_resumed(server, tmp_path):
    assert fetch(server, tmp_path, "cut") == CONTENT
    cut = server.cut
    assert [wanted for _, wanted in server.requests] == [None, f"bytes={cut}-", f"bytes={2 * cut}-"]


def test_a_later_call_resumes(server, tmp_path):
    with pytest.raises(DataError, match=r"cut after 4000 of \d+ bytes.*try again later to resume"):
        fetch(server, tmp_path, "hopeless")
    assert len(server.requests) == ATTEMPTS
    assert names(tmp_path) == ["file.gz.part"]
    server.requests.clear()
    assert fetch(server, tmp_path, "good") == CONTENT
    assert server.requests == [("good", "bytes=4000-")]


def test_what_a_server_sends_without_end_is_refused_and_removed(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 100_000)
    with pytest.raises(DataError, match="it sends more than 100,000 bytes"):
        fetch(server, tmp_path, "good")
    assert names(tmp_path) == []


def test_a_server_without_ranges_sends_all_again(server, tmp_path):
    with pytest.raises(DataError):
        fetch(server, tmp_path, "hopeless")
    assert fetch(server, tmp_path, "no-ranges") == CONTENT


def test_a_part_of_another_container_is_thrown_away(server, tmp_path):
    with pytest.raises(DataError):
        fetch(server, tmp_path, "hopeless")
    server.requests.clear()
    assert fetch(server, tmp_path, "other") == CONTENT
    assert server.requests == [("other", "bytes=4000-"), ("other", None)]


def test_a_part_that_is_whole_already(server, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "file.gz.part").write_bytes(ZIPPED)
    assert fetch(server, tmp_path, "good") == CONTENT
    assert names(tmp_path) == ["file"]


def test_when_every_mirror_fails(server, tmp_path):
    with pytest.raises(DataError) as caught:
        fetch(server, tmp_path, "dead", "missing", "wrong")
    message = str(caught.value)
    assert "\n" not in message
    for words in ("refused", "404", "wrong checksum", f"put the file into {tmp_path / 'cache'}"):
        assert words in message
    assert names(tmp_path) == []


def test_a_cache_that_cannot_be_made(server, tmp_path):
    (tmp_path / "cache").write_text("a file is in the way")
    with pytest.raises(DataError, match="cannot be created"):
        fetch(server, tmp_path, "good")
    assert server.requests == []
