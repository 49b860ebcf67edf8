"""A population: members, their numbers, and groups of members that share a compiled program."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, PyTree

from trainwell.core import METRICS, RecipeError, fingerprint
from trainwell.optim import RULES, RuleSpec, Schedule, Slots
from trainwell.training.engine.order import Points
from trainwell.training.engine.packing import Packing
from trainwell.training.engine.problem import Problem
from trainwell.training.engine.program import (
    COHORT,
    Best,
    Chunk,
    Given,
    Limits,
    Parts,
    Plan,
    State,
    Status,
    slots_of_each,
    update_of,
)
from trainwell.training.recipe.training_settings import TrainingSettings

TRIED = 101  # points in time at which a schedule is checked before training


@dataclass(frozen=True, eq=False)
class Member:
    """One network of a population, or whatever else its problem minimises.

    Attributes:
        training: how it is trained.
        seed: seed of its initial parameters, the order of its rows and its noise.
        problem: what it minimises.
        index: its position in the population.
    """

    training: TrainingSettings
    seed: int
    problem: Problem
    index: int = 0

    @property
    def rule(self) -> RuleSpec:
        """Its update rule."""
        return RULES[self.training.optimizer]

    @cached_property
    def points(self) -> Points:
        """When the member is observed."""
        return Points.of(self.training, self.problem.steps_per_epoch)

    @cached_property
    def tracks_best(self) -> str | None:
        """Name of the metric that early stopping watches; None without early stopping or restoring the best weights."""
        return f"{self.problem.metric}/validation" if self.training.watches_metric else None

    @cached_property
    def _numbers(self) -> dict[str, float]:
        return self.training.rule_numbers

    @cached_property
    def hyper(self) -> dict[str, float]:
        """The rule's hyperparameters without the learning rate."""
        return {name: value for name, value in self._numbers.items() if name != "learning_rate"}

    @property
    def structural(self) -> tuple[tuple[str, Any], ...]:
        """Hyperparameters that are compiled in; for a user's rule also those that its settings leave unset."""
        rule = self.rule
        open_ones = {name for name in rule.hyperparameters if rule.own and self.training.number(name) is None}
        return tuple((name, self.hyper[name]) for name in sorted(rule.structural | open_ones))

    def limits(self, dtype: Any) -> Limits:
        """The member's numbers for early stopping, clipping and rates per layer, in the parameters' dtype."""
        training = self.training
        return Limits(
            patience=np.asarray(training.patience or np.iinfo(np.int32).max, np.int32),
            sign=np.asarray(-METRICS[self.problem.metric].sign, dtype),
            clip_norm=np.asarray(training.clip_norm or 0.0, dtype),
            gradient_tolerance=np.asarray(training.gradient_tolerance or 0.0, dtype),
            layer_learning_rates=np.asarray(training.layer_learning_rates or (1.0,), dtype),
        )

    def learning_rates(self, first: int, count: int) -> Float[np.ndarray, " count"]:
        """The learning rate of each of the updates `first` to `first + count - 1`."""
        times = (first + np.arange(count)) / self.problem.steps_per_epoch
        return self._numbers["learning_rate"] * self._schedule(times)

    @cached_property
    def _schedule(self) -> Schedule:
        epochs = self.points.total / self.problem.steps_per_epoch
        made = self.training.schedule_over(epochs)
        made(np.linspace(0, epochs, TRIED))  # a user's schedule that fails late raises now, not during training
        return made


