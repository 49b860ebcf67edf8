"""The update rules by name, with hyperparameters and default learning rates; users add their own here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any

from trainwell.core import NameTakenError, RecipeError, call, nearest, same_function
from trainwell.optim.bounds import check_number
from trainwell.optim.protocol import Number, Rule
from trainwell.optim.rules.adagrad import adagrad
from trainwell.optim.rules.adam import adam
from trainwell.optim.rules.adam_folded import adam_folded
from trainwell.optim.rules.adam_uncorrected import adam_uncorrected
from trainwell.optim.rules.adamw import adamw
from trainwell.optim.rules.momentum import momentum
from trainwell.optim.rules.momentum_step import momentum_step
from trainwell.optim.rules.nesterov import nesterov
from trainwell.optim.rules.nesterov_lookahead import nesterov_lookahead
from trainwell.optim.rules.rmsprop import rmsprop
from trainwell.optim.rules.sgd import gradient_descent, sgd
from trainwell.optim.second_order.bfgs import bfgs, lbfgs
from trainwell.optim.second_order.newton import newton, newton_damped, newton_saddle_free


@dataclass(frozen=True)
class RuleSpec:
    """What is known of a rule: enough for a recipe to check it and for the engine to plan with it."""

    name: str
    factory: Callable[..., Any]
    """`factory(learning_rate, **hyperparameters)`."""
    default_learning_rate: float
    """A sensible start for a fully connected network on standardised inputs in mini-batches."""
    hyperparameters: Mapping[str, float]
    """Name -> default, the learning rate not included."""
    lecture_id: str
    description: str
    needs_lookahead: bool = False
    """Whether the gradient is to be taken at `rule.eval_point(params, state)`."""
    full_batch: bool = False
    """Whether the rule is meant for the gradient of the whole training set."""
    shares_slots: bool = True
    """Whether the state is a `Slots`, so that the rule can stand in one program with others."""
    second_order: bool = False
    """Whether it follows the curvature of the loss: it wants `value_fn`, and a gradient that nobody has changed."""
    searches: bool = False
    """Whether it looks along a line how far to go; its state then is, or has as its `searched`, a `Searched`."""
    matrices: int = 0
    """Matrices of P x P numbers that it needs, P being the number of parameters."""
    structural: frozenset[str] = frozenset()
    """Hyperparameters that the compiled program depends on."""

    def settled(self, **structural: Any) -> "RuleSpec":
        """The rule with its structural hyperparameters fixed; the others are still to be given."""
        if not self.structural:
            return self
        others = {name: value for name, value in self.hyperparameters.items() if name not in self.structural}
        return replace(self, factory=partial(self.factory, **structural), hyperparameters=others)

    def build(self, learning_rate: Number | None = None, **hyperparameters: Number) -> Rule:
        """The rule with these numbers: Python numbers are checked, traced JAX scalars taken as they are.

        Args:
            learning_rate: η; by default the rule's own.
            **hyperparameters: those that differ from the defaults.

        Returns:
            The rule; a user's optax transformation too comes as a `Rule`.

        Raises:
            RecipeError: a hyperparameter the rule does not have, or a number out of range.

        Example:
            >>> rule("momentum").build(momentum=0.5).eval_point is None
            True
        """
        for hyperparameter in hyperparameters:
            if hyperparameter not in self.hyperparameters:
                hint = nearest(hyperparameter, ["learning_rate", *self.hyperparameters])
                raise RecipeError(f"the optimizer '{self.name}' has no number '{hyperparameter}': {hint}")
        eta = self.default_learning_rate if learning_rate is None else learning_rate
        built = self.factory(eta, **hyperparameters)
        return built if isinstance(built, Rule) else _from_optax(built)


def _from_optax(transformation: Any) -> Rule:
    """An optax transformation as a rule; extra arguments reach it where it takes them."""
    import optax  # a third of a second, needed for users' rules only

    extended = optax.with_extra_args_support(transformation)
    return Rule(extended.init, extended.update)


def _spec(factory: Callable[..., Rule], rate: float, lecture_id: str, text: str, **flags: Any) -> RuleSpec:
    """A rule of this room: its name and its hyperparameters are read off the factory."""
    known = {p.name: p.default for p in signature(factory).parameters.values() if p.name != "learning_rate"}
    return RuleSpec(factory.__name__, factory, rate, known, lecture_id, text, **flags)


_SECOND: Any = {"full_batch": True, "shares_slots": False, "second_order": True}
_SEARCH: Any = {**_SECOND, "searches": True}
_ALL = (
    _spec(gradient_descent, 0.1, "T-OPT-0", "against the gradient of the whole training set", full_batch=True),
    _spec(sgd, 0.05, "T-OPT-1", "against the gradient of a mini-batch"),
    _spec(momentum, 0.02, "T-OPT-2a", "a decaying sum of gradients, times the learning rate"),
    _spec(momentum_step, 0.02, "T-OPT-2b", "a decaying sum of steps, learning rate included"),
    _spec(nesterov, 0.02, "T-OPT-3", "momentum with foresight, seen at the look-ahead points"),
    _spec(nesterov_lookahead, 0.02, "T-OPT-3", "momentum with the gradient ahead", needs_lookahead=True),
    _spec(adagrad, 0.02, "T-OPT-4", "divided by the root of the sum of squared gradients"),
    _spec(rmsprop, 0.001, "T-OPT-5", "divided by the root of the recent mean of squared gradients"),
    _spec(adam_uncorrected, 0.001, "T-OPT-6", "Adam without bias correction: wrong-sized first steps"),
    _spec(adam, 0.001, "T-OPT-7", "momentum and RMSProp together, with bias correction"),
    _spec(adam_folded, 0.001, "T-OPT-7b", "Adam as the book and Keras have it (ε elsewhere)"),
    _spec(adamw, 0.001, "", "Adam with decoupled weight decay"),
    _spec(newton, 1.0, "T-2ND-2", "to where the parabola at hand is flat, up or down", matrices=4, **_SECOND),
    _spec(newton_damped, 1.0, "", "Newton with the diagonal raised until all curves up", matrices=4, **_SEARCH),
    _spec(newton_saddle_free, 1.0, "", "Newton with absolute eigenvalues", matrices=4, **_SEARCH),
    _spec(bfgs, 1.0, "T-2ND-3", "the inverse Hessian from differences of gradients", matrices=3, **_SEARCH),
    _spec(lbfgs, 1.0, "T-2ND-4", "BFGS from the last few differences", structural=frozenset({"memory"}), **_SEARCH),
)
RULES: dict[str, RuleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> rule, in the lecture's order, then those that users register."""


