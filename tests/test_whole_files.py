"""What a worker is sent, and what is taken from it, against lists worked by hand."""

from typing import Any

import pytest

from whole_files import WholeFiles

FILES = [*["a.py::one"] * 3, *["b.py::one"] * 4, *["c.py::one"] * 2]


@pytest.fixture
def scheduler() -> Any:
    made: Any = WholeFiles.__new__(WholeFiles)
    made.collection, made.check_schedule = FILES, lambda: None
    return made


class Worker:
    """What it was sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        """Take tests."""
        self.sent += indices


@pytest.mark.parametrize(("wanted", "sent"), [(2, [0, 1, 2]), (3, [0, 1, 2]), (4, [0, 1, 2, 3, 4, 5, 6]), (0, [])])
def test_whole_files_are_sent(scheduler, wanted, sent):
    node = Worker()
    scheduler.pending, scheduler.node2pending = list(range(7)), {node: []}
    scheduler._send_tests(node, wanted)
    assert node.sent == sent


@pytest.mark.parametrize(
    ("has", "asked", "taken", "back"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8], [7, 8], [5, 6]),  # b is begun: it stays whole
        ([0, 1, 2, 7, 8], [7, 8], [7, 8], []),
        ([3, 4, 5, 6], [5, 6], [5, 6], []),  # all that was asked for is of a file that stays in part
    ],
)
def test_files_that_stay_in_part_are_given_back(scheduler, has, asked, taken, back):
    node = Worker()
    scheduler.pending, scheduler.node2pending = [], {node: has}
    scheduler.steal_requested_from_node = node
    scheduler.remove_pending_tests_from_node(node, asked)
    assert (scheduler.pending, node.sent) == (taken, back)
