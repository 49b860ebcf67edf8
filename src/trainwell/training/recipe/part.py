"""What all parts of a recipe share: checks, messages, changed copies, and numbers of users' rules and networks."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Self, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator

from trainwell.core import RecipeError, nearest
from trainwell.optim import HYPERPARAMETERS, Bound
from trainwell.training.recipe.findings import explain

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1), Le(2**31 - 1)]  # updates are counted with 32 bits
_MOST = 1e300
REGISTERED = ("network", "initialization", "optimizer", "schedule")
"""Fields for which users can register new values."""


class RecipePart(BaseModel):
    """Some fields of a recipe, frozen and validated; see `Recipe`.

    Raises:
        RecipeError: a field is unknown, out of range, or does not fit the others.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    def __init__(self, **fields: Any) -> None:
        kept, wrong = fields, []
        if extra := fields.keys() - type(self).model_fields.keys():
            own = self.own_numbers()
            unknown = [name for name in fields if name in extra and name not in own]
            wrong = [f"unknown field '{name}': {nearest(name, (*type(self).model_fields, *own))}" for name in unknown]
            kept = {name: value for name, value in fields.items() if name not in extra}
            # An unset number is left out, so that recipes with and without it are equal.
            kept |= {name: _plain(fields[name], own[name]) for name in own if fields.get(name) is not None}
        try:
            super().__init__(**kept)
        except ValidationError as error:
            wrong.insert(0, explain(error))
        if wrong:
            raise RecipeError("; ".join(wrong))

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_own_type(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse text or a boolean in place of a number, and a number in place of a boolean."""
        kind = cls.model_fields[str(info.field_name)].annotation
        if kind in (float, float | None) and isinstance(value, str):
            raise ValueError(f"{info.field_name} must be a number, got {value!r}")
        switch = bool in (kind, *get_args(kind))
        parts = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(part, bool) != switch for part in parts if part is not None):
            raise ValueError(
                f"{info.field_name} must {'be true or false' if switch else 'not be true or false'}, got {value!r}"
            )
        return value

    @field_validator("activation", *REGISTERED, check_fields=False)
    @classmethod
    def _known_name(cls, name: str, info: ValidationInfo) -> str:
        field = str(info.field_name)
        valid = names_of(field)
        if name not in valid:
            raise ValueError(f"unknown {field} '{name}': {nearest(name, valid)}")
        return name

    def evolve(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated like a new one."""
        return type(self)(**{**self.model_dump(exclude_unset=True), **changes})

    def number(self, name: str) -> float | None:
        """The value of a rule's or a network's number; None if it is unset, or the name is another field's."""
        is_field = name in type(self).model_fields and name not in HYPERPARAMETERS
        return None if is_field else getattr(self, name, None)

    @classmethod
    def own_numbers(cls) -> dict[str, Bound]:
        """Numbers of users' rules and networks that are fields; the range is that of the first one that has it.

        Raises:
            RecipeError: a rule and a network have a number of the same name.
        """
        own: dict[str, Bound] = {}
        of_rules = {number for rule in _numbered()["optimizer"].values() for number in rule.defaults}
        for network in _numbered()["network"].values():
            if both := sorted(of_rules & network.defaults.keys()):
                raise RecipeError(
                    f"the network '{network.name}' and an optimizer both have a number '{both[0]}': rename one"
                )
        for field, registry in _numbered().items():
            for spec in registry.values() if field in cls.model_fields else ():
                own = {name: spec.bounds[name] for name in spec.defaults if name not in cls.model_fields} | own
        return own

    @model_validator(mode="after")
    def _check_own_numbers(self) -> Self:
        """Check numbers of users' rules and networks against the ranges that the chosen rule and network define."""
        from trainwell.optim import check_number

        if self.model_extra:
            bounds = self.own_numbers()
            for field, registry in _numbered().items():
                bounds |= registry[getattr(self, field)].bounds if field in type(self).model_fields else {}
            for name, value in self.model_extra.items():
                try:
                    check_number(name, value, bounds[name])
                except RecipeError as error:
                    raise ValueError(error) from None
        return self


def _plain(value: Any, bound: Bound) -> Any:
    """A number as Python's `int` or `float`; other values unchanged, to be refused later."""
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < _MOST:
        return value
    return int(number) if bound.whole and number == int(number) else float(number)


def _numbered() -> Mapping[str, Mapping[str, Any]]:
    """The fields whose values may have numbers of their own, with the registries of these values."""
    from trainwell.optim import RULES
    from trainwell.training.recipe.networks import NETWORKS

    return {"optimizer": RULES, "network": NETWORKS}


def names_of(field: str) -> Collection[str]:
    """The registry of a field's values; imported here because `nn` and `optim` load JAX."""
    from trainwell.nn import ACTIVATIONS, INITIALIZERS
    from trainwell.optim import SCHEDULES

    registries: dict[str, Collection[str]] = {
        **_numbered(),
        "activation": ACTIVATIONS,
        "initialization": INITIALIZERS,
        "schedule": SCHEDULES,
    }
    return registries[field]
