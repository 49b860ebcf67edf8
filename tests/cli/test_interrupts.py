"""A Ctrl-C that Python would drop is raised again."""

import gc
import signal
import sys
import time

import pytest

from trainwell.cli.interrupts import heard_interrupts


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
