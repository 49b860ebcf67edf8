"""The update rules by name, with hyperparameters and default learning rates; users add their own here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import Parameter, signature
from math import inf
from typing import Any

from trainwell.core import RecipeError, call, description_of, nearest, registered, same_function
from trainwell.optim.bounds import HYPERPARAMETERS, Bound
from trainwell.optim.protocol import Number, Rule, check_number
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
    description: str
    formula: str = ""
    """One update, in short: θ parameters, g gradient, η learning rate, H Hessian, α from a line search."""
    keeps: str = ""
    """What is carried from one update to the next."""
    bounds: Mapping[str, Bound] = field(default_factory=lambda: HYPERPARAMETERS)
    """Name -> range and meaning, of the learning rate and at least all hyperparameters."""
    own: bool = False
    """Whether a user registered it: numbers that a recipe leaves open are then the factory's business."""
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

    @property
    def defaults(self) -> dict[str, float]:
        """All its numbers, the learning rate first."""
        return {"learning_rate": self.default_learning_rate, **self.hyperparameters}

    @property
    def at_a_glance(self) -> dict[str, str]:
        """What a table of optimizers says of it, by column."""
        return {
            "Optimizer": self.name,
            "What it does": self.description,
            "Update": self.formula,
            "Numbers": ", ".join(f"{name} {value:g}" for name, value in self.defaults.items()),
            "Keeps": self.keeps,
        }

    def settled(self, **numbers: Any) -> "RuleSpec":
        """The rule with some hyperparameters fixed, such as the structural ones; the others are still to be given."""
        if not numbers:
            return self
        others = {name: value for name, value in self.hyperparameters.items() if name not in numbers}
        return replace(self, factory=partial(self.factory, **numbers), hyperparameters=others)

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


def _spec(factory: Callable[..., Rule], rate: float, text: str, formula: str, **more: Any) -> RuleSpec:
    """A rule of this room: its name and its hyperparameters are read off the factory."""
    known = {p.name: p.default for p in signature(factory).parameters.values() if p.name != "learning_rate"}
    return RuleSpec(factory.__name__, factory, rate, known, text, formula, **more)


