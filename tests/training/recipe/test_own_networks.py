"""Networks of users: trained beside the fully connected one, searched, compared, saved, and refused in one line."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from trainwell.comparison import Terms, compare
from trainwell.core import DataError, ModelError, RecipeError, SpaceError, fingerprint
from trainwell.data import Dataset, from_arrays, load_data
from trainwell.landscape import network_loss, random_directions
from trainwell.models import Model, Start, load_model, save_model
from trainwell.nn import Net, l2_penalty, num_parameters
from trainwell.optim import RULES, register
from trainwell.search import Plan, default_space, tune
from trainwell.training import NETWORKS, Choices, Recipe, Space, net_of, problems_of, register_network, train

from .own_networks import FUNCTIONS, forget_all, register_all, skip_apply, skip_init

SMALL: dict[str, Any] = {"hidden": (6,), "epochs": 2, "batch_size": 32}


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    register_all()
    yield
    forget_all()


@pytest.fixture(scope="module")
def images() -> Dataset:
    digits = load_data("digits", limit=300).training
    return from_arrays(digits.inputs.reshape(-1, 8, 8, 1), digits.targets)


def same_bits(one: Any, other: Any) -> bool:
    leaves = [[np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)] for tree in (one, other)]
    return leaves[0] == leaves[1]


def test_three_kinds_train_beside_ours_and_each_has_the_bits_it_has_alone(images):
    recipes = [Recipe(network=name, learning_rate=0.01, epochs=8) for name in ("fully_connected", *FUNCTIONS)]
    together = train(images, recipes, seeds=(0, 1))
    assert set(together.statuses) == {"finished"}
    for i, recipe in enumerate(recipes):
        alone = train(images, recipe, seeds=[1])
        assert same_bits(alone.params[0], together.params[2 * i + 1]), recipe.network
        assert same_bits(alone.states[0], together.states[2 * i + 1]), recipe.network
    assert (together.kept("accuracy/validation") > 0.2).all()  # guessing has 0.1


def test_training_is_that_of_the_functions_written_out():
    """Gradient descent on the mean loss with the penalty, by JAX alone."""
    data = load_data("iris")
    recipe = Recipe(
        network="skip", optimizer="gradient_descent", learning_rate=0.1, l2_penalty=0.01, steps=5, gain=0.5, units=5
    )
    trained = train(data, recipe)
    (problem,) = problems_of([recipe], data, np.float32)
    params, _ = problem.init(0)
    shift, scale = data.scaling("standardize")
    inputs, labels = jnp.asarray((data.training.inputs - shift) * scale), jnp.asarray(data.training.targets)

    def loss(params: Any) -> Any:
        logits = jax.nn.log_softmax(skip_apply(params, inputs, gain=0.5))
        weights = (params["1"], params["2"], params["3"][0])
        penalty = 0.5 * 0.01 * sum(jnp.sum(one**2) for one in weights)
        return -jnp.mean(logits[jnp.arange(len(labels)), labels]) + penalty

    for _ in range(5):
        params = jax.tree.map(lambda p, g: p - 0.1 * g, params, jax.grad(loss)(params))
    assert params["1"].shape == (4, 5)
    for found, expected in zip(jax.tree.leaves(trained.params[0]), jax.tree.leaves(params), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-6)


def test_state_follows_the_updates_and_padding_rows_do_not_count():
    data = load_data("iris")  # 106 training rows: batches of 40, 40 and 26
    trained = train(data, Recipe(network="normed", batch_size=40, epochs=4, learning_rate=0.0))
    assert trained.states[0]["updates"] == trained.steps[0] == 4 * 3
    mean = trained.states[0]["mean"]
    (problem,) = problems_of([trained.members[0].recipe], data, np.float32)
    params, _ = problem.init(0)
    shift, scale = data.scaling("standardize")
    expected = np.zeros(8)
    for rows in problem.order(0, 0, 12):
        inputs = (data.training.inputs[rows[rows >= 0]] - shift) * scale
        expected = 0.9 * expected + 0.1 * (inputs @ params[0]).mean(0)
    np.testing.assert_allclose(mean, expected, rtol=1e-4, atol=1e-6)


def test_a_network_with_state_that_cannot_see_padding_drops_short_batches_and_says_so(caplog):
    def apply(params: Any, inputs: Any, *, state: Any) -> Any:
        return inputs @ params, state + inputs.mean(0)

    def init(key: Any, *, input_shape: Any, num_outputs: int) -> Any:
        return jax.random.normal(key, (*input_shape, num_outputs)), jnp.zeros(input_shape)

    register_network("careless", init, apply)
    with caplog.at_level(logging.WARNING, "trainwell"):
        trained = train(load_data("iris"), Recipe(network="careless", batch_size=40, epochs=2))
    assert trained.steps[0] == 2 * 2
    assert "takes state but not `valid`" in caplog.text
    assert "26 are left out of every epoch, different ones each time" in caplog.text


def test_every_update_has_a_key_of_its_own_and_prediction_none():
    data, recipe = load_data("iris"), Recipe(network="normed", batch_size="full", steps=1, learning_rate=0.1, drop=0.5)
    (problem,) = problems_of([recipe], data, np.float32)
    params, state = problem.init(0)
    arrays, numbers, rows = problem.data, problem.numbers(0), problem.order(0, 0, 1)[0]
    losses = [float(problem.loss(params, state, arrays, rows, step, numbers)[0]) for step in (0, 1, 0)]
    assert losses[0] == losses[2] != losses[1]
    model = Model.of(train(data, recipe), [0])
    assert same_bits(model.outputs(data.validation.inputs), model.outputs(data.validation.inputs))


def test_a_traced_number_shares_the_program_and_a_whole_one_has_its_own():
    data = load_data("iris")
    recipes = [Recipe(network="skip"), Recipe(network="skip", gain=0.3), Recipe(network="skip", units=9)]
    first, gain, units = (problem.structure for problem in problems_of(recipes, data, np.float32))
    assert first == gain != units
    with pytest.raises(RecipeError, match=r"units must be a whole number in \[4, 64\]"):
        Recipe(network="skip", units=3)


def test_rates_per_layer_are_those_of_the_entries_at_the_top():
    data = load_data("iris")
    recipe = Recipe(network="skip", steps=3, layer_learning_rates=(0, 1, 1))
    (problem,) = problems_of([recipe], data, np.float32)
    before, after = problem.init(0)[0], train(data, recipe).params[0]
    moved = {name: not same_bits(before[name], after[name]) for name in before}
    assert moved == {"1": False, "2": True, "3": True}
    with pytest.raises(RecipeError, match="layer_learning_rates has 2 values, the network has 3 layers"):
        train(data, Recipe(network="skip", layer_learning_rates=(0, 1)))


def test_tune_searches_its_learning_rate_and_its_own_numbers():
    data = load_data("iris")
    space = default_space(data, "accuracy", network="skip", epochs=2)
    assert {"learning_rate", "optimizer", "units", "gain", "l2_penalty"} <= space.axes.keys()
    assert space.axes.keys().isdisjoint({"width", "depth", "hidden", "batch_norm", "dropout_rate", "initialization"})
    tuned = tune(data, space, Plan(trials=4, rounds=1, refit_recipes=1, refit_seeds=1))
    recipes = [trial.recipe for trial in tuned.search.trials]
    assert len({recipe.units for recipe in recipes}) > 1
    assert len({recipe.gain for recipe in recipes}) > 1
    assert len({recipe.learning_rate for recipe in recipes}) > 1
    assert tuned.model.networks[0].recipe.network == "skip"


def test_a_space_with_several_networks_has_each_ones_numbers_under_it_alone():
    space = Space.of(network=Choices(("fully_connected", "skip")), units=Choices((4, 8)), width=Choices((5, 6)))
    assert space.axes["units"].when == {"network": ("skip",)}
    assert space.axes["width"].when == {"network": ("fully_connected",)}
    with pytest.raises(SpaceError, match="activation has no effect while network is skip: let network be fully_conn"):
        Space.of(network="skip", activation=Choices(("relu", "tanh")))


def test_compared_with_ours_as_functions():
    found = compare(
        load_data("iris"),
        {"ours": {}, "mine": {"network": (skip_init, skip_apply)}},
        Terms(trials=2, most_seeds=3),
        base={"hidden": (6,), "epochs": 2},
    )
    assert [one.recipe.network for one in found.contenders] == ["fully_connected", "mine"]


@pytest.mark.parametrize("network", ["skip", "normed", "conv"])
def test_saved_and_loaded_it_predicts_the_same(network, images, tmp_path):
    trained = train(images, Recipe(network=network, **SMALL), seeds=(0, 1))
    model = Model.of(trained, [0, 1])
    loaded = load_model(save_model(model, tmp_path / "model"))
    assert same_bits(loaded.outputs(images.validation.inputs), model.outputs(images.validation.inputs))
    assert same_bits(loaded.outputs(images.validation.flat), model.outputs(images.validation.inputs))
    assert jax.tree.structure(loaded.networks[0].params) == jax.tree.structure(model.networks[0].params)


PREDICTS = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[2])
from own_networks import register_all
from trainwell import load_data, load_model
if "register" in sys.argv:
    register_all()
model = load_model(sys.argv[1])
print(model.predict(load_data("iris").validation.inputs).tolist())
"""


