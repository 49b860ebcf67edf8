"""Recipe: everything that decides how a network is trained, as one frozen and validated object."""

from typing import Any, Self

from pydantic.fields import FieldInfo

from trainwell.core import RecipeError, kinds_of, list_of, scalar_of
from trainwell.optim import HYPERPARAMETERS, Bound
from trainwell.training.recipe.network_settings import InitialNetwork, NetworkSettings
from trainwell.training.recipe.part import REGISTERED, names_of
from trainwell.training.recipe.training_settings import OptimizerSettings, TrainingSettings

GROUPS = {
    "network": "Network",
    "initialization": "Initial weights",
    "inputs": "Inputs",
    "optimizer": "Optimizer",
    "schedule": "Learning rate over time",
    "l2_penalty": "Regularization",
    "batch_size": "Batches",
    "epochs": "Budget and stopping",
    "observe_every": "Observation",
}
"""First field of a group -> its heading."""


# Pydantic lists the fields of the last base first. They are thus in the order of a recipe's file: the network, the
# optimizer, then what `NetworkSettings` and `TrainingSettings` add to these: regularization, batches and budget.
class Recipe(TrainingSettings, NetworkSettings, OptimizerSettings, InitialNetwork):
    """A network and how it is trained.

    Every field has a default. None means unset: for an optimizer's number the optimizer's own default applies,
    otherwise what the field's description says. Its halves are types of their own: `NetworkSettings`, all that
    describes the network, and `TrainingSettings`, all that the engine reads. Fields are flat, so that
    `Recipe(optimizer="sgd", learning_rate=0.1)`, a TOML file and `--vary learning_rate=0.1,0.01` use the same names.
    `evolve` makes changed copies. Hyperparameters of rules that users registered are fields, too; `recipe_fields` lists
    all.

    Example:
        >>> recipe = Recipe(optimizer="momentum", hidden=(100, 100))
        >>> recipe.evolve(learning_rate=0.05).learning_rate
        0.05
    """

    def __init__(self, **fields: Any) -> None:  # without it, type checkers ask for every field
        super().__init__(**fields)

    def saved(self) -> dict[str, Any]:
        """Fields as plain JSON values, for `restored`; without numbers of users' rules and networks that are unused."""
        from trainwell.optim import RULES
        from trainwell.training.recipe.networks import NETWORKS

        known = self.optimizer in RULES and self.network in NETWORKS
        extra = (
            {**RULES[self.optimizer].hyperparameters, **NETWORKS[self.network].defaults} if known else self.model_extra
        )
        fields = self.model_dump(mode="json")
        return {name: value for name, value in fields.items() if name in {**type(self).model_fields, **(extra or {})}}

    @classmethod
    def restored(cls, fields: dict[str, Any]) -> Self:
        """The recipe of a saved model. Names that users registered are accepted even if they are not registered now.

        Args:
            fields: the saved fields. Unknown names of network, optimizer, schedule and initialization are kept, and so
                are the numbers of an unknown network or optimizer.

        Raises:
            RecipeError: a field is unknown or out of range.
        """
        names = {name: fields[name] for name in REGISTERED if isinstance(fields.get(name), str)}
        own: dict[str, Any] = {name: value for name, value in names.items() if value not in names_of(name)}
        if not own.keys().isdisjoint(("network", "optimizer")):
            numbers = {name: value for name, value in fields.items() if type(value) in (int, float)}
            own |= {name: value for name, value in numbers.items() if name not in cls.model_fields}
        recipe = cls(**{name: value for name, value in fields.items() if name not in own})
        return recipe.model_copy(update=own)


def group_of(field: str) -> str:
    """The heading of a field's group."""
    if field not in Recipe.model_fields:  # a number of a user's network or rule
        from trainwell.training.recipe.networks import NETWORKS

        field = "network" if any(field in spec.defaults for spec in NETWORKS.values()) else "optimizer"
    heading = ""
    for name in Recipe.model_fields:
        heading = GROUPS.get(name, heading)
        if name == field:
            break
    return heading


def recipe_fields() -> dict[str, FieldInfo]:
    """All fields of recipes by name, including numbers of rules and networks that users registered."""
    fields: dict[str, FieldInfo] = {}
    for name, info in Recipe.model_fields.items():
        fields[name] = info
        if name == list(HYPERPARAMETERS)[-1]:
            fields |= {own: _own_field(bound) for own, bound in Recipe.own_numbers().items()}
    return fields


def parse_field(field: str, text: str) -> Any:
    """Parse a field's value as `core.value_text` writes it; its range is checked by `Recipe`, not here.

    Args:
        field: name of a recipe's field.
        text: a number, a word, or several values joined by `,` or `x` for a list. `none` is the empty list, or unsets
            a field that is unset by default.

    Raises:
        RecipeError: the text, or an item of a list, is empty.

    Example:
        >>> parse_field("hidden", "100x50"), parse_field("l2_penalty", "1e-3"), parse_field("clip_norm", "none")
        ((100, 50), 0.001, None)
    """
    text = text.strip()
    info = recipe_fields()[field]
    kinds = list(kinds_of(info.annotation))
    if not text:
        instead = "none, or some numbers" if tuple in kinds else "one, or leave the field out"
        raise RecipeError(f"{field} has an empty value: write {instead}")
    if text.lower() == "none" and info.default is None:
        return None
    if tuple in kinds:
        try:
            return list_of(text)
        except ValueError:
            raise RecipeError(
                f"{field} has an empty item in '{text}': write numbers joined by commas, or none"
            ) from None
    if bool in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return scalar_of(text)


def _own_field(bound: Bound) -> FieldInfo:
    meaning = f"{bound.meaning}, {bound.range}; its default is {bound.instead}"
    return FieldInfo(annotation=int | None if bound.whole else float | None, default=None, description=meaning)