@dataclass
class Lane:
    """A member in training: its progress and observations, on the host."""

    member: Member
    seen: list[dict[str, np.ndarray]] = field(default_factory=list)  # one per chunk
    observed: int = 0
    step: int = 0
    status: int = Status.RUNNING
    seconds: float = 0.0
    snapshots: list[tuple[int, PyTree]] = field(default_factory=list)  # update and what was kept after it

    @property
    def over(self) -> bool:
        """Whether the member's training has ended."""
        return self.status != Status.RUNNING or self.observed >= self.member.points.count

    def history(self, until: int | None = None) -> dict[str, np.ndarray]:
        """The member's observations by name, each `[T]`; up to the update `until` if given."""
        seen_at = np.minimum(self.member.points.steps[: self.observed], self.step)  # a settled member's last is earlier
        count = None if until is None else int(np.searchsorted(seen_at, until, side="right"))
        names = self.seen[0] if self.seen else {}
        return {name: np.concatenate([chunk[name] for chunk in self.seen])[:count] for name in names}

    def restore(self, seen: dict[str, np.ndarray], *, step: int, observed: int, status: int, seconds: float) -> None:
        """Resume from a checkpoint."""
        self.seen, self.step, self.observed, self.status, self.seconds = [seen], step, observed, status, seconds


@dataclass(frozen=True, eq=False)
class Result:
    """A member after training.

    Attributes:
        member: the member.
        params: final parameters, or those of the best observation if the member restores them.
        carry: running statistics that belong to these parameters.
        status: a `Status`; RUNNING means trained to the end.
        steps: updates done.
        best_step: the update after which the parameters had these values.
        seen: observed values by name, one entry per observation.
        seconds: time of its chunks; of a block's time, an equal share per member.
        snapshots: pairs of an update, ascending, and what was kept after it (by default the parameters).
    """

    member: Member
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
        """Updates done at each observation."""
        count = len(next(iter(self.seen.values()), ()))
        return np.asarray(np.minimum(self.member.points.steps[:count], self.steps))


@dataclass(frozen=True, eq=False)
class Group:
    """Members that share one compiled program."""

    problem: Problem
    parts: Parts
    members: tuple[Member, ...]


def group(members: Sequence[Member], *, mixes: Callable[[Problem], bool], rules: Collection[str] = ()) -> list[Group]:
    """Sort members into groups of equal structure.

    Args:
        members: all members.
        mixes: returns whether one program of this problem may contain several built-in rules. Without `vmap` this
            costs nothing; under `vmap` every member would compute all rules.
        rules: names of further rules to compile into shared programs.

    Returns:
        The groups, in the order of their first members.
    """
    found: dict[Any, list[Member]] = {}
    data = [member.problem.data for member in members]  # keeps the objects alive, so that their ids stay unique
    for member, own in zip(members, data, strict=True):
        spec, training = member.rule, member.training
        shared = mixes(member.problem) and _shares_program(spec)
        extras = (
            training.clip_norm is not None,
            training.layer_learning_rates is not None,
            member.tracks_best,
            training.gradient_tolerance is not None,
            member.structural,
        )
        found.setdefault((member.problem.structure, id(own), None if shared else spec.name, extras), []).append(member)
    groups = []
    beside = {name for name in rules if _shares_program(RULES[name])}
    for (*_, alone, extras), members in found.items():
        names = {member.training.optimizer for member in members} | (beside if alone is None else set())
        groups.append(Group(members[0].problem, Parts(tuple(sorted(names)), *extras), tuple(members)))
    return groups


def _shares_program(spec: RuleSpec) -> bool:
    return spec.shares_slots and not spec.needs_lookahead


CHUNK_FLOPS = 2e10  # a few tenths of a second on one core: the most that a killed process loses
MAX_STEPS = 8192
MAX_SEGMENTS = 512
MAX_ORDER_BYTES = 1 << 22