def test_a_new_process_predicts_once_the_functions_are_registered(tmp_path):
    data = load_data("iris")
    model = Model.of(train(data, Recipe(network="skip", epochs=20)), [0])
    folder = save_model(model, tmp_path / "model")
    command = [sys.executable, "-c", PREDICTS, str(folder), str(Path(__file__).parent)]
    done = subprocess.run([*command, "register"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(model.predict(data.validation.inputs).tolist())


def test_without_the_functions_or_with_others_loading_says_so(tmp_path, caplog):
    model = Model.of(train(load_data("iris"), Recipe(network="skip", epochs=1)), [0])
    folder = save_model(model, tmp_path / "model")
    forget_all()
    with pytest.raises(ModelError, match=r"network 'skip' is your own code.*register_network\('skip', init, apply\)"):
        load_model(folder)
    register_network("skip", skip_init, lambda params, inputs, *, gain=1.0: skip_apply(params, inputs, gain=-gain))
    with caplog.at_level(logging.WARNING, "trainwell"):
        load_model(folder)
    assert "has changed since it was trained" in caplog.text
    forget_all()

    def wider(key: Any, *, input_shape: Any, num_outputs: int, units: int = 16) -> Any:
        return skip_init(key, input_shape=input_shape, num_outputs=num_outputs, units=units)

    register_network("skip", wider, skip_apply)
    with pytest.raises(
        ModelError, match=r"was trained with \{'units': 8\}, but the registered one has \{'units': 16\}"
    ):
        load_model(folder)


def test_own_weights_to_start_from():
    data = load_data("iris")
    first = train(data, Recipe(network="skip", steps=20))
    recipe = Recipe(network="skip", steps=1, learning_rate=0.0)
    again = train(data, recipe, initial=(first.params[0], first.states[0]))
    assert same_bits(again.params[0], first.params[0])
    partly = train(data, recipe, initial=({"1": first.params[0]["1"]}, ()))
    assert same_bits(partly.params[0]["1"], first.params[0]["1"])
    assert not same_bits(partly.params[0]["2"], first.params[0]["2"])
    with pytest.raises(ModelError, match="network is 'skip', whose head is unknown"):
        Start.of_model(Model.of(first, [0]))


def test_code_that_a_function_uses_decides_whether_it_is_the_same():
    """A cell that runs again with another global, a jitted function, a method: never the old network in silence."""
    source = "def init(key): return jax.random.normal(key, (4, 3))\ndef apply(params, x): return GAIN * x @ params\n"
    found = {}
    for gain in (1.0, 2.0):
        cell: dict[str, Any] = {"jax": jax, "GAIN": gain}
        exec(source, cell)  # noqa: S102  # as a notebook's cell does
        for kind, apply in {"plain": cell["apply"], "jitted": jax.jit(cell["apply"])}.items():
            found[kind, gain] = fingerprint((cell["init"], apply))
        if gain == 1.0:
            register_network("cell", cell["init"], cell["apply"])
            cell["GAIN"] = 2.0
            with pytest.raises(RecipeError, match="network 'cell'"):
                register_network("cell", cell["init"], cell["apply"])
    assert all(found[kind, 1.0] != found[kind, 2.0] for kind in ("plain", "jitted"))

    class Made:
        def __init__(self, sign: float) -> None:
            self.sign = sign

        def apply(self, params: Any, x: Any) -> Any:
            return x @ params

    class Other(Made):
        def apply(self, params: Any, x: Any) -> Any:
            return -x @ params

    assert fingerprint(Made(1.0).apply) == fingerprint(Made(1.0).apply) != fingerprint(Other(1.0).apply)


def test_layers_are_counted_in_the_order_that_init_gives_them():
    def init(key: Any, *, input_shape: Any, num_outputs: int) -> Any:
        return {"stem": 0.5 * jax.random.normal(key, (*input_shape, 5)), "head": jnp.zeros((5, num_outputs))}

    register_network("two", init, lambda params, x: jnp.tanh(x @ params["stem"]) @ params["head"])
    recipe = Recipe(network="two", steps=3, layer_learning_rates=(0, 1))
    (problem,) = problems_of([recipe], load_data("iris"), np.float32)
    before, after = problem.init(0)[0], train(load_data("iris"), recipe).params[0]
    assert same_bits(before["stem"], after["stem"])
    assert not same_bits(before["head"], after["head"])


def test_numbers_of_one_name_are_of_one_kind():
    with pytest.raises(RecipeError, match=r"units is 8\.0 by default in the network 'odd' and 8 in 'skip'"):
        register_network("odd", _init, lambda p, x, *, units=8.0: x @ p)
    register("with_gain", lambda learning_rate, gain=0.5: optax.sgd(learning_rate * gain), 0.1)
    try:
        with pytest.raises(RecipeError, match="'skip' and an optimizer both have a number 'gain'"):
            Recipe(network="skip", gain=0.5)
    finally:
        del RULES["with_gain"]


def test_a_number_that_decides_shapes_must_be_whole():
    def init(key: Any, *, ratio: float = 0.5) -> Any:
        return jax.random.normal(key, (4, 3 + int(4 * ratio)))

    register_network("odd", init, lambda params, x: x @ params[:, :3])
    with pytest.raises(
        RecipeError, match="makes arrays of other shapes for other values of a number that is not whole"
    ):
        train(load_data("iris"), Recipe(network="odd", ratio=1.0, epochs=1))


def test_rows_of_another_layout_are_refused(images):
    model = Model.of(train(images, Recipe(network="conv", epochs=1)), [0])
    rows = images.validation.inputs[:3]
    assert same_bits(model.outputs(rows), model.outputs(images.validation.flat[:3]))
    assert len(model.predict(rows[..., 0])) == 3
    with pytest.raises(DataError, match="rows have the shape 16x4x1, but the network was trained on 8x8x1"):
        model.predict(rows.reshape(3, 16, 4, 1))


def test_its_loss_can_be_sliced():
    data = load_data("iris")
    model = Model.of(train(data, Recipe(network="skip", epochs=3, l2_penalty=0.1)), [0])
    (network,) = model.networks
    loss = network_loss(network.structure, network.state, network.numbers, data.validation, regularized=False)
    assert float(loss(network.params)) == pytest.approx(model.score(data.validation).scores["loss"], rel=1e-4)
    (direction,) = random_directions(network.params, 1)
    lengths = np.linalg.norm(direction["2"], axis=1), np.linalg.norm(network.params["2"], axis=1)
    np.testing.assert_allclose(*lengths, rtol=1e-5)
    assert not direction["3"][1].any()


def net(name: str = "skip", shape: tuple[int, ...] = (4,)) -> Net:
    return net_of(Recipe(network=name), shape, 3)


def test_operations_are_counted_and_parameters_too():
    assert num_parameters(net()) == 4 * 8 + 8 * 8 + 8 * 3 + 3
    products = 2 * (4 * 8 + 8 * 8 + 8 * 3)
    assert 3 * products <= net().flops(1) <= 6 * products
    assert net("conv", (8, 8, 1)).flops(10) >= 3 * 10 * 2 * (8 * 8 * 9 * 4 * 0.7)  # kernels leave the border


def test_the_penalty_leaves_arrays_of_one_dimension_out():
    assert float(l2_penalty({"a": jnp.full((2, 2), 2.0), "b": jnp.full(3, 5.0), "c": jnp.ones((1, 1, 1, 2))})) == 9.0


def _init(key: Any) -> Any:
    return jax.random.normal(key, (4, 3))


def _apply(params: Any, inputs: Any) -> Any:
    return inputs @ params


class _Unhashable:
    __hash__ = None  # type: ignore[assignment]  # as of data classes

    def __call__(self, params: Any, inputs: Any) -> Any:
        return inputs @ params


@pytest.mark.parametrize(
    ("init", "apply", "bounds", "message"),
    [
        (None, _apply, None, "init of the network 'odd' must be a function, got None"),
        (lambda: 1, _apply, None, "takes too few arguments: it takes a JAX random key"),
        (_init, lambda params: params, None, "takes too few arguments: it takes parameters and a batch"),
        (lambda key, *, shape: key, _apply, None, "init of the network 'odd' has an unknown parameter 'shape'"),
        (_init, lambda p, x, *, epochs=3: x, None, "has a number 'epochs', but recipes have another field"),
        (_init, lambda p, x, *, width=3: x, None, "has a number 'width', but recipes have another field"),
        (_init, lambda p, x, *, momentum=0.5: x, None, "has a number 'momentum', but recipes have another field"),
        (
            lambda key, *, a=1: key,
            lambda p, x, *, a=2: x,
            None,
            "a of the network 'odd' has the default 1 in init and 2",
        ),
        (_init, lambda p, x, *, noise=0.1: x, None, "has a number 'noise'"),
        (_init, lambda p, x, *, number=1: x, None, "has a number 'number'"),
        (_init, lambda p, x, *, dropout_rate=0.5: x, None, "has dropout_rate = 0.5 as default, but recipes have 0.0"),
        (_init, _Unhashable(), None, "apply of the network 'odd' cannot be hashed: wrap it in a function"),
        (_init, _apply, {"b": (0, 1)}, "the network 'odd' has no hyperparameter 'b' to bound"),
        (lambda key, *, a=5: key, _apply, {"a": (0, 1)}, "a must be a whole number in"),
    ],
)
def test_functions_that_cannot_be_a_network_are_refused_when_registered(
    init: Any, apply: Any, bounds: Any, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        register_network("odd", init, apply, bounds=bounds)
    assert "odd" not in NETWORKS


def _fails(*_: Any) -> Any:
    raise KeyError("here")


@pytest.mark.parametrize(
    ("init", "apply", "message"),
    [
        (lambda key: _fails(), _apply, r"init of the network 'odd' fails \(KeyError: 'here'\)"),
        (lambda key: {"w": "text"}, _apply, r"init of the network 'odd' returns str at \['w'\]: return only arrays"),
        (lambda key: [jnp.arange(3)], _apply, r"returns int32 at \[0\]: parameters must be floating-point numbers"),
        (lambda key: {}, _apply, "init of the network 'odd' returns no parameters"),
        (_init, lambda p, x: _fails(), r"apply of the network 'odd' fails \(KeyError: 'here'\)"),
        (_init, lambda p, x: (x @ p)[:, 0], "must return outputs of shape"),
        (_init, lambda p, x: (x @ p, {}), "must return outputs of shape"),
        (_init, lambda p, x, *, state: x @ p, r"must return \(params, state\), since apply takes state"),
        (lambda key: (_init(key), 0.0 * _init(key)), lambda p, x, *, state: x @ p, r"must return \(outputs, state\)"),
        (
            lambda key: (_init(key), jnp.zeros(2)),
            lambda p, x, *, state: (x @ p, jnp.zeros(3)),
            "must return a state with the shapes and dtypes",
        ),
    ],
)
def test_what_is_wrong_at_work_is_said_in_one_line_before_anything_is_trained(
    init: Callable[..., Any], apply: Callable[..., Any], message: str
) -> None:
    register_network("odd", init, apply)
    with pytest.raises(RecipeError, match=message):
        train(load_data("iris"), Recipe(network="odd", epochs=1))


def test_layers_are_observed_in_fully_connected_networks_only():
    with pytest.raises(RecipeError, match="layers can be observed in fully connected networks only, not in 'skip'"):
        train(load_data("iris"), Recipe(network="skip", epochs=1), observe_layers=True)


def test_recipes_name_it_and_files_keep_its_numbers():
    recipe = Recipe(network="skip", units=12, gain=0.25)
    assert Recipe.restored(recipe.saved()) == recipe
    forget_all()
    assert Recipe.restored(recipe.saved()).network == "skip"
    with pytest.raises(RecipeError, match="unknown network 'skip'"):
        Recipe(network="skip")


def test_registered_again_from_a_notebooks_cell_it_is_the_same_and_another_is_refused():
    register_network("skip", skip_init, skip_apply, bounds={"units": (4, 64), "gain": (0.0, 2.0)})
    with pytest.raises(RecipeError, match="there is a network 'skip' already"):
        register_network("skip", skip_init, lambda params, inputs: inputs)
