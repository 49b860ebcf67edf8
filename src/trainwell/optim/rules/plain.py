"""The rules as classes with an inner state, for learners: `Adam(learning_rate=1e-3).update(params, grads)`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, make_dataclass
from functools import partial
from inspect import cleandoc, signature
from typing import Any, ClassVar

import jax
import numpy as np

from trainwell.core import DataError
from trainwell.optim.protocol import Rule, Slots
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
from trainwell.optim.rules.sgd import sgd

Arrays = dict[str, Any]
"""Name -> NumPy or JAX array of floating-point numbers, or a Python float."""


@partial(jax.jit, static_argnums=0)
def _step(
    factory: Callable[..., Rule],
    numbers: Mapping[str, float],
    params: Arrays,
    grads: Arrays,
    state: Slots | None,
) -> tuple[Arrays, Slots]:
    """One step of a rule; hyperparameters are arguments, so that changing them needs no recompilation."""
    rule = factory(**numbers)
    updates, state = rule.update(grads, rule.init(params) if state is None else state, params)
    return {name: params[name] + updates[name] for name in params}, state


def _as_given(new: jax.Array, old: Any) -> Any:
    """`new` with the type of `old`: a JAX array, a NumPy array or a float."""
    if isinstance(old, jax.Array):
        return new
    return float(new) if type(old) is float else np.array(new, dtype=old.dtype)


def _check(params: Arrays, grads: Arrays) -> None:
    """Check that gradients fit the parameters, and that parameters are not integers, which a step would round."""
    if unlike := params.keys() ^ grads.keys():
        raise DataError(f"params and grads must have the same names, only one has {', '.join(sorted(unlike))}")
    for name, value in params.items():
        if not (isinstance(value, float) or np.issubdtype(getattr(value, "dtype", object), np.floating)):
            raise DataError(f"params['{name}'] must be an array of floating-point numbers: try {name}.astype(float)")
        if np.shape(value) != np.shape(grads[name]):
            raise DataError(
                f"grads['{name}'] has shape {np.shape(grads[name])}, its parameter {np.shape(value)}: "
                "they must be the same"
            )


@dataclass
class PlainRule:
    """An update rule that keeps its state. Its fields are hyperparameters and may be changed between steps."""

    factory: ClassVar[Callable[..., Rule]]

    def __post_init__(self) -> None:
        self.factory(**self._numbers())  # checks the numbers
        self.state: Slots | None = None

    def _numbers(self) -> dict[str, float]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def update(self, params: Arrays, grads: Arrays) -> Arrays:
        """Take one step; the entries of the dictionary `params` are replaced in place.

        Args:
            params: name -> array of any shape; types (NumPy or JAX) and dtypes are kept.
            grads: gradients with the same names and shapes.

        Returns:
            `params` itself.

        Raises:
            DataError: names or shapes differ, or a parameter has an integer dtype.
            RecipeError: a hyperparameter was changed to a value out of range.

        Example:
            >>> params = {"W": np.array([1.0, 2.0])}
            >>> SGD(learning_rate=0.5).update(params, {"W": np.array([2.0, -2.0])})
            {'W': array([0., 3.])}
        """
        _check(params, grads)
        self.factory(**self._numbers())
        with jax.enable_x64(True):
            new, self.state = _step(type(self).factory, self._numbers(), params, grads, self.state)
        params.update({name: _as_given(value, params[name]) for name, value in new.items()})
        return params


def _plain(name: str, factory: Callable[..., Rule], learning_rate: float) -> Any:
    """The class of a rule; fields, defaults and docstring are the factory's, with this default learning rate."""
    known = {p.name: p.default for p in signature(factory).parameters.values()} | {"learning_rate": learning_rate}
    about = cleandoc(factory.__doc__ or "").partition("\n\nReturns:")[0]  # first line, formula and arguments
    text = f"{about}\n\nThe state is kept: `{name}().update(params, grads)` takes a step."
    own = {"factory": staticmethod(factory), "__doc__": text, "__module__": __name__}
    return make_dataclass(
        name, [(p, float, default) for p, default in known.items()], bases=(PlainRule,), namespace=own
    )


SGD = _plain("SGD", sgd, 0.01)
Momentum = _plain("Momentum", momentum, 0.01)
MomentumStep = _plain("MomentumStep", momentum_step, 0.01)
Nesterov = _plain("Nesterov", nesterov, 0.01)


@dataclass
class NesterovLookahead(PlainRule):
    """Nesterov momentum, look-ahead form: `update` needs the gradient at `eval_point(params)`."""

    factory = staticmethod(nesterov_lookahead)
    learning_rate: float = 0.01
    momentum: float = 0.9

    def eval_point(self, params: Arrays) -> Arrays:
        """The point θ + ρv at which the next `update` needs the gradient, as a new dictionary."""
        if self.state is None:
            return dict(params)
        ahead = nesterov_lookahead(self.learning_rate, self.momentum).eval_point
        assert ahead is not None  # for the type checker: this rule has one
        with jax.enable_x64(True):
            point = ahead(params, self.state)
        return {name: _as_given(value, params[name]) for name, value in point.items()}


AdaGrad = _plain("AdaGrad", adagrad, 0.01)
RMSProp = _plain("RMSProp", rmsprop, 0.001)
AdamUncorrected = _plain("AdamUncorrected", adam_uncorrected, 0.001)
Adam = _plain("Adam", adam, 0.001)
AdamFolded = _plain("AdamFolded", adam_folded, 0.001)
AdamW = _plain("AdamW", adamw, 0.001)
