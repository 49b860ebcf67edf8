"""How workers share the tests: by files, so that what a module's fixture makes is made by one of them."""

from collections.abc import Sequence

from xdist.scheduler import WorkStealingScheduling
from xdist.workermanage import WorkerController


class WholeFiles(WorkStealingScheduling):
    """A worker that has nothing left takes about half of the tests of another, in whole files.

    A file is divided only where all tests that were asked for are of files of which the other keeps a part.
    """

    def _send_tests(self, node: WorkerController, num: int) -> None:
        while 0 < num < len(self.pending) and self._file(self.pending[num]) == self._file(self.pending[num - 1]):
            num += 1
        super()._send_tests(node, num)

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Take tests from a worker, but for those of a file of which it keeps some: these it gets back."""
        asked = set(indices)
        kept = {self._file(index) for index in self.node2pending[node] if index not in asked}
        taken = [index for index in indices if self._file(index) not in kept] or indices
        super().remove_pending_tests_from_node(node, taken)
        if returned := [index for index in indices if index not in taken]:
            node.send_runtest_some(returned)

    def _file(self, index: int) -> str:
        assert self.collection is not None
        return self.collection[index].partition("::")[0]
