"""Transfer learning: a trained network as the start of another one, which has a new head.

Source: T-TRANS-1.
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from trainwell.core import ModelError, RecipeError, sha256, value_text
from trainwell.data import FittedInputs
from trainwell.models.model import Model, TrainedNetwork
from trainwell.nn import Network
from trainwell.optim import RULES
from trainwell.training import Recipe, Weights, has_effect

KEPT = (
    *("activation", "maxout_pieces", "negative_slope", "elu_alpha"),
    *("batch_norm", "batch_norm_eps", "inputs"),
)
"""Fields of the recipe without which the weights do not mean the same."""
BYTE_RANGE = 255
Freeze = int | Literal["body"]


@dataclass(frozen=True, eq=False)
class Start:
    """A trained network from which others start: the same hidden layers, and a new head for other targets.

    Every layer but the last is taken over, as far as the new network has the same widths from the input on, with batch
    norm's running statistics. The head is always drawn fresh, even where the old one would fit. Inputs are prepared and
    scaled as the old network's were, since its first layer was trained on those.

    Attributes:
        network: the trained one.
        inputs: how its inputs were prepared and scaled; what `load_data` and `from_arrays` take as `like`.
        data: name of the data it was trained on.
        number: which network of its ensemble it is, from 1.
        of: how many these are.

    Example:
        >>> from trainwell.data import load_data
        >>> from trainwell.training import train
        >>> trained = train("iris", Recipe(hidden=(8,), epochs=2))
        >>> start = Start.of_model(Model.of(trained, [0]))
        >>> data = load_data("iris", limit=100, like=start.inputs)
        >>> recipe = start.recipe(Recipe(epochs=2), freeze="body")
        >>> recipe.hidden, recipe.layer_learning_rates
        ((8,), (0.0, 1.0))
        >>> len(train(data, recipe, seeds=range(3), initial=start.weights(recipe)))
        3
    """

    network: TrainedNetwork
    inputs: FittedInputs
    data: str
    number: int = 1
    of: int = 1

    @classmethod
    def of_model(cls, model: Model, number: int = 1) -> Self:
        """One network of a model.

        Args:
            model: such as `load_model` gives it.
            number: which network of an ensemble, from 1: seeds in their order, or those that a search chose.

        Raises:
            ModelError: it has not so many networks, or no hidden layer to take over.
        """
        count = len(model.networks)
        if not 1 <= number <= count:
            raise ModelError(f"the model has {count} network{'s' if count > 1 else ''}, and none of number {number}")
        network = model.networks[number - 1]
        if not isinstance(network.structure, Network):
            raise ModelError(
                f"the model's network is '{network.recipe.network}', whose head is not known: only fully connected "
                "networks can be started from; in Python, pass its parameters to train as initial"
            )
        if not network.structure.num_hidden:
            raise ModelError("the network to start from has no hidden layer: all of it is its head, which is made new")
        shift, scale = (network.numbers[f"input_{name}"] for name in ("shift", "scale"))
        if getattr(model.preparation.inputs, "is_bytes", False):  # bytes are fractions of 255
            shift, scale = shift / BYTE_RANGE, scale * BYTE_RANGE
        inputs = FittedInputs(
            model.preparation.inputs, network.recipe.inputs, shift.astype(np.float32), scale.astype(np.float32)
        )
        return cls(network, inputs, model.name, number, count)

    def recipe(self, recipe: Recipe, freeze: Freeze | None = None) -> Recipe:
        """The recipe with what the weights need: the fields of the network and its inputs as the old network has them.

        Args:
            recipe: how to train. It may leave these fields out; its hidden layers may be others after the first.
            freeze: how many layers from the input on stay as they are; `"body"` for all that are taken over.

        Raises:
            RecipeError: it says otherwise, no layer of the old network fits, or no such layers can be frozen.
        """
        old = self.network.recipe
        own = {name: getattr(old, name) for name in KEPT} | {"hidden": old.hidden}
        said = {name for name in own if name in recipe.model_fields_set}
        made = recipe.evolve(**{name: value for name, value in own.items() if name not in said})
        for name in KEPT:
            value, needed = getattr(made, name), own[name]
            if value != needed and (has_effect(name, old, {}) or has_effect(name, made, {})):
                raise RecipeError(
                    f"{name} is {value_text(value)}, and the network to start from was trained with "
                    f"{value_text(needed)}: leave {name} out"
                )
        if not self.taken(made):
            raise RecipeError(
                f"hidden is {value_text(made.hidden)}, and the network to start from has {value_text(old.hidden)}: "
                "with another first layer nothing of it can be taken over; leave hidden out"
            )
        return made if freeze is None else self._frozen(made, freeze)

    def _frozen(self, recipe: Recipe, freeze: Freeze) -> Recipe:
        taken = self.taken(recipe)
        count = taken if freeze == "body" else freeze
        if recipe.layer_learning_rates is not None:
            raise RecipeError(
                "freeze and layer_learning_rates both say how fast layers learn: give one of them; 0 freezes a layer"
            )
        if not 1 <= count <= taken:
            raise RecipeError(
                f"freeze must be body, or a number of layers from 1 to {taken}, which are those taken over, got {count}"
            )
        if RULES[recipe.optimizer].second_order:
            raise RecipeError(f"'{recipe.optimizer}' cannot leave layers as they are: freeze none, or use adam, say")
        rest = len(recipe.hidden) + 1 - count
        return recipe.evolve(layer_learning_rates=(0.0,) * count + (1.0,) * rest)

    def taken(self, recipe: Recipe) -> int:
        """How many layers are taken over: hidden ones from the input on, up to the first of another width."""
        old = self.network.recipe.hidden
        differs = (i for i, (a, b) in enumerate(zip(old, recipe.hidden, strict=False)) if a != b)
        return next(differs, min(len(old), len(recipe.hidden)))

    def weights(self, recipe: Recipe) -> Weights:
        """What `train` takes as `initial`: parameters and running statistics of the layers that are taken over."""
        count = self.taken(recipe)
        return self.network.params[:count], self.network.statistics[:count]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that is taken over: weights, running statistics, and how inputs are scaled."""
        layers = [*self.network.params, *self.network.statistics]
        arrays = [layer[name] for layer in layers for name in sorted(layer)]
        return sha256(b"".join(array.tobytes() for array in (*arrays, self.inputs.shift, self.inputs.scale)))

    def facts(self, recipe: Recipe) -> dict[str, Any]:
        """What is taken over, drawn fresh and frozen, as JSON values; layers are counted from 1."""
        taken, layers = self.taken(recipe), len(recipe.hidden) + 1
        rates = recipe.layer_learning_rates or (1.0,) * layers
        return {
            "data": self.data,
            "network": self.number,
            "networks": self.of,
            "seed": self.network.seed,
            "taken_over": list(range(1, taken + 1)),
            "drawn_fresh": list(range(taken + 1, layers + 1)),
            "frozen": [i for i, rate in enumerate(rates, 1) if rate == 0],
        }

    def words(self, recipe: Recipe) -> list[str]:
        """The same in sentences."""
        facts, frozen = self.facts(recipe), self.facts(recipe)["frozen"]
        which = f"network {self.number} of {self.of}" if self.of > 1 else "the network"
        old = self.network
        widths = (*old.structure.input_shape, *old.recipe.hidden)
        sizes = "→".join(map(str, widths[: self.taken(recipe) + 1]))
        head = "the head" if len(facts["drawn_fresh"]) == 1 else "the last of them the head"
        return [
            f"started from {which} (seed {self.network.seed}) of a model trained on {self.data}",
            f"taken over: {_layers(facts['taken_over'])} ({sizes}); drawn fresh: {_layers(facts['drawn_fresh'])}, "
            f"{head}; frozen: {_layers(frozen)}",
            "inputs are prepared and scaled as they were for that network, by nothing of these data",
            *(
                ["in frozen layers, too, batch norm's running mean and variance follow these data"]
                if recipe.batch_norm and frozen
                else []
            ),
        ]


def _layers(numbers: list[int]) -> str:
    if len(numbers) < 2:
        return f"layer {numbers[0]}" if numbers else "none"
    runs = numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"layers {numbers[0]} to {numbers[-1]}" if runs else f"layers {', '.join(map(str, numbers))}"
