"""Blocks: some members of a group in one program call, one on a CPU, many side by side elsewhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import jax
import numpy as np
from jaxtyping import PyTree

from trainwell.training.engine.compiled import Program
from trainwell.training.engine.population import Entry
from trainwell.training.engine.program import RUNNING, SETTLED, STOPPED, Best, State


@dataclass
class Lane:
    """A member in training, on the host's side."""

    entry: Entry
    seen: list[dict[str, np.ndarray]] = field(default_factory=list)  # one per chunk
    observed: int = 0
    step: int = 0
    status: int = RUNNING
    seconds: float = 0.0
    snapshots: list[tuple[int, PyTree]] = field(default_factory=list)  # update and parameters, as they were asked for

    @property
    def over(self) -> bool:
        """Whether it has nothing left to do."""
        return self.status != RUNNING or self.observed >= self.entry.points.count

    def history(self, until: int | None = None) -> dict[str, np.ndarray]:
        """All that was observed, by name; on request only up to an update."""
        seen_at = np.minimum(self.entry.points.steps[: self.observed], self.step)  # one that settled was seen there
        count = None if until is None else int(np.searchsorted(seen_at, until, side="right"))
        names = self.seen[0] if self.seen else {}
        return {name: np.concatenate([chunk[name] for chunk in self.seen])[:count] for name in names}

    def restore(self, seen: dict[str, np.ndarray], *, step: int, observed: int, status: int, seconds: float) -> None:
        """Go on from where a checkpoint was taken."""
        self.seen, self.step, self.observed, self.status, self.seconds = [seen], step, observed, status, seconds


@dataclass(frozen=True, eq=False)
class Result:
    """A member after training.

    Attributes:
        entry: the member.
        params: final parameters, or those of the best observation if the recipe restores them.
        carry: running statistics that belong to them.
        status: RUNNING (trained to the end), STOPPED (by its patience), DIVERGED, PRUNED or SETTLED.
        steps: updates done.
        best_step: update whose parameters these are.
        seen: observed values by name, one entry per observation.
        seconds: that its chunks took; a share of its block's.
        snapshots: updates at which they were asked for, ascending, and the parameters then.
    """

    entry: Entry
    params: PyTree
    carry: PyTree
    status: int
    steps: int
    best_step: int
    seen: dict[str, np.ndarray]
    seconds: float
    snapshots: tuple[tuple[int, PyTree], ...] = ()

    @property
    def observed_steps(self) -> np.ndarray:
        """Updates done at each observation; that of a member that settled was made where it did."""
        count = len(next(iter(self.seen.values()), ()))
        return np.asarray(np.minimum(self.entry.points.steps[:count], self.steps))


class Block:
    """Some members of a group that run in one program call."""

    def __init__(self, program: Program, lanes: Sequence[Lane], states: Sequence[State]) -> None:
        self.program, self.lanes = program, list(lanes)
        spare = (program.lanes or 1) - len(states)
        filler = states[0]._replace(status=np.full((), STOPPED, np.int32))
        self.state: State = program.stack([*states, *[filler] * spare])
        entries = [lane.entry for lane in self.lanes]
        self.given = program.given([*entries, *entries[:1] * spare])

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

    def keep_snapshots(self, steps: Collection[int]) -> None:
        """Copy the parameters of the members that stand at one of these updates."""
        for i, lane in enumerate(self.lanes):
            if lane.step in steps and lane.step not in dict(lane.snapshots):
                # A view into the state would not outlive the next chunk, which takes its memory over.
                params = jax.tree.map(np.array, self._of_lane(self.state.params, i))
                lane.snapshots.append((lane.step, params))

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
        state: State = self._of_lane(self.state, lane)
        return state

    def _of_lane(self, tree: PyTree, lane: int) -> PyTree:
        take = np.asarray if self.program.lanes is None else lambda leaf: np.asarray(leaf[lane])
        return jax.tree.map(take, tree)

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
