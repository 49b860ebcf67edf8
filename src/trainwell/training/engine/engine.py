"""The engine: blocks of members, trained chunk by chunk, by one thread per core or side by side on a device.

On a CPU a block is one member: one thread trains it from its first update to its last, so that its parameters
and the rule's state stay in the core's cache, and its result depends on nobody else. On accelerators, and for
members too small to be worth a call of their own, a block is many members in one `vmap`-ped program.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import astuple, dataclass
from itertools import groupby
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from trainwell.training.engine.checkpoint import Checkpoints
from trainwell.training.engine.population import Entry, Group, Lane, Program, Result
from trainwell.training.engine.program import DIVERGED, PRUNED, RUNNING, SETTLED, STOPPED, Best, State

Keep = Callable[[Entry, State], PyTree]
"""What is kept of a member at a snapshot: arrays of their own, since the next chunk takes the state's memory over."""


def parameters(entry: Entry, state: State) -> PyTree:
    """A copy of a member's parameters."""
    del entry
    return jax.tree.map(np.array, state.params)


class Block:
    """Some members of a group that run in one program call, from the start, or the last rung, to the next.

    Its state is made when a thread takes it up, and kept between rungs.
    """

    def __init__(self, program: Program, lanes: Sequence[Lane]) -> None:
        self.program, self.lanes = program, list(lanes)
        self.state: Any = None  # a State, once started

    def start(self, states: Sequence[State]) -> None:
        """Take up the lanes' states; where lanes are missing, the first one's stands still in their place."""
        spare = (self.program.lanes or 1) - len(states)
        filler = states[0]._replace(status=np.full((), STOPPED, np.int32))
        self.state = self.program.stack([*states, *[filler] * spare])
        entries = [lane.entry for lane in self.lanes]
        self.given = self.program.given([*entries, *entries[:1] * spare])

    def until(self, share: float) -> int:
        """The update at which a share of the budget ends; all lanes have the same points."""
        return self.lanes[0].entry.points.at_share(share)

    @property
    def work(self) -> float:
        """Floating-point operations of its members' whole training."""
        entries = (lane.entry for lane in self.lanes)
        return sum(entry.problem.flops_per_step * entry.points.total for entry in entries)

    def reached(self, until: int) -> bool:
        """Whether no member has anything left to do before that update."""
        return all(lane.over or lane.step >= until for lane in self.lanes)

    @property
    def step(self) -> int:
        """Updates done by the members that have something left to do."""
        return self._leader.step

    @property
    def _leader(self) -> Lane:
        return next(lane for lane in self.lanes if not lane.over)

    def keep_snapshots(self, steps: Collection[int], keep: Keep) -> None:
        """Keep what is asked for of the members that stand at one of these updates."""
        for i, lane in enumerate(self.lanes):
            if lane.step in steps and lane.step not in dict(lane.snapshots):
                lane.snapshots.append((lane.step, keep(lane.entry, self.state_of(i))))

    def advance(self, until: int) -> None:
        """Run one chunk, up to the update `until` at most, and take in what was observed."""
        leader = self._leader
        width = self.program.lanes or 1
        plans = [self.program.plan(lane.entry, leader.step, leader.observed, until) for lane in self.lanes]
        plan = self.program.stack_plans([*plans, *plans[:1] * (width - len(plans))])
        self.program.compile()  # or wait for the thread that does: it is no member's time
        started = perf_counter()
        self.state, trace = self.program(self.state, self.given, plan)
        steps, statuses = np.atleast_1d(self.state.step), np.atleast_1d(self.state.status)
        seen = {name: self._by_lane(np.asarray(values)) for name, values in trace.items()}
        each = (perf_counter() - started) / sum(not lane.over for lane in self.lanes)
        pieces = int(plan.pieces)
        flags, ends = plan.observe[:pieces], leader.step + np.cumsum(plan.lengths[:pieces])
        for i, lane in enumerate(self.lanes):
            if lane.over:
                continue
            lane.step, lane.status = int(steps[i]), int(statuses[i])
            lane.seconds += each
            made = flags & (ends <= lane.step)
            if lane.status == SETTLED:
                _take_in_the_last(made, ends, lane)
            lane.seen.append({name: values[i, : len(flags)][made] for name, values in seen.items()})
            lane.observed += int(made.sum())

    def _by_lane(self, values: np.ndarray) -> np.ndarray:
        """Observations with the lanes as their first axis."""
        return values[None] if self.program.lanes is None else values

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
        return Result(
            lane.entry,
            source.params,
            source.carry,
            status,
            lane.step,
            int(source.step),
            lane.history(),
            lane.seconds,
            tuple(lane.snapshots),
        )


