"""The engine: trains blocks of members chunk by chunk, with one thread per core or with `vmap` on an accelerator.

On a CPU a block is one member. One thread trains it from start to end, so that its parameters and optimizer state
stay in the core's cache, and its result does not depend on other members. On accelerators a block is many members in
one `vmap`-ped program.
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
from trainwell.training.engine.population import Group, Lane, Member, Program, Result
from trainwell.training.engine.program import Best, State, Status

Keep = Callable[[Member, State], PyTree]
"""Returns what to keep of a member at a snapshot. It must copy arrays: the next chunk reuses the state's memory."""


def parameters(member: Member, state: State) -> PyTree:
    """A copy of a member's parameters."""
    del member
    return jax.tree.map(np.array, state.params)


class Block:
    """Members trained together until the next rung, in one program call per chunk.

    A thread creates its state when it starts the block. The state is kept between rungs.
    """

    def __init__(self, program: Program, lanes: Sequence[Lane]) -> None:
        self.program, self.lanes = program, list(lanes)
        self.state: Any = None  # a State, once started

    def start(self, states: Sequence[State]) -> None:
        """Set the members' states. Unused lanes are filled with a stopped copy of the first member."""
        spare = (self.program.lanes or 1) - len(states)
        filler = states[0]._replace(status=np.full((), Status.STOPPED, np.int32))
        self.state = self.program.stack([*states, *[filler] * spare])
        members = [lane.member for lane in self.lanes]
        self.given = self.program.given([*members, *members[:1] * spare])

    def until(self, share: float) -> int:
        """The update at which a share of the budget ends, the same for all members of the block."""
        return self.lanes[0].member.points.at_share(share)

    @property
    def work(self) -> float:
        """Floating-point operations of all members, from start to end."""
        members = (lane.member for lane in self.lanes)
        return sum(member.problem.flops_per_step * member.points.total for member in members)

    def reached(self, until: int) -> bool:
        """Whether every member has reached that update or has stopped."""
        return all(lane.over or lane.step >= until for lane in self.lanes)

    @property
    def step(self) -> int:
        """Updates done by the members that are still training."""
        return self._leader.step

    @property
    def _leader(self) -> Lane:
        return next(lane for lane in self.lanes if not lane.over)

    def keep_snapshots(self, steps: Collection[int], keep: Keep) -> None:
        """Store a snapshot of each member that has done exactly one of these numbers of updates."""
        for i, lane in enumerate(self.lanes):
            if lane.step in steps and lane.step not in dict(lane.snapshots):
                lane.snapshots.append((lane.step, keep(lane.member, self.program.unpacked(self.state_of(i)))))

    def advance(self, until: int) -> None:
        """Run one chunk, at most up to the update `until`, and store its observations."""
        leader = self._leader
        width = self.program.lanes or 1
        plans = [self.program.plan(lane.member, leader.step, leader.observed, until) for lane in self.lanes]
        plan = self.program.stack_plans([*plans, *plans[:1] * (width - len(plans))])
        self.program.compile()  # before the clock starts: compiling does not count as a member's time
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
            if lane.status == Status.SETTLED:
                _mark_last_observation(made, ends, lane)
            lane.seen.append({name: values[i, : len(flags)][made] for name, values in seen.items()})
            lane.observed += int(made.sum())

    def _by_lane(self, values: np.ndarray) -> np.ndarray:
        """Observations with members as the first axis."""
        return values[None] if self.program.lanes is None else values

    def state_of(self, lane: int) -> State:
        """The state of one member, as NumPy arrays."""
        take = np.asarray if self.program.lanes is None else lambda leaf: np.asarray(leaf[lane])
        state: State = jax.tree.map(take, self.state)
        return state

    def result(self, i: int) -> Result:
        """The result of one member."""
        lane, state = self.lanes[i], self.program.unpacked(self.state_of(i))
        source: State | Best = state
        if lane.member.training.keeps_best and isinstance(state.best, Best) and np.isfinite(state.best.value):
            source = state.best
        at_end = lane.status == Status.STOPPED and lane.step == lane.member.points.total  # the budget is used
        status = Status.RUNNING if at_end else lane.status
        return Result(
            lane.member,
            source.params,
            source.carry,
            status,
            lane.step,
            int(source.step),
            lane.history(),
            lane.seconds,
            tuple(lane.snapshots),
        )


