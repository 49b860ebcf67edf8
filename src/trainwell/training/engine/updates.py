"""The rules of a program as one function that moves parameters."""

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Any

import jax
from jax import lax
from jaxtyping import Array, PyTree

from trainwell.core import RecipeError
from trainwell.optim import RuleSpec, Slots
from trainwell.training.engine.problem import Numbers

COHORT = 0
"""The axis of a cohort's points in all arrays of a member; first, since JAX would turn the arrays so that it is."""

Move = Callable[[PyTree, PyTree], PyTree]
"""`move(params, updates) -> params`."""
Objective = Callable[[PyTree], Array]
"""`objective(params) -> scalar`: what `grads` are the gradient of."""
Update = Callable[[PyTree, PyTree, PyTree, Array, Numbers, Array, Objective, Move], tuple[PyTree, PyTree]]
"""`update(grads, state, params, learning rate, hyper, index, objective, move) -> (params, state)`."""


def update_of(specs: Sequence[RuleSpec]) -> Update:
    """The rules of a program as one update: the member's index picks the branch, unused slots pass through."""
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
                return move(params, updates), kept  # moved here, so that XLA makes one pass of step and sum

            return apply

        branches = [branch(spec) for spec in specs]
        if len(branches) == 1:
            # Without the barrier XLA merges a lone rule with the backward pass, and rounds differently than in a
            # switch; a switch of one rule and an idle branch has the same bits, too, but copies the state (4%).
            barred = lax.optimization_barrier(grads)  # type: ignore[no-untyped-call]  # no hints in JAX
            return branches[0](barred, slots, params)
        params, slots = lax.switch(index, branches, grads, slots, params)
        return params, slots

    return update


def _lone_rule(spec: RuleSpec) -> Update:
    """A rule with a state of its own, alone in its program: it is told the objective's value, and the objective."""

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
        told = {"value": objective(params), "grad": grads, "value_fn": objective}
        try:
            updates, state = rule.update(grads, state, params, **_taken(rule.update, told))
        except TypeError as error:
            raise RecipeError(f"the optimizer '{spec.name}' asks for more than training gives it: {error}") from error
        return move(params, updates), state

    return update


def _taken(update: Callable[..., Any], told: dict[str, Any]) -> dict[str, Any]:
    """Of what a rule can be told, what its function takes."""
    known = signature(update).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in known.values()):
        return told
    return {name: value for name, value in told.items() if name in known}


def _used(slot: Any) -> bool:
    return len(jax.tree.leaves(slot)) > 0


def slots_of_each(specs: Sequence[RuleSpec]) -> Any:
    """The cohort's axis in the state of a program's rules; the lecture's count updates once for all."""
    return Slots(None, COHORT, COHORT) if specs[0].shares_slots else COHORT  # type: ignore[arg-type]  # axes
