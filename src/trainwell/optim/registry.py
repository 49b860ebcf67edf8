"""All update rules by name, with hyperparameters and default learning rates; `register` adds rules of users."""

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
    """The description of an update rule, for recipes, the training engine, help and tables."""

    name: str
    factory: Callable[..., Any]
    """`factory(learning_rate, **hyperparameters)`."""
    default_learning_rate: float
    """Default for a fully connected network on standardized inputs with mini-batches."""
    hyperparameters: Mapping[str, float]
    """Name -> default, without the learning rate."""
    description: str
    formula: str = ""
    """One update as a formula: θ parameters, g gradient, η learning rate, t number of the update, H Hessian, α from a
    line search."""
    keeps: str = ""
    """The state between updates, as text."""
    bounds: Mapping[str, Bound] = field(default_factory=lambda: HYPERPARAMETERS)
    """Name -> range and meaning, for the learning rate and at least all hyperparameters."""
    own: bool = False
    """Whether a user registered it; hyperparameters that a recipe does not set are then not passed to the factory."""
    needs_lookahead: bool = False
    """Whether `update` needs the gradient at `rule.eval_point(params, state)`."""
    full_batch: bool = False
    """Whether it is meant for the gradient of the whole training set."""
    shares_slots: bool = True
    """Whether its state is a `Slots`, so that one compiled program can contain it together with other rules."""
    second_order: bool = False
    """Whether it uses curvature: `update` needs `value_fn`, and the gradient must not be clipped or changed."""
    has_line_search: bool = False
    """Whether it has a line search; its state is a `LineSearchState` or has one as `line_search`."""
    matrices: int = 0
    """Number of P x P matrices that it needs in memory, for P parameters."""
    structural: frozenset[str] = frozenset()
    """Hyperparameters that are constants of the compiled program."""

    @property
    def defaults(self) -> dict[str, float]:
        """Defaults of all hyperparameters, the learning rate first."""
        return {"learning_rate": self.default_learning_rate, **self.hyperparameters}

    @property
    def table_row(self) -> dict[str, str]:
        """Its row in a table of optimizers, by column."""
        return {
            "Optimizer": self.name,
            "What it does": self.description,
            "Update": self.formula,
            "Hyperparameters": ", ".join(f"{name} {value:g}" for name, value in self.defaults.items()),
            "Keeps": self.keeps,
        }

    def with_fixed(self, **numbers: Any) -> "RuleSpec":
        """A copy of the description in which some hyperparameters have fixed values, such as the structural ones."""
        if not numbers:
            return self
        others = {name: value for name, value in self.hyperparameters.items() if name not in numbers}
        return replace(self, factory=partial(self.factory, **numbers), hyperparameters=others)

    def build(self, learning_rate: Number | None = None, **hyperparameters: Number) -> Rule:
        """Build the rule. Python numbers are checked, traced JAX scalars are not.

        Args:
            learning_rate: η; None for the default of this rule.
            **hyperparameters: values that differ from the defaults.

        Returns:
            The rule; an optax transformation of a user is converted to a `Rule`.

        Raises:
            RecipeError: the rule does not have this hyperparameter, or a value is out of range.

        Example:
            >>> rule("momentum").build(momentum=0.5).eval_point is None
            True
        """
        for hyperparameter in hyperparameters:
            if hyperparameter not in self.hyperparameters:
                hint = nearest(hyperparameter, ["learning_rate", *self.hyperparameters])
                raise RecipeError(f"the optimizer '{self.name}' has no hyperparameter '{hyperparameter}': {hint}")
        eta = self.default_learning_rate if learning_rate is None else learning_rate
        built = self.factory(eta, **hyperparameters)
        return built if isinstance(built, Rule) else _from_optax(built)


def _from_optax(transformation: Any) -> Rule:
    """An optax transformation as a rule; it gets the extra arguments that it accepts."""
    import optax  # here, as importing it takes a third of a second and only users' rules need it

    extended = optax.with_extra_args_support(transformation)
    return Rule(extended.init, extended.update)


def _spec(factory: Callable[..., Rule], rate: float, text: str, formula: str, **more: Any) -> RuleSpec:
    """The description of a built-in rule; its name and hyperparameters are read from the factory's signature."""
    known = {p.name: p.default for p in signature(factory).parameters.values() if p.name != "learning_rate"}
    return RuleSpec(factory.__name__, factory, rate, known, text, formula, **more)