def _mark_last_observation(made: np.ndarray, ends: np.ndarray, lane: Lane) -> None:
    """Mark the observation made when the member settled, unless that update has already been observed."""
    piece = int(np.searchsorted(ends, lane.step, side="right"))
    before = ends[made][-1] if made.any() else lane.member.points.steps[lane.observed - 1] if lane.observed else -1
    if piece < len(made) and before < lane.step:
        made[piece] = True


Seen = Mapping[str, np.ndarray]
"""A member's observations so far, by name."""


@dataclass(frozen=True)
class Rungs:
    """When members are compared and pruned during training, and which are kept.

    The kept members resume where they paused, without compiling again. Their results are the same, to the bit, as
    without rungs.

    Args:
        shares: shares of each member's budget, ascending, each in (0, 1). A member pauses at its first observation
            at or after that share.
        survivors: `survivors(rung, traces) -> members to keep`. `rung` is an index into `shares`; `traces` has, by
            member index, the observations so far of every member that is not pruned; a diverged member's trace is
            empty.
    """

    shares: Sequence[float]
    survivors: Callable[[int, Mapping[int, Seen]], Collection[int]]


Initial = Callable[[Member], tuple[PyTree, PyTree]]


@dataclass
class Progress:
    """Functions that the engine calls while it trains, from its threads, one at a time.

    Args:
        on_chunk: called with the members that have just finished a chunk.
        on_compile: called with the number of compiled programs (0 at the start) and the number of all programs.
        on_rung: called with the indices of the members that a rung keeps.
    """

    on_chunk: Callable[[Sequence[Lane]], None] = lambda lanes: None
    on_compile: Callable[[int, int], None] = lambda done, of: None
    on_rung: Callable[[Collection[int]], None] = lambda kept: None


