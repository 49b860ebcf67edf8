"""The compiled chunk: one member trained for some updates, observed where its plan says so.

Both loops have traced bounds, so that a chunk of any number of updates, the last short one included, runs the
same compiled body: a member's bits depend on neither the chunk's length nor the other members.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, PyTree

from trainwell.optim import RuleSpec, Slots, clip_by_norm
from trainwell.training.problem import Numbers, Problem

RUNNING, STOPPED, DIVERGED = 0, 1, 2
"""Status of a member: still training (or out of budget), stopped early, or at a loss that is not finite."""


class Best(NamedTuple):
    """The weights of the best observation so far."""

    params: PyTree
    carry: PyTree
    value: Float[Array, ""]
    step: Int[Array, ""]
    since: Int[Array, ""]  # observations since


class State(NamedTuple):
    """All that a member's next update depends on."""

    params: PyTree
    carry: PyTree
    slots: PyTree
    best: Best | tuple[()]
    step: Int[Array, ""]
    status: Int[Array, ""]
    loss_sum: Float[Array, ""]  # over the updates since the last observation
    loss_count: Float[Array, ""]


class Limits(NamedTuple):
    """A member's numbers outside the loss and the rule."""

    patience: Int[Array, ""]
    sign: Float[Array, ""]  # +1 where a smaller metric is better, -1 where a larger one is
    clip_norm: Float[Array, ""]
    layer_learning_rates: Float[Array, " layers"]


class Plan(NamedTuple):
    """What one call does: `count` segments of `lengths` updates each, observed at their ends where `observe`."""

    order: Int[Array, "S B"]
    learning_rates: Float[Array, " S"]
    lengths: Int[Array, " E"]
    observe: Bool[Array, " E"]
    count: Int[Array, ""]


@dataclass(frozen=True)
class Parts:
    """What a program is built from, beside the problem; hashable, equal parts make equal programs."""

    rules: tuple[str, ...]
    clips: bool
    scales_layers: bool
    tracks_best: str | None  # the observed name that early stopping watches


Update = Callable[[PyTree, PyTree, PyTree, Float[Array, ""], Numbers, Int[Array, ""]], tuple[PyTree, PyTree]]


def update_of(specs: Sequence[RuleSpec]) -> Update:
    """The rules of a program as one update: the member's index picks the branch, unused slots pass through."""

    def branch(spec: RuleSpec) -> Callable[..., tuple[PyTree, Slots]]:
        def apply(grads: PyTree, slots: Slots, params: PyTree, rate: Array, hyper: Numbers) -> tuple[PyTree, Slots]:
            rule = spec.build(rate, **{name: hyper[name] for name in spec.hyperparameters})
            wanted = jax.eval_shape(rule.init, params)
            own = Slots(*(slot if _used(want) else () for slot, want in zip(slots, wanted, strict=True)))
            updates, new = rule.update(grads, own, params)
            return updates, Slots(*(own if _used(own) else slot for slot, own in zip(slots, new, strict=True)))

        return apply

    if not specs[0].shares_slots:  # a user's rule, alone in its program
        return lambda grads, state, params, rate, hyper, index: specs[0].build(rate).update(grads, state, params)
    branches = [branch(spec) for spec in specs]

    def update(
        grads: PyTree, slots: Slots, params: PyTree, rate: Array, hyper: Numbers, index: Array
    ) -> tuple[PyTree, Slots]:
        return lax.switch(index, branches, grads, slots, params, rate, hyper)

    return update


def _used(slot: Any) -> bool:
    return len(jax.tree.leaves(slot)) > 0