_SECOND: Any = {"full_batch": True, "shares_slots": False, "second_order": True}
_SEARCH: Any = {**_SECOND, "has_line_search": True}
_NEWTON: Any = {"keeps": "nothing; needs H, D² numbers", "matrices": 4}
_VELOCITY: Any = {"keeps": "a velocity"}
_MOMENTS: Any = {"keeps": "averages of gradients and of their squares"}
_AVERAGES = "m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²"
_CORRECTED = "m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)"
_ALL = (
    _spec(
        gradient_descent,
        0.1,
        "a step along the negative gradient of the whole training set",
        "θ ← θ − ηg",
        keeps="nothing",
        full_batch=True,
    ),
    _spec(sgd, 0.05, "a step along the negative gradient of a mini-batch", "θ ← θ − ηg", keeps="nothing"),
    _spec(
        momentum,
        0.02,
        "a step along a decaying sum of gradients",
        "v ← ρv + g; θ ← θ − ηv",
        **_VELOCITY,
    ),
    _spec(
        momentum_step,
        0.02,
        "a step that is a decaying sum of gradients times their learning rates",
        "v ← ρv − ηg; θ ← θ + v",
        **_VELOCITY,
    ),
    _spec(
        nesterov,
        0.02,
        "momentum with the gradient at the look-ahead point, which is stored as the parameters",
        "v ← ρv − ηg; θ ← θ + ρv − ηg",
        **_VELOCITY,
    ),
    _spec(
        nesterov_lookahead,
        0.02,
        "momentum with the gradient at the look-ahead point",
        "v ← ρv − η∇f(θ + ρv); θ ← θ + v",
        needs_lookahead=True,
        **_VELOCITY,
    ),
    _spec(
        adagrad,
        0.02,
        "the gradient divided by the root of the sum of squared gradients",
        "h ← h + g²; θ ← θ − ηg/(√h + ε)",
        keeps="the sum of squared gradients",
    ),
    _spec(
        rmsprop,
        0.001,
        "the gradient divided by the root of the moving average of squared gradients",
        "h ← ρh + (1 − ρ)g²; θ ← θ − ηg/(√h + ε)",
        keeps="an average of squared gradients",
    ),
    _spec(
        adam_uncorrected,
        0.001,
        "Adam without bias correction: its first steps are too large or too small",
        f"{_AVERAGES}; θ ← θ − ηm/(√v + ε)",
        **_MOMENTS,
    ),
    _spec(
        adam,
        0.001,
        "momentum and RMSProp combined, with bias correction",
        f"{_AVERAGES}; θ ← θ − ηm̂/(√v̂ + ε), {_CORRECTED}",
        **_MOMENTS,
    ),
    _spec(
        adam_folded,
        0.001,
        "Adam as in Keras, with ε added before the bias correction",
        f"{_AVERAGES}; θ ← θ − η̂m/(√v + ε), η̂ = η√(1 − β₂ᵗ)/(1 − β₁ᵗ)",
        **_MOMENTS,
    ),
    _spec(
        adamw,
        0.001,
        "Adam with decoupled weight decay",
        f"{_AVERAGES}; θ ← θ − η(m̂/(√v̂ + ε) + λθ), {_CORRECTED}",
        **_MOMENTS,
    ),
    _spec(
        newton,
        1.0,
        "a step to the critical point of the quadratic approximation",
        "θ ← θ − ηH⁻¹g",
        **_NEWTON,
        **_SECOND,
    ),
    _spec(
        newton_damped,
        1.0,
        "Newton with a multiple of the identity added to make the Hessian positive definite",
        "θ ← θ − αη(H + cI)⁻¹g, with c such that H + cI is positive definite",
        **_NEWTON,
        **_SEARCH,
    ),
    _spec(
        newton_saddle_free,
        1.0,
        "Newton with absolute eigenvalues",
        "θ ← θ − αη|H|⁻¹g, with |H| having the absolute eigenvalues of H",
        **_NEWTON,
        **_SEARCH,
    ),
    _spec(
        bfgs,
        1.0,
        "Newton with an inverse Hessian that is estimated from differences of gradients",
        "θ ← θ − αηBg, B ≈ H⁻¹ from differences of gradients",
        keeps="B, D² numbers",
        matrices=3,
        **_SEARCH,
    ),
    _spec(
        lbfgs,
        1.0,
        "BFGS with the last few differences of gradients only",
        "θ ← θ − αηBg, B ≈ H⁻¹ from the last m differences of gradients",
        keeps="these differences, 2mD numbers",
        structural=frozenset({"memory"}),
        **_SEARCH,
    ),
)
RULES: dict[str, RuleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> rule, first the built-in ones, then those that users registered."""


def rule(name: str) -> RuleSpec:
    """The rule with this name.

    Args:
        name: a key of `RULES`.

    Returns:
        Its description, with the factory.

    Raises:
        RecipeError: the name is unknown.

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
    """Register your own rule, or one from optax, under a name that recipes can use.

    The factory is called once here and later inside traced code with the learning rate as a JAX scalar, so it must not
    branch on its value in Python. As the rule has its own state structure, it is compiled as a separate program.

    All parameters of the factory whose default is a number are hyperparameters of the rule: recipes and spaces accept
    them as fields. A value in a recipe is passed as a JAX scalar, so that another value needs no recompilation. If the
    default is a whole number, or the rule does not work with a JAX scalar, it is passed as a Python constant. For
    hyperparameters that a recipe does not set, the factory's defaults are used.

    Args:
        name: a new name, a Python identifier. Registering the same factory and learning rate again is allowed.
        factory: `factory(learning_rate, **hyperparameters)` returns an `optax.GradientTransformation` or a `Rule`.
        learning_rate: default learning rate, at least 0.
        bounds: name of a hyperparameter -> (smallest, largest) value; others may be any finite number.

    Returns:
        The new entry of `RULES`.

    Raises:
        RecipeError: the name is taken or not an identifier, a number is out of range, the factory does not build a
            rule, or it does not have a hyperparameter named in `bounds`.

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
    """Parameters of a factory whose default is a number, without the first one, the learning rate."""
    try:
        _, *others = signature(factory).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
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
    """The ranges of the hyperparameters of a user's rule or network.

    Args:
        owner: what they belong to, for error messages, such as `the optimizer 'mine'`.
        numbers: name -> default.
        ends: name -> (smallest, largest) value; others may be any finite number.
        without: start of the error message if there are no hyperparameters, such as `its factory has no parameter`.

    Raises:
        RecipeError: `ends` has an unknown name or ends that are not in order, or a default is out of range.
    """
    if unknown := next((name for name in ends if name not in numbers), None):
        hint = nearest(unknown, numbers) if numbers else f"{without} whose default is a number"
        raise RecipeError(f"{owner} has no hyperparameter '{unknown}' to bound: {hint}")
    bounds = {}
    for name, default in numbers.items():
        low, high = ends.get(name, (-inf, inf))
        if not low < high:
            raise RecipeError(
                f"bounds of {name} must be its smallest and its largest value, got {ends[name]}: try ({default:g}, inf)"
            )
        whole, meaning = isinstance(default, int), f"hyperparameter of {owner}"
        bounds[name] = Bound(low, high, f"{owner} allows no other value", f"{default:g}", meaning, whole=whole)
        check_number(name, default, bounds[name])
    return bounds


def _takes_scalar(factory: Callable[..., Any], learning_rate: float, name: str, default: float) -> bool:
    """Whether a rule can be built and updated with this hyperparameter as a JAX scalar."""
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
    except Exception:  # any other error in a user's code is reported when it is trained
        return True
    return True


def _check_factory(name: str, factory: Any, learning_rate: float) -> None:
    """Check that a factory builds a rule from a learning rate."""
    instead = "pass a function that builds it, such as optax.adam or lambda learning_rate: optax.chain(...)"
    if _is_built(factory):
        raise RecipeError(
            f"the optimizer '{name}' is built already, with a learning rate that cannot change: {instead}"
        )
    if not callable(factory):
        raise RecipeError(f"the optimizer '{name}' must be a function of the learning rate, got {factory!r}: {instead}")
    built = call(
        factory, f"the optimizer '{name}'", f"it must accept a learning rate as its argument; {instead}", learning_rate
    )
    if not _is_built(built):
        kind = type(built).__name__
        raise RecipeError(f"the optimizer '{name}' must build a rule or optax transformation, not {kind}: {instead}")


def _is_built(rule: Any) -> bool:
    return not isinstance(rule, type) and hasattr(rule, "init") and hasattr(rule, "update")