class Engine:
    """Trains groups of members to the end; `results` has a result per finished member, by index.

    Args:
        groups: the population.
        jobs: number of threads; each trains one block at a time.
        lanes: returns a group's number of members per block, or None for single members without `vmap`.
        dtype: of the parameters.
        checkpoints: where states are stored after each chunk.
        initial: returns a member's initial weights; None uses the problem's.
        progress: functions to call during training.
        rungs: when poor members are pruned; None never prunes.
        deadline: a time of `time.monotonic()` after which no chunk starts; unfinished members are then pruned.
        snapshots: updates after which a snapshot of each member is kept.
        keep: makes the snapshots.
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
        self._lanes = [Lane(member) for group in groups for member in group.members]
        of = {lane.member.index: lane for lane in self._lanes}
        starts = [(p, [of[member.index] for member in p.group.members]) for p in programs]
        self._work = deque(block for program, lanes in starts for block in _blocks(program, lanes))
        self._paused: list[Block] = []

    def run(self) -> bool:
        """Train all members; Ctrl-C stops after the running chunks. Returns whether all members are done."""
        self.progress.on_compile(0, self._num_programs)
        for rung, share in enumerate((*self._rungs.shares, 1.0)):
            # Blocks with most work first, so that the cores finish at about the same time.
            self._work = deque(sorted([*self._work, *self._paused], key=lambda block: block.work, reverse=True))
            self._paused = []
            if not self._run_threads(share):
                return False
            if rung < len(self._rungs.shares):
                self._prune(rung)
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
            worker.result()  # raises the thread's exception, if any
        return not self._stop.is_set()

    def _work_through(self, share: float) -> None:
        try:
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
        """Compile all programs before training, in parallel.

        Each thread trains a member of its first program up to the first observation, so that a score is seen early.
        """
        is_first = True
        while not (self._stop.is_set() or self._late()):
            with self._lock:
                if not self._to_compile:
                    return
                program = self._to_compile.popleft()
            program.compile()
            with self._lock:
                self._num_compiled += 1
                self.progress.on_compile(self._num_compiled, self._num_programs)
                early = next((block for block in self._work if is_first and block.program is program), None)
                if not self._to_compile:
                    return
                if early is not None:
                    self._work.remove(early)
            if early is not None:
                self._advance(early, int(early.lanes[0].member.points.steps[0]))
                with self._lock:
                    self._work.appendleft(early)
            is_first = False

    def _train(self, block: Block, until: int) -> None:
        self._advance(block, until)
        if self._stop.is_set() and not block.reached(until):
            return
        done = self._late() or until >= block.until(1.0) or block.reached(block.until(1.0))
        with self._lock:
            if done:
                self._keep(block)
            else:
                self._paused.append(block)

    def _advance(self, block: Block, until: int) -> None:
        if block.state is None:
            members = [lane.member for lane in block.lanes]
            self._start(
                block, [block.program.start(one, self.initial(one) if self.initial else None) for one in members]
            )
        block.keep_snapshots(self._snapshots, self._keep_at)
        while not (block.reached(until) or self._stop.is_set() or self._late()):
            block.advance(min((step for step in self._snapshots if block.step < step < until), default=until))
            block.keep_snapshots(self._snapshots, self._keep_at)
            self.checkpoints.save(block.lanes, block.state)
            with self._lock:
                self.progress.on_chunk(block.lanes)

    def _start(self, block: Block, states: Sequence[State]) -> None:
        """Start a block from its checkpoint, or from the given states if there is none."""
        block.start(states)
        block.state = self.checkpoints.load(block.lanes, block.state)

    def _keep(self, block: Block) -> None:
        """Store the results of a block's members; unfinished members become PRUNED."""
        for i, lane in enumerate(block.lanes):
            if not lane.over:
                lane.status = Status.PRUNED
            self.results[lane.member.index] = block.result(i)

    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _prune(self, rung: int) -> None:
        """Keep the rung's survivors, regrouped into blocks, and store the results of the others."""
        share = self._rungs.shares[rung]
        unpruned = [lane for lane in self._lanes if lane.status != Status.PRUNED]
        traces = {lane.member.index: _trace_at(lane, share) for lane in unpruned}
        kept = set(self._rungs.survivors(rung, traces))
        self.progress.on_rung(kept)
        paused, self._paused = self._paused, []
        survivors: dict[Program, list[tuple[Lane, State]]] = {}
        for block in paused:
            for i, lane in enumerate(block.lanes):
                if lane.over or lane.member.index not in kept:
                    lane.status = lane.status if lane.over else Status.PRUNED
                    self.results[lane.member.index] = block.result(i)
                else:
                    survivors.setdefault(block.program, []).append((lane, block.state_of(i)))
        for program, members in survivors.items():
            states = {lane.member.index: state for lane, state in members}
            for block in _blocks(program, [lane for lane, _ in members]):
                self._start(block, [states[lane.member.index] for lane in block.lanes])
                self._paused.append(block)


def _trace_at(lane: Lane, share: float) -> Seen:
    """A member's observations up to a share of its budget; empty if it diverged."""
    return {} if lane.status == Status.DIVERGED else lane.history(lane.member.points.at_share(share))


def _blocks(program: Program, lanes: Sequence[Lane]) -> list[Block]:
    """Group members into blocks of at most the program's number of lanes; a block's members are observed together."""
    width = program.lanes or 1
    if width > 1:
        lanes = sorted(lanes, key=lambda lane: astuple(lane.member.points))
    blocks = []
    for _, together in groupby(lanes, key=lambda lane: lane.member.points):
        same = tuple(together)
        blocks += [Block(program, same[i : i + width]) for i in range(0, len(same), width)]
    return blocks
