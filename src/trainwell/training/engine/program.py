"""The compiled chunk: trains one member for a number of updates and records its metrics at the planned updates.

Both loops have traced bounds, so one compiled program serves chunks of every length. A member's result does not
depend, to the bit, on the chunk's length or on other members.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PyTree

from trainwell.core import RecipeError
from trainwell.optim import LineSearchState, RuleSpec, Slots, clip_by_norm, global_norm
from trainwell.training.engine.packing import Packing
from trainwell.training.engine.problem import Numbers, Problem

COHORT = 0
"""Axis of a cohort's points in all arrays of a member. It is the first because `vmap` would move it there anyway."""

Move = Callable[[PyTree, PyTree], PyTree]
"""`move(params, updates) -> params`."""
Objective = Callable[[PyTree], Array]
"""`objective(params) -> scalar`: the function whose gradient is `grads`."""
Update = Callable[[PyTree, PyTree, PyTree, Array, Numbers, Array, Objective, Move], tuple[PyTree, PyTree]]
"""`update(grads, state, params, learning rate, hyper, index, objective, move) -> (params, state)`."""


def update_of(specs: Sequence[RuleSpec], *, packed: bool = False) -> Update:
    """One update function for all rules of a program; `index` selects the rule. Unused slots stay unchanged.

    Args:
        specs: the rules.
        packed: whether parameters are packed, see `Packing`.
    """
    if not specs[0].shares_slots:
        return _lone_rule(specs[0])

    def update(
        grads: PyTree,
        slots: PyTree,
        params: PyTree,
        rate: Array,
        hyper: Numbers,
        index: Array,
        objective: Objective,
        move: Move,
    ) -> tuple[PyTree, PyTree]:
        del objective

        def branch(spec: RuleSpec) -> Callable[..., tuple[PyTree, PyTree]]:
            def apply(grads: PyTree, slots: PyTree, params: PyTree) -> tuple[PyTree, PyTree]:
                rule = spec.build(rate, **{name: hyper[name] for name in spec.hyperparameters})
                wanted = jax.eval_shape(rule.init, params)
                own = [slot if _used(want) else () for slot, want in zip(slots, wanted, strict=True)]
                updates, new = rule.update(grads, Slots._make(own), params)
                kept = Slots._make(own if _used(own) else slot for slot, own in zip(slots, new, strict=True))
                return move(params, updates), kept  # added here, so that XLA fuses the rule and the addition

            return apply

        branches = [branch(spec) for spec in specs]
        if len(branches) == 1:
            return branches[0](_apart(grads, index, packed=packed), slots, params)
        params, slots = lax.switch(index, branches, grads, slots, params)
        return params, slots

    return update


def _apart(grads: PyTree, index: Array, *, packed: bool) -> PyTree:
    """A single rule's gradient behind a barrier: fused with the backward pass it rounds differently than in a switch.

    XLA drops barriers before it fuses. Gradients of matrices are kernels of their own nevertheless; the packed vector
    is none, and needs a condition that XLA cannot know to be true. A switch with an idle second branch would do for
    all, but copies the state (4% slower).
    """
    barred = lax.optimization_barrier(grads)  # type: ignore[no-untyped-call]  # no hints in JAX
    if not packed:
        return barred
    vector, *large = barred
    return [lax.cond(index == 0, lambda one: one, jnp.zeros_like, vector), *large]


def _lone_rule(spec: RuleSpec) -> Update:
    """The update of a rule that has its own program; it gets the objective and its value, as in optax."""

    def update(
        grads: PyTree,
        state: PyTree,
        params: PyTree,
        rate: Array,
        hyper: Numbers,
        index: Array,
        objective: Objective,
        move: Move,
    ) -> tuple[PyTree, PyTree]:
        del index
        injected = getattr(state, "hyperparams", {})
        if "learning_rate" in injected:  # optax.inject_hyperparams keeps the rate in the state
            state = state._replace(hyperparams={**injected, "learning_rate": rate})
        rule = spec.build(rate, **{name: hyper[name] for name in spec.hyperparameters})
        extra = {"value": objective(params), "grad": grads, "value_fn": objective}
        try:
            updates, state = rule.update(grads, state, params, **_accepted(rule.update, extra))
        except TypeError as error:
            raise RecipeError(f"the optimizer '{spec.name}' asks for more than training gives it: {error}") from error
        return move(params, updates), state

    return update