def _take_in_the_last(made: np.ndarray, ends: np.ndarray, lane: Lane) -> None:
    """Count the observation of the piece in which a member settled, unless there is one of the same update."""
    piece = int(np.searchsorted(ends, lane.step, side="right"))
    before = ends[made][-1] if made.any() else lane.entry.points.steps[lane.observed - 1] if lane.observed else -1
    if piece < len(made) and before < lane.step:
        made[piece] = True


Seen = Mapping[str, np.ndarray]
"""A member's observations so far, by name."""


@dataclass(frozen=True)
class Rungs:
    """When to look at a population, and who goes on.

    Members are neither trained again nor compiled again for it: those that go on do so from where they stopped, and
    end with the same bits as if they had never been looked at.

    Args:
        shares: of each member's budget, ascending, each in (0, 1); a member is looked at by its first observation
            at or after that share.
        survivors: told the rung's place in `shares` and the observations up to it of every member that is still in,
            by index (those that stopped early, too; of diverged ones nothing); returns the indices that go on.
    """

    shares: Sequence[float]
    survivors: Callable[[int, Mapping[int, Seen]], Collection[int]]


Initial = Callable[[Entry], tuple[PyTree, PyTree]]


@dataclass
class Progress:
    """What the engine tells while it works; called from its threads, one at a time."""

    on_chunk: Callable[[Sequence[Lane]], None] = lambda lanes: None
    on_compile: Callable[[int, int], None] = lambda done, of: None
    on_rung: Callable[[Collection[int]], None] = lambda going_on: None


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
        rungs: when poor members are taken out.
        deadline: `time.monotonic()` after which no chunk is begun: members that are not done are taken out.
        snapshots: updates after which something of each member is kept.
        keep: what is kept.
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
        rungs: Rungs | None = None,
        deadline: float | None = None,
        snapshots: Collection[int] = (),
        keep: Keep = parameters,
    ) -> None:
        self.jobs, self.checkpoints, self.initial, self.progress = jobs, checkpoints, initial, progress
        self.results: dict[int, Result] = {}
        self._rungs, self._deadline = rungs or Rungs((), lambda rung, seen: seen), deadline
        self._snapshots, self._keep_at = frozenset(snapshots), keep
        self._lock = threading.Lock()
        self._stop = threading.Event()
        programs = [Program(group, lanes(group), dtype) for group in groups]
        self._to_compile = deque(programs)
        self._num_programs, self._num_compiled = len(programs), 0
        self._lanes = [Lane(entry) for group in groups for entry in group.entries]
        of = {lane.entry.index: lane for lane in self._lanes}
        starts = [(p, [of[entry.index] for entry in p.group.entries]) for p in programs]
        self._work = deque(block for program, lanes in starts for block in _blocks(program, lanes))
        self._paused: list[Block] = []

    def run(self) -> bool:
        """Train; Ctrl-C finishes the chunks under way. Returns whether all members are done."""
        for rung, share in enumerate((*self._rungs.shares, 1.0)):
            # The longest members first, so that no core is left waiting for one at the end.
            self._work = deque(sorted([*self._work, *self._paused], key=lambda block: block.work, reverse=True))
            self._paused = []
            if not self._run_threads(share):
                return False
            if rung < len(self._rungs.shares):
                self._take_out(rung)
        return True

    def _run_threads(self, share: float) -> bool:
        threads = min(self.jobs, len(self._work)) or 1
        with ThreadPoolExecutor(threads) as pool:
            workers = [pool.submit(self._work_through, share) for _ in range(threads)]
            try:
                wait(workers)
            except KeyboardInterrupt:
                self._stop.set()
        for worker in workers:
            worker.result()  # raises what went wrong in it
        return not self._stop.is_set()

    def _work_through(self, share: float) -> None:
        try:
            if self._deadline is None:  # else a program at a time, so that some members get somewhere
                self._compile_all()
            while not self._stop.is_set():
                with self._lock:
                    if not self._work:
                        return
                    block = self._work.popleft()
                self._train(block, block.until(share))
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

    def _train(self, block: Block, until: int) -> None:
        if block.state is None:
            entries = [lane.entry for lane in block.lanes]
            self._start(
                block, [block.program.start(one, self.initial(one) if self.initial else None) for one in entries]
            )
        block.keep_snapshots(self._snapshots, self._keep_at)
        while not (block.reached(until) or self._stop.is_set() or self._late()):
            block.advance(min((step for step in self._snapshots if block.step < step < until), default=until))
            block.keep_snapshots(self._snapshots, self._keep_at)
            self.checkpoints.save(block.lanes, block.state)
            with self._lock:
                self.progress.on_chunk(block.lanes)
        if self._stop.is_set() and not block.reached(until):
            return
        done = self._late() or until >= block.until(1.0) or block.reached(block.until(1.0))
        with self._lock:
            if done:
                self._keep(block)
            else:
                self._paused.append(block)

    def _start(self, block: Block, states: Sequence[State]) -> None:
        """Give a block its states, or those of its checkpoint."""
        block.start(states)
        block.state = self.checkpoints.load(block.lanes, block.state)

    def _keep(self, block: Block) -> None:
        """Results of a block's members; one that is not done was taken out."""
        for i, lane in enumerate(block.lanes):
            if not lane.over:
                lane.status = PRUNED
            self.results[lane.entry.index] = block.result(i)

    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _take_out(self, rung: int) -> None:
        """Let the rung's survivors go on; members of blocks with several lanes move together."""
        share = self._rungs.shares[rung]
        inside = [lane for lane in self._lanes if lane.status != PRUNED]
        seen = {lane.entry.index: _standing(lane, share) for lane in inside}
        stay = set(self._rungs.survivors(rung, seen))
        self.progress.on_rung(stay)
        paused, self._paused = self._paused, []
        staying: dict[Program, list[tuple[Lane, State]]] = {}
        for block in paused:
            for i, lane in enumerate(block.lanes):
                if lane.over or lane.entry.index not in stay:
                    lane.status = lane.status if lane.over else PRUNED
                    self.results[lane.entry.index] = block.result(i)
                else:
                    staying.setdefault(block.program, []).append((lane, block.state_of(i)))
        for program, members in staying.items():
            states = {lane.entry.index: state for lane, state in members}
            for block in _blocks(program, [lane for lane, _ in members]):
                self._start(block, [states[lane.entry.index] for lane in block.lanes])
                self._paused.append(block)


def _standing(lane: Lane, share: float) -> Seen:
    """What a member shows at a rung: nothing if it diverged, even where its last observation was still finite."""
    return {} if lane.status == DIVERGED else lane.history(lane.entry.points.at_share(share))


def _blocks(program: Program, lanes: Sequence[Lane]) -> list[Block]:
    """Cut members into blocks of as many as their program has lanes; those of one block share their plan."""
    width = program.lanes or 1
    if width > 1:
        lanes = sorted(lanes, key=lambda lane: astuple(lane.entry.points))
    blocks = []
    for _, together in groupby(lanes, key=lambda lane: lane.entry.points):
        same = tuple(together)
        blocks += [Block(program, same[i : i + width]) for i in range(0, len(same), width)]
    return blocks
