"""The engine: blocks of members, trained chunk by chunk, by one thread per core or side by side on a device.

On a CPU a block is one member: one thread trains it from its first update to its last, so that its parameters
and the rule's state stay in the core's cache, and its result depends on nobody else. On accelerators, and for
members too small to be worth a call of their own, a block is many members in one `vmap`-ped program.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from trainwell.training.checkpoint import Checkpoints
from trainwell.training.compiled import Program
from trainwell.training.population import Entry, Group
from trainwell.training.program import RUNNING, STOPPED, Best, State

Initial = Callable[[Entry], tuple[PyTree, PyTree]]


@dataclass
class Lane:
    """A member in training, on the host's side."""

    entry: Entry
    seen: list[dict[str, np.ndarray]] = field(default_factory=list)  # one per chunk
    observed: int = 0
    step: int = 0
    status: int = RUNNING

    @property
    def over(self) -> bool:
        """Whether it has nothing left to do."""
        return self.status != RUNNING or self.observed >= self.entry.points.count

    def history(self) -> dict[str, np.ndarray]:
        """All that was observed, by name."""
        names = self.seen[0] if self.seen else {}
        return {name: np.concatenate([chunk[name] for chunk in self.seen]) for name in names}

    def restore(self, seen: dict[str, np.ndarray], *, step: int, observed: int, status: int) -> None:
        """Go on from where a checkpoint was taken."""
        self.seen, self.step, self.observed, self.status = [seen], step, observed, status


@dataclass(frozen=True, eq=False)
class Result:
    """A member after training.

    Attributes:
        entry: the member.
        params: final parameters, or those of the best observation if the recipe restores them.
        carry: running statistics that belong to them.
        status: RUNNING (trained to the end), STOPPED (early) or DIVERGED.
        steps: updates done.
        best_step: update whose parameters these are.
        seen: observed values by name, one entry per observation.
    """

    entry: Entry
    params: PyTree
    carry: PyTree
    status: int
    steps: int
    best_step: int
    seen: dict[str, np.ndarray]


class Block:
    """Some members of a group that run in one program call."""

    def __init__(self, program: Program, lanes: Sequence[Lane], states: Sequence[State]) -> None:
        self.program, self.lanes = program, list(lanes)
        spare = (program.lanes or 1) - len(states)
        filler = states[0]._replace(status=np.full((), STOPPED, np.int32))
        self.state: State = program.stack([*states, *[filler] * spare])
        entries = [lane.entry for lane in self.lanes]
        self.given = program.given([*entries, *entries[:1] * spare])

    def advance(self) -> None:
        """Run one chunk and take in what was observed."""
        leader = next(lane for lane in self.lanes if not lane.over)
        width = self.program.lanes or 1
        plans = [self.program.plan(lane.entry, leader.step, leader.observed) for lane in self.lanes]
        plan = self.program.stack_plans([*plans, *plans[:1] * (width - len(plans))])
        self.state, trace = self.program(self.state, self.given, plan)
        steps, statuses = np.atleast_1d(self.state.step), np.atleast_1d(self.state.status)
        seen = {name: np.asarray(values).reshape(width, -1) for name, values in trace.items()}
        pieces = int(plan.pieces)
        flags, ends = plan.observe[:pieces], leader.step + np.cumsum(plan.lengths[:pieces])
        for i, lane in enumerate(self.lanes):
            if lane.over:
                continue
            lane.step, lane.status = int(steps[i]), int(statuses[i])
            made = flags & (ends <= lane.step)
            lane.seen.append({name: values[i, : len(flags)][made] for name, values in seen.items()})
            lane.observed += int(made.sum())

    def state_of(self, lane: int) -> State:
        """One member's state, on the host."""
        take = np.asarray if self.program.lanes is None else lambda leaf: np.asarray(leaf[lane])
        state: State = jax.tree.map(take, self.state)
        return state

    def result(self, i: int) -> Result:
        """One member after training."""
        lane, state = self.lanes[i], self.state_of(i)
        source: State | Best = state
        if lane.entry.recipe.keeps_best and isinstance(state.best, Best) and np.isfinite(state.best.value):
            source = state.best
        whole = lane.status == STOPPED and lane.step == lane.entry.points.total  # its patience ended with its budget
        status = RUNNING if whole else lane.status
        return Result(lane.entry, source.params, source.carry, status, lane.step, int(source.step), lane.history())