_SECOND: Any = {"full_batch": True, "shares_slots": False, "second_order": True}
_SEARCH: Any = {**_SECOND, "searches": True}
_NEWTON: Any = {"keeps": "nothing; needs H, D² numbers", "matrices": 4}
_VELOCITY: Any = {"keeps": "a velocity"}
_MOMENTS: Any = {"keeps": "averages of gradients and of their squares"}
_ALL = (
    _spec(
        gradient_descent,
        0.1,
        "against the gradient of the whole training set",
        "θ ← θ − ηg",
        keeps="nothing",
        full_batch=True,
    ),
    _spec(sgd, 0.05, "against the gradient of a mini-batch", "θ ← θ − ηg", keeps="nothing"),
    _spec(
        momentum,
        0.02,
        "a decaying sum of gradients, times the learning rate",
        "v ← ρv + g; θ ← θ − ηv",
        **_VELOCITY,
    ),
    _spec(
        momentum_step,
        0.02,
        "a decaying sum of steps, learning rate included",
        "v ← ρv − ηg; θ ← θ + v",
        **_VELOCITY,
    ),
    _spec(
        nesterov,
        0.02,
        "momentum with foresight, seen at the look-ahead points",
        "v ← ρv − ηg; θ ← θ + ρv − ηg",
        **_VELOCITY,
    ),
    _spec(
        nesterov_lookahead,
        0.02,
        "momentum with the gradient ahead",
        "v ← ρv − η∇f(θ + ρv); θ ← θ + v",
        needs_lookahead=True,
        **_VELOCITY,
    ),
    _spec(
        adagrad,
        0.02,
        "divided by the root of the sum of squared gradients",
        "h ← h + g²; θ ← θ − ηg/(√h + ε)",
        keeps="the sum of squared gradients",
    ),
    _spec(
        rmsprop,
        0.001,
        "divided by the root of the recent mean of squared gradients",
        "h ← ρh + (1 − ρ)g²; θ ← θ − ηg/(√h + ε)",
        keeps="an average of squared gradients",
    ),
    _spec(
        adam_uncorrected,
        0.001,
        "Adam without bias correction: wrong-sized first steps",
        "m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − ηm/(√v + ε)",
        **_MOMENTS,
    ),
    _spec(
        adam,
        0.001,
        "momentum and RMSProp together, with bias correction",
        "as adam_uncorrected, with m/(1 − β₁ᵗ) and v/(1 − β₂ᵗ)",
        **_MOMENTS,
    ),
    _spec(
        adam_folded,
        0.001,
        "Adam as in Keras, with ε added before the bias correction",
        "as adam_uncorrected, with η√(1 − β₂ᵗ)/(1 − β₁ᵗ) for η",
        **_MOMENTS,
    ),
    _spec(adamw, 0.001, "Adam with decoupled weight decay", "as adam, and besides θ ← θ − ηλθ", **_MOMENTS),
    _spec(
        newton,
        1.0,
        "to where the parabola at hand is flat, up or down",
        "θ ← θ − ηH⁻¹g",
        **_NEWTON,
        **_SECOND,
    ),
    _spec(
        newton_damped,
        1.0,
        "Newton with the diagonal raised until all curves up",
        "θ ← θ − αη(H + cI)⁻¹g, c so that all curves up",
        **_NEWTON,
        **_SEARCH,
    ),
    _spec(
        newton_saddle_free,
        1.0,
        "Newton with absolute eigenvalues",
        "θ ← θ − αη|H|⁻¹g, with absolute eigenvalues",
        **_NEWTON,
        **_SEARCH,
    ),
    _spec(
        bfgs,
        1.0,
        "the inverse Hessian from differences of gradients",
        "θ ← θ − αηBg, B ≈ H⁻¹ from changes of the gradient",
        keeps="B, D² numbers",
        matrices=3,
        **_SEARCH,
    ),
    _spec(
        lbfgs,
        1.0,
        "BFGS from the last few differences",
        "as bfgs, with B from the last m changes alone",
        keeps="these changes, 2mD numbers",
        structural=frozenset({"memory"}),
        **_SEARCH,
    ),
)
RULES: dict[str, RuleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> rule, the built-in ones first, then those that users register."""


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


def register(
    name: str,
    factory: Callable[..., Any],
    learning_rate: float,
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> RuleSpec:
    """Add a rule of your own, or of optax, under a name that recipes can use.

    The factory is called here, and while the program is traced, then with the step's learning rate as a JAX scalar: do
    no Python branching on it. The rule keeps its own state tree, so it gets a program of its own.

    Parameters of the factory whose default is a number are the rule's hyperparameters: recipes and spaces take them
    as fields. One that a recipe sets is given as a JAX scalar, too, so that another value does not compile anew, unless
    its default is a whole number or the rule cannot do with a scalar: then it is compiled in. Those that a recipe
    leaves open are the factory's defaults.

    Args:
        name: new, a Python identifier; or that of the same factory with the same learning rate, registered before.
        factory: `factory(learning_rate, **hyperparameters)` -> an `optax.GradientTransformation` or a `Rule`.
        learning_rate: its default, at least 0.
        bounds: name of a hyperparameter -> its least and its largest value; the others may be any finite number.

    Returns:
        The entry of `RULES`.

    Raises:
        RecipeError: the name is taken or no identifier, a number out of range, the factory builds no rule, or it has
            no such hyperparameter.

    Example:
        >>> import optax
        >>> spec = register("lion_example", optax.lion, 1e-4, bounds={"b1": (0, 0.999)})
        >>> spec.default_learning_rate, spec.hyperparameters["b1"], spec.bounds["b1"].range
        (0.0001, 0.9, 'in [0, 0.999]')
        >>> del RULES["lion_example"]
    """
    check_number("learning_rate", learning_rate)
    _check_factory(name, factory, learning_rate)
    numbers = _numbers_of(factory)
    ranges = own_bounds(f"the optimizer '{name}'", numbers, bounds or {}, "its factory has no parameter")
    spec = RuleSpec(
        name,
        factory,
        learning_rate,
        numbers,
        description_of(factory, "a rule of your own"),
        bounds={"learning_rate": HYPERPARAMETERS["learning_rate"], **ranges},
        own=True,
        shares_slots=False,
        structural=frozenset(one for one in numbers if not _takes_scalar(factory, learning_rate, one, numbers[one])),
    )

    def is_same(known: RuleSpec) -> bool:
        same_bounds = all(known.bounds.get(number) == ranges[number] for number in bounds or ())
        return known.default_learning_rate == learning_rate and same_bounds and same_function(known.factory, factory)

    return registered(RULES, name, spec, is_same, "optimizer", "my_rule")


def _numbers_of(factory: Callable[..., Any]) -> dict[str, float]:
    """Parameters of a factory whose default is a number, the first aside, which is the learning rate."""
    try:
        _, *others = signature(factory).parameters.values()
    except (TypeError, ValueError):  # some that are written in C do not tell
        return {}
    return {
        one.name: one.default
        for one in others
        if one.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        and isinstance(one.default, int | float)
        and not isinstance(one.default, bool)
        and one.name != "learning_rate"
    }


def own_bounds(
    owner: str, numbers: Mapping[str, float], ends: Mapping[str, tuple[float, float]], without: str
) -> dict[str, Bound]:
    """The ranges of a user's numbers, their defaults inside.

    Args:
        owner: whose they are, for errors, such as `the optimizer 'mine'`.
        numbers: name -> default.
        ends: name -> least and largest value; the others may be any finite number.
        without: why there are no numbers, where there are none, for errors.

    Raises:
        RecipeError: there is no such number, its ends are no range, or its default is outside.
    """
    if unknown := next((name for name in ends if name not in numbers), None):
        hint = nearest(unknown, numbers) if numbers else f"{without} whose default is a number"
        raise RecipeError(f"{owner} has no number '{unknown}' to bound: {hint}")
    bounds = {}
    for name, default in numbers.items():
        low, high = ends.get(name, (-inf, inf))
        if not low < high:
            raise RecipeError(
                f"bounds of {name} must be its least and its largest value, got {ends[name]}: try ({default:g}, inf)"
            )
        whole, meaning = isinstance(default, int), f"number of {owner}"
        bounds[name] = Bound(low, high, f"{owner} takes no other", f"{default:g}", meaning, whole=whole)
        check_number(name, default, bounds[name])
    return bounds


def _takes_scalar(factory: Callable[..., Any], learning_rate: float, name: str, default: float) -> bool:
    """Whether a rule can be built and take a step with a number as a JAX scalar, if it can with a Python number."""
    import jax
    import jax.numpy as jnp

    def step(number: Any) -> Any:
        rule = factory(learning_rate, **{name: number})
        params = {"weights": jnp.ones((2, 2))}
        return rule.update(params, rule.init(params), params)

    if isinstance(default, int):
        return False
    try:
        jax.eval_shape(step, jnp.asarray(default))
    except jax.errors.JAXTypeError:
        return False
    except Exception:  # a user's code: what is wrong with it beside this is told when it is trained
        return True
    return True


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
