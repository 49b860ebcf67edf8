"""The optimizers at a glance: what each does, with which numbers, and what it keeps (F-C-1)."""

from collections.abc import Iterable

from trainwell.display import Head, Listing, ListingRow
from trainwell.optim import RULES, RuleSpec
from trainwell.report.numbers import NONE

VELOCITY, ROOTS, MOMENTS = "a velocity", "an average of squared gradients", "averages of gradients and of their squares"
FORMULAS = {
    "gradient_descent": ("θ ← θ − ηg", "nothing"),
    "sgd": ("θ ← θ − ηg", "nothing"),
    "momentum": ("v ← ρv + g; θ ← θ − ηv", VELOCITY),
    "momentum_step": ("v ← ρv − ηg; θ ← θ + v", VELOCITY),
    "nesterov": ("v ← ρv − ηg; θ ← θ + ρv − ηg", VELOCITY),
    "nesterov_lookahead": ("v ← ρv − η∇f(θ + ρv); θ ← θ + v", VELOCITY),
    "adagrad": ("h ← h + g²; θ ← θ − ηg/(√h + ε)", "the sum of squared gradients"),
    "rmsprop": ("h ← ρh + (1 − ρ)g²; θ ← θ − ηg/(√h + ε)", ROOTS),
    "adam_uncorrected": ("m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − ηm/(√v + ε)", MOMENTS),
    "adam": ("as adam_uncorrected, with m/(1 − β₁ᵗ) and v/(1 − β₂ᵗ)", MOMENTS),
    "adam_folded": ("as adam_uncorrected, with η√(1 − β₂ᵗ)/(1 − β₁ᵗ) for η", MOMENTS),
    "adamw": ("as adam, and besides θ ← θ − ηλθ", MOMENTS),
    "newton": ("θ ← θ − ηH⁻¹g", "nothing; needs H, D² numbers"),
    "newton_damped": ("θ ← θ − αη(H + cI)⁻¹g, c so that all curves up", "nothing; needs H, D² numbers"),
    "newton_saddle_free": ("θ ← θ − αη|H|⁻¹g, with absolute eigenvalues", "nothing; needs H, D² numbers"),
    "bfgs": ("θ ← θ − αηBg, B ≈ H⁻¹ from changes of the gradient", "B, D² numbers"),
    "lbfgs": ("as bfgs, with B from the last m changes alone", "these changes, 2mD numbers"),
}
"""Update and what is kept from one to the next, by rule: θ parameters, g gradient, η learning rate, H Hessian, α from a
line search."""


def glance_listing(names: Iterable[str]) -> Listing:
    """Rules with their update, their numbers and what they keep.

    Args:
        names: of rules, each once.
    """
    words = ("What it does", "Update", "Numbers", "Keeps")
    heads = (Head("Optimizer", ""), *(Head(word, "word") for word in words), Head("Lecture", ""))
    return Listing(heads, tuple(_row(RULES[name]) for name in names))


def _row(spec: RuleSpec) -> ListingRow:
    formula, keeps = FORMULAS.get(spec.name, (NONE, NONE))
    numbers = {"learning_rate": spec.default_learning_rate, **spec.hyperparameters}
    listed = ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    cells = (spec.name, spec.description, formula, listed, keeps, spec.lecture_id or NONE)
    return ListingRow(tuple((cell, "") for cell in cells))