def _accepted(update: Callable[..., Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The extra arguments that the rule's update function accepts."""
    known = signature(update).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in known.values()):
        return extra
    return {name: value for name, value in extra.items() if name in known}


def _used(slot: Any) -> bool:
    return len(jax.tree.leaves(slot)) > 0


def slots_of_each(specs: Sequence[RuleSpec]) -> Any:
    """The cohort's axis in the rules' state, for `vmap`; built-in rules have one update count for all points."""
    return Slots(None, COHORT, COHORT) if specs[0].shares_slots else COHORT  # type: ignore[arg-type]  # axes


class Status(IntEnum):
    """Status of a member."""

    RUNNING = 0
    """Still training, or trained to the end of its budget."""
    STOPPED = 1
    """Stopped early: no improvement for `patience` observations."""
    DIVERGED = 2
    """The loss became infinite or NaN."""
    PRUNED = 3
    """Stopped at a rung or by the time limit; set by the engine, never by the compiled program."""
    SETTLED = 4
    """The norm of the gradient fell to `gradient_tolerance`."""


Leaf: TypeAlias = Any
"""A JAX array inside the program, a NumPy array or number outside. Comments give shapes."""


class Best(NamedTuple):
    """The weights of the best observation so far."""

    params: PyTree
    carry: PyTree
    value: Leaf  # scalar, smaller is better
    step: Leaf  # int32
    since: Leaf  # observations since then, int32


class State(NamedTuple):
    """A member's training state: everything that the next update needs."""

    params: PyTree
    carry: PyTree
    slots: PyTree
    best: Any  # Best, or () if the best weights are not tracked
    step: Leaf  # int32
    status: Leaf  # int32
    loss_sum: Leaf  # scalar, over the updates since the last observation
    loss_count: Leaf  # scalar


class Limits(NamedTuple):
    """A member's numbers for early stopping, clipping and learning rates per layer."""

    patience: Leaf  # int32
    sign: Leaf  # +1 if a smaller metric is better, -1 if a larger one is
    clip_norm: Leaf  # scalar
    gradient_tolerance: Leaf  # scalar
    layer_learning_rates: Leaf  # [layers]


class Plan(NamedTuple):
    """The updates of one call, cut into pieces; `observe` says which pieces end with an observation."""

    order: Leaf  # indices of each batch's rows, [S B] int32
    learning_rates: Leaf  # [S]
    lengths: Leaf  # updates of each piece, [E] int32
    observe: Leaf  # [E] bool
    pieces: Leaf  # number of pieces used, at most E, int32


@dataclass(frozen=True)
class Parts:
    """What a program is compiled from besides the problem. Hashable; equal parts give equal programs."""

    rules: tuple[str, ...]
    clips: bool
    scales_layers: bool
    tracks_best: str | None  # the observed name that early stopping watches
    settles: bool = False  # stop when the norm of the gradient is at most the tolerance
    structural: tuple[tuple[str, Any], ...] = ()  # compiled-in hyperparameters of a rule with its own program


class Given(NamedTuple):
    """A member's data and numbers."""

    data: PyTree  # of the problem, shared by all members
    numbers: PyTree  # of the problem, for this member, by name
    hyper: PyTree  # its rule's hyperparameters without the learning rate
    limits: PyTree  # Limits
    rule: Leaf  # index of its rule among the program's, int32


@dataclass(frozen=True)
class Chunk:
    """The function that trains one member for one plan: `chunk(state, given, plan) -> (state, trace)`.

    Args:
        problem: what is minimised; only its structure enters the program.
        parts: everything else that is compiled in.
        update: the members' rules as one function.
        eval_point: returns the point at which the gradient is taken; None takes it at the parameters.
        slots_of_each: the cohort's axis in the rules' state, if the problem's members are cohorts.
        packing: how the parameters of the state are packed.
        counts: whether the rule does line searches; the number of their evaluations is then observed.
    """

    problem: Problem
    parts: Parts
    update: Update
    eval_point: Callable[..., PyTree] | None
    packing: Packing
    slots_of_each: Any = None
    counts: bool = False

    def __call__(self, state: State, given: Given, plan: Plan) -> tuple[State, dict[str, Array]]:
        """Train until all pieces are done or the status is no longer RUNNING; each observed value is `[E]`."""

        def unfinished(loop: tuple[Any, ...]) -> Array:
            at, _, state, _ = loop
            return jnp.asarray((at < plan.pieces) & (state.status == Status.RUNNING))

        def piece(loop: tuple[Any, ...]) -> tuple[Any, ...]:
            at, first, state, trace = loop
            end = first + plan.lengths[at]
            state = self._updates(state, given, plan, first, end)
            observes = (
                plan.observe[at] | (state.status == Status.SETTLED) if self._stops_when_settled else plan.observe[at]
            )
            state, seen = lax.cond(observes, self._observe, self._skip, state, given, plan, end)
            return at + 1, end, state, {name: trace[name].at[at].set(value) for name, value in seen.items()}

        trace = self._nan_trace(state, plan.lengths.shape)
        zero = jnp.zeros((), plan.lengths.dtype)
        _, _, state, trace = lax.while_loop(unfinished, piece, (zero, zero, state, trace))
        return state, trace

    def _updates(self, state: State, given: Given, plan: Plan, first: Array, end: Array) -> State:
        """Do the updates `first` to `end - 1`, or stop before when the gradient is small enough."""
        if not self._stops_when_settled:
            done: State = lax.fori_loop(first, end, lambda i, state: self._step(state, given, plan, i), state)
            return done

        def unfinished(loop: tuple[Array, State]) -> Array:
            return jnp.asarray((loop[0] < end) & (loop[1].status == Status.RUNNING))

        def update(loop: tuple[Array, State]) -> tuple[Array, State]:
            return loop[0] + 1, self._step(loop[1], given, plan, loop[0])

        settled: State = lax.while_loop(unfinished, update, (first, state))[1]
        return settled

    @property
    def _stops_when_settled(self) -> bool:
        """Whether the member stops at a small gradient. A cohort does not: its settled points wait for the others."""
        return self.parts.settles and not self.problem.cohort

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.problem.observed, *self._counted, "loss/batches")

    @property
    def _counted(self) -> tuple[str, ...]:
        return ("evaluations",) if self.counts else ()

    def _nan_trace(self, state: State, shape: tuple[int, ...]) -> dict[str, Array]:
        """NaN for every observed name; for a cohort one per point."""
        nothing = dict.fromkeys(self._names, jnp.full(shape, jnp.nan, state.loss_sum.dtype))
        if self.problem.cohort:
            size = jax.tree.leaves(state.params)[0].shape[COHORT]
            nan = jnp.full((*shape, size), jnp.nan, state.loss_sum.dtype)
            nothing |= dict.fromkeys((*self.problem.observed, *self._counted), nan)
        return nothing

    def _step(self, state: State, given: Given, plan: Plan, i: Array) -> State:
        """One update."""

        def one(params: PyTree, carry: PyTree, slots: PyTree, numbers: Numbers) -> tuple[PyTree, ...]:
            at = self.packing.unpack(self._gradient_point(params, slots, given))
            loss, carry, grads = self._differentiated(
                at, slots, (carry, given.data, plan.order[i], state.step, numbers)
            )
            small = global_norm(grads) <= given.limits.gradient_tolerance if self.parts.settles else jnp.asarray(False)
            if self.parts.clips:
                grads = clip_by_norm(grads, given.limits.clip_norm)
            grads = self.packing.pack(grads)

            def move(params: PyTree, updates: PyTree) -> PyTree:
                return jax.tree.map(jnp.add, params, self._per_layer(updates, given))

            def objective(params: PyTree) -> Array:
                return self.problem.objective(params, carry, given.data, plan.order[i], state.step, numbers)

            rate, before = plan.learning_rates[i], (params, slots)
            after = self.update(grads, slots, params, rate, given.hyper, given.rule, objective, move)
            if self.parts.settles:
                after = jax.tree.map(lambda old, new: jnp.where(small, old, new), before, after)
            params, slots = after
            moved = self.packing.unpack(params)
            return params, self.problem.update_carry(moved, carry, given.data, state.step, numbers), slots, loss, small

        if self.problem.cohort:
            axes = (COHORT, COHORT, self.slots_of_each)
            one = _of_each(one, (*axes, COHORT), (*axes, 0, 0))
        params, carry, slots, loss, small = one(state.params, state.carry, state.slots, given.numbers)
        if self.problem.cohort:
            loss = jnp.zeros_like(state.loss_sum)  # a cohort has no common loss: one point may diverge, others go on
        after = state._replace(
            params=params,
            carry=carry,
            slots=slots,
            step=state.step + 1,
            loss_sum=state.loss_sum + loss,
            loss_count=state.loss_count + 1,
        )
        if not self._stops_when_settled:
            return after
        unchanged = state._replace(status=jnp.full_like(state.status, Status.SETTLED))
        moved: State = jax.tree.map(lambda old, new: jnp.where(small, old, new), unchanged, after)
        return moved

    def _differentiated(self, at: PyTree, slots: PyTree, given: tuple[Any, ...]) -> tuple[Array, PyTree, PyTree]:
        """The loss, the new carry and the objective's gradient, which is reused if the line search has computed it."""

        def fresh() -> tuple[Array, PyTree, PyTree]:
            (loss, carry), grads = jax.value_and_grad(self.problem.loss, has_aux=True)(at, *given)
            return loss, carry, self.problem.penalize(grads, at, given[-1])

        def known() -> tuple[Array, PyTree, PyTree]:
            return *self.problem.loss(at, *given), ravel_pytree(at)[1](_line_search(slots).gradient)

        if self.counts and self.problem.deterministic:
            result: tuple[Array, PyTree, PyTree] = lax.cond(_line_search(slots).count > 0, known, fresh)
            return result
        return fresh()

    def _gradient_point(self, params: PyTree, slots: PyTree, given: Given) -> PyTree:
        if self.eval_point is None:
            return params
        ahead = jax.tree.map(jnp.subtract, self.eval_point(params, slots, given.hyper), params)
        return jax.tree.map(jnp.add, params, self._per_layer(ahead, given))

    def _per_layer(self, change: PyTree, given: Given) -> PyTree:
        """Multiply a change of the parameters by each layer's rate; exact, as rules are linear in the learning rate."""
        if not self.parts.scales_layers:
            return change
        rates = given.limits.layer_learning_rates
        return jax.tree.map(lambda u, layer: u * rates[layer], change, self.problem.layer_of(change))

    def _observe(self, state: State, given: Given, plan: Plan, end: Array) -> tuple[State, dict[str, Array]]:
        rows = plan.order[jnp.maximum(end - 1, 0)]
        observe: Any = self.problem.observe
        if self.problem.cohort:
            observe = _of_each(observe, (COHORT, COHORT, None, None, COHORT), 0)
        seen = observe(self.packing.unpack(state.params), state.carry, given.data, rows, given.numbers)
        if self.counts:
            seen["evaluations"] = _line_search(state.slots).evaluations.astype(state.loss_sum.dtype)
        losses = [value for name, value in seen.items() if name.startswith("loss")]
        state = _check(state, sum(losses, state.loss_sum))
        seen["loss/batches"] = state.loss_sum / state.loss_count  # NaN before the first update
        state = state._replace(loss_sum=jnp.zeros_like(state.loss_sum), loss_count=jnp.zeros_like(state.loss_count))
        if self.parts.tracks_best is not None:
            value = given.limits.sign * seen[self.parts.tracks_best]
            value = jnp.where(state.status == Status.DIVERGED, jnp.inf, value)  # diverged weights are never the best
            state = _track(state, value, given.limits.patience)
        return state, seen

    def _skip(self, state: State, given: Given, plan: Plan, end: Array) -> tuple[State, dict[str, Array]]:
        return _check(state, state.loss_sum), self._nan_trace(state, ())


def _of_each(function: Callable[..., Any], axes: Any, out_axes: Any) -> Callable[..., Any]:
    """A function of one point, vectorised over a cohort's points."""
    mapped: Callable[..., Any] = jax.vmap(function, in_axes=axes, out_axes=out_axes)
    return mapped


def _line_search(slots: PyTree) -> LineSearchState:
    """The line search's part of a rule's state."""
    found: LineSearchState = getattr(slots, "line_search", slots)
    return found


def _check(state: State, loss: Array) -> State:
    """Mark the member as diverged if its loss is not finite."""
    return state._replace(status=jnp.where(jnp.isfinite(loss), state.status, Status.DIVERGED))


def _track(state: State, value: Array, patience: Array) -> State:
    """Keep the weights if `value` (smaller is better) improves; stop after `patience` observations that do not improve.

    Source: T-REG-3.
    """
    best: Best = state.best

    def improved() -> Best:
        return Best(state.params, state.carry, value, state.step, jnp.zeros_like(best.since))

    best = lax.cond(value < best.value, improved, lambda: best._replace(since=best.since + 1))
    return state._replace(
        best=best,
        status=jnp.where((best.since >= patience) & (state.status == Status.RUNNING), Status.STOPPED, state.status),
    )