@dataclass
class Progress:
    """What the engine tells while it works; called from its threads, one at a time."""

    on_chunk: Callable[[Sequence[Lane]], None] = lambda lanes: None
    on_compile: Callable[[int, int], None] = lambda done, of: None


class Engine:
    """Trains groups of members to the end; `results` holds those that are done.

    Args:
        groups: the population.
        jobs: number of threads; each works on one block at a time.
        lanes: members per block for a group, None for one member without `vmap`.
        dtype: of the parameters.
        checkpoints: where states are kept between chunks.
        initial: weights to start from in place of the problem's.
        progress: whom to tell.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        *,
        jobs: int,
        lanes: Callable[[Group], int | None],
        dtype: Any,
        checkpoints: Checkpoints,
        initial: Initial | None,
        progress: Progress,
    ) -> None:
        self.jobs, self.checkpoints, self.initial, self.progress = jobs, checkpoints, initial, progress
        self.results: dict[int, Result] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        programs = [Program(group, lanes(group), dtype) for group in groups]
        self._to_compile = deque(programs)
        self._num_programs, self._num_compiled = len(programs), 0
        # The longest members first, so that no core is left waiting for one at the end.
        self._work = deque(sorted(_cut(programs), key=_cost, reverse=True))

    def run(self) -> bool:
        """Train; Ctrl-C finishes the chunks under way. Returns whether all members are done."""
        threads = min(self.jobs, len(self._work))
        with ThreadPoolExecutor(threads) as pool:
            workers = [pool.submit(self._work_through) for _ in range(threads)]
            try:
                wait(workers)
            except KeyboardInterrupt:
                self._stop.set()
        for worker in workers:
            worker.result()  # raises what went wrong in it
        return not self._stop.is_set()

    def _work_through(self) -> None:
        try:
            self._compile_all()
            while not self._stop.is_set():
                with self._lock:
                    if not self._work:
                        return
                    program, entries = self._work.popleft()
                self._train(program, entries)
        except BaseException:
            self._stop.set()
            raise

    def _compile_all(self) -> None:
        """Compile before training: every thread takes a program, so that none waits for another's at the end."""
        while not self._stop.is_set():
            with self._lock:
                if not self._to_compile:
                    return
                program = self._to_compile.popleft()
            program.compile()
            with self._lock:
                self._num_compiled += 1
                self.progress.on_compile(self._num_compiled, self._num_programs)

    def _train(self, program: Program, entries: Sequence[Entry]) -> None:
        lanes = [Lane(entry) for entry in entries]
        states = [program.start(entry, self.initial(entry) if self.initial else None) for entry in entries]
        block = Block(program, lanes, states)
        block.state = self.checkpoints.load(lanes, block.state)
        while not all(lane.over for lane in lanes) and not self._stop.is_set():
            block.advance()
            self.checkpoints.save(lanes, block.state)
            with self._lock:
                self.progress.on_chunk(lanes)
        with self._lock:
            self.results.update({lane.entry.index: block.result(i) for i, lane in enumerate(lanes) if lane.over})


def _cut(programs: Sequence[Program]) -> list[tuple[Program, tuple[Entry, ...]]]:
    """Cut each group into blocks of as many members as its program has lanes."""
    blocks = []
    for program in programs:
        entries, width = program.group.entries, program.lanes or 1
        if width > 1:  # lanes share their plan
            entries = tuple(
                sorted(entries, key=lambda entry: (entry.points.total, entry.points.first, entry.points.every))
            )
        for _, together in groupby(entries, key=lambda entry: entry.points):
            same = tuple(together)
            blocks += [(program, same[i : i + width]) for i in range(0, len(same), width)]
    return blocks


def _cost(block: tuple[Program, tuple[Entry, ...]]) -> float:
    """Floating-point operations of a block."""
    return sum(entry.problem.flops_per_step * entry.points.total for entry in block[1])
