"""Transfer learning: start training from a trained network with a new head.

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
"""Recipe fields that must stay the same for the weights to be meaningful."""
BYTE_RANGE = 255
Freeze = int | Literal["body"]


@dataclass(frozen=True, eq=False)
class Start:
    """A trained network whose hidden layers others start from, with a new head (last layer) for other targets.

    Hidden layers and batch norm's running statistics are copied, up to the first layer whose width differs. All other
    layers, and always the head, start with new random weights. Inputs are prepared and scaled as the old network's
    were, because its first layer was trained on these.

    Attributes:
        network: the trained network.
        inputs: preparation and scaling of its inputs; pass it to `load_data` or `from_arrays` as `like`.
        data: name of the data it was trained on.
        network_number: its number in its ensemble, from 1.
        num_networks: number of networks of the ensemble.

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
    network_number: int = 1
    num_networks: int = 1

    @classmethod
    def of_model(cls, model: Model, number: int = 1) -> Self:
        """One network of a model.

        Args:
            model: a model, as from `load_model`.
            number: number of the network in the ensemble, from 1: in the order of seeds, or in a search's order.

        Raises:
            ModelError: it has fewer networks, its network is not fully connected, or has no hidden layer.
        """
        count = len(model.networks)
        if not 1 <= number <= count:
            raise ModelError(f"the model has {count} network{'s' if count > 1 else ''}, there is no number {number}")
        network = model.networks[number - 1]
        if not isinstance(network.structure, Network):
            raise ModelError(
                f"the model's network is '{network.recipe.network}', whose head is unknown: training can start only "
                "from fully connected networks; in Python, pass its parameters to train as initial"
            )
        if not network.structure.num_hidden:
            raise ModelError("the network to start from has no hidden layer, so there are no weights to start from")
        shift, scale = (network.numbers[f"input_{name}"] for name in ("shift", "scale"))
        if getattr(model.preparation.inputs, "is_bytes", False):  # bytes are fractions of 255
            shift, scale = shift / BYTE_RANGE, scale * BYTE_RANGE
        inputs = FittedInputs(
            model.preparation.inputs, network.recipe.inputs, shift.astype(np.float32), scale.astype(np.float32)
        )
        return cls(network, inputs, model.name, number, count)

    def recipe(self, recipe: Recipe, freeze: Freeze | None = None) -> Recipe:
        """Fill in the recipe fields that must equal the old network's: activation, batch norm, inputs, hidden layers.

        Args:
            recipe: how to train. It may leave these fields out. Hidden layers after the first may differ.
            freeze: number of first layers that are not trained; `"body"` for all copied layers.

        Raises:
            RecipeError: a field differs, no layer can be copied, or these layers cannot be frozen.
        """
        old = self.network.recipe
        own = {name: getattr(old, name) for name in KEPT} | {"hidden": old.hidden}
        said = {name for name in own if name in recipe.model_fields_set}
        made = recipe.evolve(**{name: value for name, value in own.items() if name not in said})
        for name in KEPT:
            value, needed = getattr(made, name), own[name]
            if value != needed and (has_effect(name, old, {}) or has_effect(name, made, {})):
                raise RecipeError(
                    f"{name} is {value_text(value)}, but the network to start from was trained with "
                    f"{value_text(needed)}: leave {name} out"
                )
        if not self.num_copied(made):
            raise RecipeError(
                f"hidden is {value_text(made.hidden)}, but the network to start from has {value_text(old.hidden)}: "
                "with another first layer no weights can be copied; leave hidden out"
            )
        return made if freeze is None else self._frozen(made, freeze)

    def _frozen(self, recipe: Recipe, freeze: Freeze) -> Recipe:
        taken = self.num_copied(recipe)
        count = taken if freeze == "body" else freeze
        if recipe.layer_learning_rates is not None:
            raise RecipeError(
                "freeze and layer_learning_rates both set layers' learning rates: give one of them; 0 freezes a layer"
            )
        if not 1 <= count <= taken:
            raise RecipeError(f"freeze must be body, or from 1 to {taken}, the number of copied layers, got {count}")
        if RULES[recipe.optimizer].second_order:
            raise RecipeError(f"'{recipe.optimizer}' cannot freeze layers: leave freeze out, or use adam")
        rest = len(recipe.hidden) + 1 - count
        return recipe.evolve(layer_learning_rates=(0.0,) * count + (1.0,) * rest)

    def num_copied(self, recipe: Recipe) -> int:
        """Number of copied layers: hidden layers, up to the first whose width differs."""
        old = self.network.recipe.hidden
        differs = (i for i, (a, b) in enumerate(zip(old, recipe.hidden, strict=False)) if a != b)
        return next(differs, min(len(old), len(recipe.hidden)))

    def weights(self, recipe: Recipe) -> Weights:
        """Parameters and running statistics of the copied layers, for `train(initial=…)`."""
        count = self.num_copied(recipe)
        return self.network.params[:count], self.network.state[:count]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of weights, running statistics and input scaling."""
        layers = [*self.network.params, *self.network.state]
        arrays = [layer[name] for layer in layers for name in sorted(layer)]
        return sha256(b"".join(array.tobytes() for array in (*arrays, self.inputs.shift, self.inputs.scale)))

    def facts(self, recipe: Recipe) -> dict[str, Any]:
        """Which layers are copied, new and frozen, as JSON values; layers are counted from 1."""
        taken, layers = self.num_copied(recipe), len(recipe.hidden) + 1
        rates = recipe.layer_learning_rates or (1.0,) * layers
        return {
            "data": self.data,
            "network": self.network_number,
            "num_networks": self.num_networks,
            "seed": self.network.seed,
            "copied": list(range(1, taken + 1)),
            "new": list(range(taken + 1, layers + 1)),
            "frozen": [i for i, rate in enumerate(rates, 1) if rate == 0],
        }

    def words(self, recipe: Recipe) -> list[str]:
        """Sentences that say which layers are copied, new and frozen."""
        facts, frozen = self.facts(recipe), self.facts(recipe)["frozen"]
        which = f"network {self.network_number} of {self.num_networks}" if self.num_networks > 1 else "the network"
        old = self.network
        widths = (*old.structure.input_shape, *old.recipe.hidden)
        sizes = "→".join(map(str, widths[: self.num_copied(recipe) + 1]))
        head = "the head" if len(facts["new"]) == 1 else "the last of them the head"
        return [
            f"started from {which} (seed {self.network.seed}) of a model trained on {self.data}",
            f"copied: {_layers(facts['copied'])} ({sizes}); new random weights: "
            f"{_layers(facts['new'])}, {head}; frozen: {_layers(frozen)}",
            "inputs are prepared and scaled as for that network, not by statistics of these data",
            *(
                ["batch norm's running mean and variance are updated in frozen layers, too"]
                if recipe.batch_norm and frozen
                else []
            ),
        ]


def _layers(numbers: list[int]) -> str:
    if len(numbers) < 2:
        return f"layer {numbers[0]}" if numbers else "none"
    runs = numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"layers {numbers[0]} to {numbers[-1]}" if runs else f"layers {', '.join(map(str, numbers))}"