def rule(name: str) -> RuleSpec:
    """The rule called `name`.

    Args:
        name: a key of `RULES`.

    Returns:
        Its description and factory.

    Raises:
        RecipeError: there is none of this name.

    Example:
        >>> rule("adam").hyperparameters["beta1"]
        0.9
    """
    if name not in RULES:
        raise RecipeError(f"there is no optimizer '{name}': {nearest(name, RULES)}")
    return RULES[name]


def register(name: str, factory: Callable[[Any], Any], learning_rate: float) -> RuleSpec:
    """Add a rule of your own, or of optax, under a name that recipes can use.

    The factory is called once here, and while the program is traced, then with the step's learning rate as a JAX
    scalar: do no Python branching on it. The rule keeps its own state tree, so it gets a program of its own.

    Args:
        name: new, a Python identifier; or that of the same factory with the same learning rate, registered before.
        factory: `factory(learning_rate)` -> an `optax.GradientTransformation` or a `Rule`; further parameters keep
            their defaults.
        learning_rate: its default, at least 0.

    Returns:
        The entry of `RULES`.

    Raises:
        RecipeError: the name is taken or no identifier, the learning rate out of range, or the factory builds no rule.

    Example:
        >>> import optax
        >>> register("lion_example", optax.lion, 1e-4).default_learning_rate
        0.0001
        >>> del RULES["lion_example"]
    """
    check_number("learning_rate", learning_rate)
    _check_factory(name, factory, learning_rate)
    if name in RULES:
        if RULES[name].default_learning_rate == learning_rate and same_function(RULES[name].factory, factory):
            return RULES[name]
        raise NameTakenError(f"there is an optimizer '{name}' already: choose another name")
    if not name.isidentifier():
        raise RecipeError(f"an optimizer's name must be an identifier, got '{name}'; try 'my_rule'")
    description = ((factory.__doc__ or "").strip().splitlines() or ["a rule of your own"])[0]
    spec = RuleSpec(name, factory, learning_rate, {}, "", description, shares_slots=False)
    RULES[name] = spec
    return spec


def _check_factory(name: str, factory: Any, learning_rate: float) -> None:
    """Refuse what builds no rule from a learning rate."""
    instead = "pass what builds it, such as optax.adam or lambda learning_rate: optax.chain(...)"
    if _is_built(factory):
        raise RecipeError(
            f"the optimizer '{name}' is built already, with a learning rate that cannot change: {instead}"
        )
    if not callable(factory):
        raise RecipeError(f"the optimizer '{name}' must be a function of the learning rate, got {factory!r}: {instead}")
    built = call(factory, f"the optimizer '{name}'", f"it must build from the learning rate; {instead}", learning_rate)
    if not _is_built(built):
        kind = type(built).__name__
        raise RecipeError(f"the optimizer '{name}' builds no rule or optax transformation but {kind}: {instead}")


def _is_built(rule: Any) -> bool:
    return not isinstance(rule, type) and hasattr(rule, "init") and hasattr(rule, "update")
