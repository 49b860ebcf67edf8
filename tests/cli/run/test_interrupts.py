"""A Ctrl-C that Python would drop is raised again."""

import gc
import signal
import sys
import time

import pytest

from trainwell.cli.run.interrupts import ANSWER, STOPPED, heard_interrupts


@pytest.fixture
def listening():
    """Ctrl-C is heard, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_ctrl_c_in_a_callback_of_the_garbage_collector_is_not_lost(capsys):
    came, armed = [], []

    def callback(phase, info):
        if phase == "stop" and armed and not came:  # memory may be collected at any moment, before the block, too
            came.append(phase)
            raise KeyboardInterrupt

    def work():
        with heard_interrupts():
            armed.append(True)
            gc.collect()
            time.sleep(10)

    before = sys.unraisablehook
    gc.callbacks.append(callback)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        gc.callbacks.remove(callback)
    assert came == ["stop"]
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is before


TWICE = """
import hashlib, os, signal, sys, threading
from trainwell.cli.run import interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.stderr.isatty = lambda: sys.argv[1] == "terminal"
def press():
    os.kill(os.getpid(), signal.SIGINT)
with interrupts.heard_interrupts():
    interrupts.current.advice = "; resume with: this"
    threading.Timer(0.2, press).start()
    threading.Timer(1.2, press).start()
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)  # for minutes, in which Python hears nothing, as in a compiler
"""


@pytest.mark.parametrize("where", ["terminal", "log"])
def test_a_second_ctrl_c_ends_what_does_not_hear_the_first(process, where):
    done = process(TWICE, where)
    lines = {
        "terminal": f"{ANSWER}\n\n\x1b[2K\x1b[?25htrainwell: stopped at once; resume with: this\n",
        "log": "trainwell: stopped at once; resume with: this\n",
    }
    assert (done.code, done.err) == (STOPPED, lines[where])


def test_other_dropped_exceptions_are_reported_as_before(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: seen.append(lost.exc_type))

    class Broken:
        def __del__(self):
            raise ZeroDivisionError

    with heard_interrupts():
        Broken()
        gc.collect()
    assert seen == [ZeroDivisionError]