def make_chunk(
    problem: Problem, parts: Parts, update: Update, eval_point: Callable[..., PyTree] | None
) -> Callable[..., tuple[State, dict[str, Float[Array, " E"]]]]:
    """The function that trains one member for one plan.

    Args:
        problem: what is minimised; only its structure enters the program.
        parts: what else is compiled in.
        update: the members' rules as one function.
        eval_point: where the gradient is taken, if not at the parameters.

    Returns:
        `chunk(state, data, numbers, hyper, limits, rule_index, plan) -> (state, trace)`.
    """

    def step(
        state: State,
        data: PyTree,
        numbers: Numbers,
        hyper: Numbers,
        limits: Limits,
        index: Array,
        rows: Array,
        rate: Array,
    ) -> State:
        params = state.params
        layer = problem.layer_of(params)

        def per_layer(change: PyTree) -> PyTree:
            if not parts.scales_layers:
                return change
            return jax.tree.map(lambda u, i: u * limits.layer_learning_rates[i], change, layer)

        at = params
        if eval_point is not None:
            ahead = jax.tree.map(jnp.subtract, eval_point(params, state.slots, hyper), params)
            at = jax.tree.map(jnp.add, params, per_layer(ahead))
        (loss, carry), grads = jax.value_and_grad(problem.loss, has_aux=True)(
            at, state.carry, data, rows, state.step, numbers
        )
        grads = problem.penalize(grads, at, numbers)
        if parts.clips:
            grads = clip_by_norm(grads, limits.clip_norm)
        updates, slots = update(grads, state.slots, params, rate, hyper, index)
        return state._replace(
            params=jax.tree.map(jnp.add, params, per_layer(updates)),
            carry=carry,
            slots=slots,
            step=state.step + 1,
            loss_sum=state.loss_sum + loss,
            loss_count=state.loss_count + 1,
        )

    def chunk(
        state: State, data: PyTree, numbers: Numbers, hyper: Numbers, limits: Limits, index: Array, plan: Plan
    ) -> tuple[State, dict[str, Array]]:
        def one_step(i: Array, state: State) -> State:
            return step(state, data, numbers, hyper, limits, index, plan.order[i], plan.learning_rates[i])

        def observe(state: State, end: Array) -> tuple[State, dict[str, Array]]:
            rows = plan.order[jnp.maximum(end - 1, 0)]
            seen = problem.observe(state.params, state.carry, data, rows, numbers)
            seen["loss/batches"] = state.loss_sum / state.loss_count  # NaN before the first update
            losses = [value for name, value in seen.items() if name.startswith("loss") and name != "loss/batches"]
            state = _check(state, sum(losses, state.loss_sum))
            state = state._replace(loss_sum=jnp.zeros_like(state.loss_sum), loss_count=jnp.zeros_like(state.loss_count))
            if parts.tracks_best is not None:
                state = _track(state, limits.sign * seen[parts.tracks_best], limits.patience)
            return state, seen

        def skip(state: State, end: Array) -> tuple[State, dict[str, Array]]:
            nothing = jnp.full((), jnp.nan, state.loss_sum.dtype)
            return _check(state, state.loss_sum), dict.fromkeys((*problem.observed, "loss/batches"), nothing)

        def segment(
            loop: tuple[Array, Array, State, dict[str, Array]],
        ) -> tuple[Array, Array, State, dict[str, Array]]:
            at, first, state, trace = loop
            end = first + plan.lengths[at]
            state = lax.fori_loop(first, end, one_step, state)
            state, seen = lax.cond(plan.observe[at], observe, skip, state, end)
            return at + 1, end, state, {name: trace[name].at[at].set(value) for name, value in seen.items()}

        def goes_on(loop: tuple[Array, Array, State, dict[str, Array]]) -> Array:
            return (loop[0] < plan.count) & (loop[2].status == RUNNING)

        blank = jnp.full(plan.lengths.shape, jnp.nan, state.loss_sum.dtype)
        trace = dict.fromkeys((*problem.observed, "loss/batches"), blank)
        zero = jnp.zeros((), plan.count.dtype)
        _, _, state, trace = lax.while_loop(goes_on, segment, (zero, zero, state, trace))
        return state, trace

    return chunk


def _check(state: State, loss: Array) -> State:
    """Mark the member as diverged where its loss is not finite."""
    return state._replace(status=jnp.where(jnp.isfinite(loss), state.status, DIVERGED))


def _track(state: State, value: Array, patience: Array) -> State:
    """Keep the weights when `value` (smaller is better) improves; stop after `patience` observations without."""
    best = state.best
    assert isinstance(best, Best)

    def improved() -> Best:
        return Best(state.params, state.carry, value, state.step, jnp.zeros_like(best.since))

    best = lax.cond(value < best.value, improved, lambda: best._replace(since=best.since + 1))
    return state._replace(
        best=best, status=jnp.where((best.since >= patience) & (state.status == RUNNING), STOPPED, state.status)
    )