class Executable:
    """A program that is compiled on first use."""

    def __init__(self) -> None:
        self._compiled: Callable[..., Any] | None = None
        self._lock = Lock()

    def get(self, build: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """The compiled program; other threads wait while the first one builds it."""
        with self._lock:
            if self._compiled is None:
                self._compiled = build()
            return self._compiled


_executables: dict[Any, Executable] = {}
_executables_lock = Lock()


class Program:
    """A group's chunk as a program for single members (`lanes` is None), or for `lanes` members under `vmap`.

    Groups of equal structure share the compiled program, also in later calls of `train`.
    """

    def __init__(self, group: Group, lanes: int | None, dtype: Any) -> None:
        self.group, self.lanes, self.dtype = group, lanes, dtype
        batch = group.problem.order(0, 0, 1).shape[1]
        most = min(CHUNK_FLOPS / group.problem.flops_per_step, MAX_ORDER_BYTES / (4 * max(batch, 1)), MAX_STEPS)
        # Updates and pieces per call: few enough for short calls, enough for little overhead. They depend on the
        # structure only, so that groups of equal structure share programs.
        self.most_steps = 1 << int(np.log2(max(most, 1)))
        self.most_segments = min(self.most_steps, MAX_SEGMENTS)
        self._empty_slots: PyTree = None
        rules = [RULES[name] for name in group.parts.rules]
        built_from = (type(group.problem), group.problem.structure, group.parts, *map(_identity, rules))
        key = (*built_from, lanes, np.dtype(dtype).name, _shapes(group.problem.data))
        with _executables_lock:
            self.executable = _executables.setdefault(key, Executable())

    def compile(self) -> Callable[..., Any]:
        """The compiled program; traces and compiles it on the first call."""

        def build() -> Callable[..., Any]:
            arguments = self.arguments(self.group.members[:1] * (self.lanes or 1))
            compiled: Callable[..., Any] = self._jitted().lower(*arguments).compile()
            return compiled

        return self.executable.get(build)

    def __call__(self, state: State, given: Given, plan: Plan) -> tuple[State, dict[str, Any]]:
        """Run one chunk; the state is donated."""
        result: tuple[State, dict[str, Any]] = self.compile()(state, given, plan)
        return result

    def start(self, member: Member, initial: tuple[PyTree, PyTree] | None = None) -> State:
        """A member's state before its first update, as NumPy arrays."""
        params, carry = member.problem.init(member.seed) if initial is None else initial
        params = self.packing.pack(params)
        best: Any = ()
        zero = np.zeros((), self.dtype)
        if self.group.parts.tracks_best is not None:
            count = np.zeros((), np.int32)
            best = Best(params, carry, np.asarray(np.inf, self.dtype), count, count)
        slots = self._slots(params)
        return State(params, carry, slots, best, np.zeros((), np.int32), np.zeros((), np.int32), zero, zero)

    @cached_property
    def packing(self) -> Packing:
        """How the parameters of its states are packed."""
        params, _ = self.group.problem.init(0)
        elementwise = _shares_program(self._specs[0]) and not self.group.parts.scales_layers
        return Packing.of(params, self.dtype) if elementwise and not self.group.problem.cohort else Packing.none(params)

    def unpacked(self, state: State) -> State:
        """A state with the parameters as the problem has them; the rule's slots stay packed."""
        best = state.best
        if isinstance(best, Best):
            best = best._replace(params=self.packing.unpack(best.params))
        return state._replace(params=self.packing.unpack(state.params), best=best)

    def given(self, members: Sequence[Member]) -> Given:
        """The problem's data, shared by all lanes, and the numbers of each lane's member."""
        names = sorted({name for spec in self._specs for name in spec.hyperparameters})
        # All members need the same names; 0.5 stands for numbers that a member's rule does not use.
        hyper = [{name: np.asarray(one.hyper.get(name, 0.5), self.dtype) for name in names} for one in members]
        return Given(
            self.group.problem.data,
            self.stack([one.problem.numbers(one.seed) for one in members]),
            self.stack(hyper),
            self.stack([one.limits(self.dtype) for one in members]),
            np.int32(self.group.parts.rules.index(members[0].training.optimizer)),
        )

    def plan(self, member: Member, step: int, observed: int, until: int) -> Plan:
        """A member's next call, at most up to the update `until`: its rows, learning rates and pieces."""
        S, E = self.most_steps, self.most_segments
        lengths, observe = member.points.segments(step, min(S, until - step), E, observed)
        count = int(lengths.sum())
        rows = member.problem.order(member.seed, step, max(count, 1))
        return Plan(
            _padded(rows, S),
            _padded(member.learning_rates(step, count).astype(self.dtype), S),
            _padded(lengths, E),
            _padded(observe, E),
            np.int32(len(lengths)),
        )

    def arguments(self, members: Sequence[Member]) -> tuple[State, Given, Plan]:
        """Arguments of a first call, from which the program is compiled."""
        state, S = self.stack([self.start(member) for member in members]), self.most_steps
        return state, self.given(members), self.stack_plans([self.plan(member, 0, 0, S) for member in members])

    def stack(self, trees: Sequence[PyTree]) -> PyTree:
        """Stack the lanes' trees along a new first axis; without lanes return the only tree unchanged."""
        if self.lanes is None:
            return trees[0]
        return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *trees)

    def stack_plans(self, plans: Sequence[Plan]) -> Plan:
        """Stack the lanes' rows and learning rates; all lanes share the first plan's pieces."""
        if self.lanes is None:
            return plans[0]
        rows, rates = (np.stack([plan[i] for plan in plans]) for i in (0, 1))
        return plans[0]._replace(order=rows, learning_rates=rates)

    @property
    def _specs(self) -> list[RuleSpec]:
        return [RULES[name].with_fixed(**dict(self.group.parts.structural)) for name in self.group.parts.rules]

    def _slots(self, params: PyTree) -> PyTree:
        if not self._specs[0].shares_slots:
            try:
                return jax.tree.map(np.asarray, self._init_of(self._specs[0])(params))
            except TypeError as error:
                name = self._specs[0].name
                raise RecipeError(f"the state of the optimizer '{name}' must be a tree of arrays: {error}") from error
        if self._empty_slots is None:
            # All slots of built-in rules start at zero. The state has every slot that some rule of the program uses.
            shapes = zip(*(jax.eval_shape(self._init_of(spec), params) for spec in self._specs), strict=True)
            largest = Slots(*(max(slot, key=lambda tree: len(jax.tree.leaves(tree))) for slot in shapes))
            self._empty_slots = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), largest)
        return self._empty_slots

    def _init_of(self, spec: RuleSpec) -> Callable[[PyTree], Any]:
        """The function that makes a rule's initial state; for a cohort, of each of its points."""
        init: Callable[[PyTree], Any] = spec.build().init
        if self.group.problem.cohort:
            init = jax.vmap(init, in_axes=COHORT, out_axes=slots_of_each([spec]))
        return init

    def _jitted(self) -> Any:
        chunk: Callable[..., Any] = Chunk(
            self.group.problem,
            self.group.parts,
            update_of(self._specs, packed=self.packing.packs),
            self._eval_point(),
            self.packing,
            slots_of_each(self._specs),
            self._specs[0].has_line_search,
        )
        if self.lanes is not None:  # axes in place of arrays
            chunk = jax.vmap(chunk, in_axes=(0, Given(None, 0, 0, 0, None), Plan(0, 0, None, None, None)))
        return jax.jit(chunk, donate_argnums=0)

    def _eval_point(self) -> Callable[..., PyTree] | None:
        spec = self._specs[0]
        if not spec.needs_lookahead:
            return None

        def eval_point(params: PyTree, slots: PyTree, hyper: dict[str, Any]) -> PyTree:
            rule = spec.build(**{name: hyper[name] for name in spec.hyperparameters})
            assert rule.eval_point is not None
            return rule.eval_point(params, slots)

        return eval_point


def _identity(spec: RuleSpec) -> tuple[Any, ...]:
    """Identifies a rule's code, since users may register another rule under the same name, or change its globals."""
    return (spec.factory, None if spec.shares_slots else fingerprint(spec.factory))


def _padded(array: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([array, np.zeros((length - len(array), *array.shape[1:]), array.dtype)])


def _shapes(tree: PyTree) -> Any:
    return tuple((leaf.shape, str(leaf.dtype)) for leaf in jax.tree.leaves(tree))
