"""Compiled programs by what they are built from, each built once per process; how many members are side by side."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from trainwell.core import RecipeError, Runtime, fingerprint
from trainwell.optim import RULES, RuleSpec, Slots
from trainwell.training.engine.population import Entry, Group
from trainwell.training.engine.problem import Problem, tree_bytes
from trainwell.training.engine.program import COHORT, Best, Chunk, Given, Plan, State, slots_of_each, update_of
from trainwell.training.recipe.recipe import Recipe

CHUNK_FLOPS = 2e10  # a few tenths of a second on one core: what a killed process loses at most
MAX_STEPS = 8192
MAX_SEGMENTS = 512
MAX_ORDER_BYTES = 1 << 22


class Executable:
    """A compiled program, built by whoever needs it first."""

    def __init__(self) -> None:
        self._compiled: Callable[..., Any] | None = None
        self._lock = Lock()

    def get(self, build: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """The compiled program; a second caller waits for the first."""
        with self._lock:
            if self._compiled is None:
                self._compiled = build()
            return self._compiled


_executables: dict[Any, Executable] = {}
_executables_lock = Lock()


class Program:
    """The chunk of a group, for single members (`lanes` None) or for that many side by side.

    Groups of equal structure, in this call of `train` or a later one, share what is compiled.
    """

    def __init__(self, group: Group, lanes: int | None, dtype: Any) -> None:
        self.group, self.lanes, self.dtype = group, lanes, dtype
        batch = group.problem.order(0, 0, 1).shape[1]
        most = min(CHUNK_FLOPS / group.problem.flops_per_step, MAX_ORDER_BYTES / (4 * max(batch, 1)), MAX_STEPS)
        # Updates and pieces per call, which keep it short and its overhead small; they follow from the structure alone,
        # so that groups of equal structure share programs.
        self.most_steps = 1 << int(np.log2(max(most, 1)))
        self.most_segments = min(self.most_steps, MAX_SEGMENTS)
        self._empty_slots: PyTree = None
        rules = [RULES[name] for name in group.parts.rules]
        built_from = (type(group.problem), group.problem.structure, group.parts, *map(_identity, rules))
        key = (*built_from, lanes, np.dtype(dtype).name, _shapes(group.problem.data))
        with _executables_lock:
            self.executable = _executables.setdefault(key, Executable())

    def compile(self) -> Callable[..., Any]:
        """Trace and compile, unless that is done."""

        def build() -> Callable[..., Any]:
            arguments = self.arguments(self.group.entries[:1] * (self.lanes or 1))
            compiled: Callable[..., Any] = self._jitted().lower(*arguments).compile()
            return compiled

        return self.executable.get(build)

    def __call__(self, state: State, given: Given, plan: Plan) -> tuple[State, dict[str, Any]]:
        """Run one chunk; the state is donated."""
        result: tuple[State, dict[str, Any]] = self.compile()(state, given, plan)
        return result

    def start(self, entry: Entry, initial: tuple[PyTree, PyTree] | None = None) -> State:
        """A member's state before its first update, on the host."""
        params, carry = entry.problem.init(entry.member.seed) if initial is None else initial
        best: Any = ()
        zero = np.zeros((), self.dtype)
        if self.group.parts.tracks_best is not None:
            count = np.zeros((), np.int32)
            best = Best(params, carry, np.asarray(np.inf, self.dtype), count, count)
        slots = self._slots(params)
        return State(params, carry, slots, best, np.zeros((), np.int32), np.zeros((), np.int32), zero, zero)

    def given(self, entries: Sequence[Entry]) -> Given:
        """What the lanes are trained with: the problem's data shared, the numbers of each."""
        names = sorted({name for spec in self._specs for name in spec.hyperparameters})
        # A number that a member's own rule does not take is never read; it must only be there.
        hyper = [{name: np.asarray(one.hyper.get(name, 0.5), self.dtype) for name in names} for one in entries]
        return Given(
            self.group.problem.data,
            self.stack([one.problem.numbers(one.member.seed) for one in entries]),
            self.stack(hyper),
            self.stack([one.limits(self.dtype) for one in entries]),
            np.int32(self.group.parts.rules.index(entries[0].recipe.optimizer)),
        )

    def plan(self, entry: Entry, step: int, observed: int, until: int) -> Plan:
        """What a member does next, `until` at most: the rows, the learning rates and the pieces of one call."""
        S, E = self.most_steps, self.most_segments
        lengths, observe = entry.points.segments(step, min(S, until - step), E, observed)
        count = int(lengths.sum())
        rows = entry.problem.order(entry.member.seed, step, max(count, 1))
        return Plan(
            _padded(rows, S),
            _padded(entry.learning_rates(step, count).astype(self.dtype), S),
            _padded(lengths, E),
            _padded(observe, E),
            np.int32(len(lengths)),
        )

    def arguments(self, entries: Sequence[Entry]) -> tuple[State, Given, Plan]:
        """Arguments of a first call, to compile with."""
        state, S = self.stack([self.start(entry) for entry in entries]), self.most_steps
        return state, self.given(entries), self.stack_plans([self.plan(entry, 0, 0, S) for entry in entries])

    def stack(self, trees: Sequence[PyTree]) -> PyTree:
        """The trees of the lanes as one; a single member's as it is."""
        if self.lanes is None:
            return trees[0]
        return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *trees)

    def stack_plans(self, plans: Sequence[Plan]) -> Plan:
        """The lanes' plans as one: rows and learning rates of each, the pieces shared."""
        if self.lanes is None:
            return plans[0]
        rows, rates = (np.stack([plan[i] for plan in plans]) for i in (0, 1))
        return plans[0]._replace(order=rows, learning_rates=rates)

    @property
    def _specs(self) -> list[RuleSpec]:
        return [RULES[name].settled(**dict(self.group.parts.structural)) for name in self.group.parts.rules]

    def _slots(self, params: PyTree) -> PyTree:
        if not self._specs[0].shares_slots:
            try:
                return jax.tree.map(np.asarray, self._init_of(self._specs[0])(params))
            except TypeError as error:
                name = self._specs[0].name
                raise RecipeError(f"the optimizer '{name}' has a state that cannot be kept: {error}") from error
        if self._empty_slots is None:
            # The lecture's rules start with all slots at zero (their contract), each using some of the slots.
            shapes = zip(*(jax.eval_shape(self._init_of(spec), params) for spec in self._specs), strict=True)
            largest = Slots(*(max(slot, key=lambda tree: len(jax.tree.leaves(tree))) for slot in shapes))
            self._empty_slots = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), largest)
        return self._empty_slots

    def _init_of(self, spec: RuleSpec) -> Callable[[PyTree], Any]:
        """A rule's first state of a member: of a cohort, of each of its points."""
        init: Callable[[PyTree], Any] = spec.build().init
        if self.group.problem.cohort:
            init = jax.vmap(init, in_axes=COHORT, out_axes=slots_of_each([spec]))
        return init

    def _jitted(self) -> Any:
        chunk: Callable[..., Any] = Chunk(
            self.group.problem,
            self.group.parts,
            update_of(self._specs),
            self._eval_point(),
            slots_of_each(self._specs),
            self._specs[0].searches,
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
    """What a rule's program depends on: a user's name may come to mean another rule, and a global another number."""
    return (spec.factory, None if spec.shares_slots else fingerprint(spec.factory))


def _padded(array: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([array, np.zeros((length - len(array), *array.shape[1:]), array.dtype)])


def _shapes(tree: PyTree) -> Any:
    return tuple((leaf.shape, str(leaf.dtype)) for leaf in jax.tree.leaves(tree))


TINY_LANES = 1024
COPIES = 6  # parameters, two moments, best weights, gradients, updates
MEMORY_SHARE = 0.5


def one_by_one(problem: Problem, runtime: Runtime) -> bool:
    """Whether each member has program calls of its own, without `vmap`.

    Measured: on a CPU networks train best member by member, points on a surface and everything on an
    accelerator side by side.
    """
    return runtime.platform == "cpu" and not problem.side_by_side


def member_bytes(recipe: Recipe, parameters: int, itemsize: int) -> int:
    """Memory of a member in training, in bytes: copies of its parameters, and what a second-order method keeps."""
    spec = RULES[recipe.optimizer]
    remembered = 0
    if "memory" in spec.hyperparameters:
        remembered = 2 * int(recipe.memory or spec.hyperparameters["memory"])
    return itemsize * ((COPIES + remembered) * parameters + spec.matrices * parameters**2)


def lanes_for(group: Group, runtime: Runtime) -> int | None:
    """Members per block: None for one by one, else a power of two that fits into memory."""
    if one_by_one(group.problem, runtime):
        return None
    most = TINY_LANES
    if runtime.platform != "cpu":
        params, _ = group.entries[0].problem.init(0)
        itemsize = np.dtype(runtime.precision).itemsize
        one = member_bytes(group.entries[0].recipe, tree_bytes(params) // itemsize, itemsize)
        most = max(1, int(_free_memory() * MEMORY_SHARE / one))
    return int(min(1 << int(np.log2(most)), 1 << int(np.ceil(np.log2(len(group.entries))))))


def _free_memory() -> float:
    """Memory of the first device in bytes, 8 GiB where it does not tell."""
    stats = jax.devices()[0].memory_stats() or {}
    return float(stats.get("bytes_limit", 8 << 30))
