"""The engine against closed forms: schedules, clipping, rates per layer, stopping, both layouts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.data import Dataset, from_arrays, load_data
from trainwell.training import Member, Progress, Recipe, Result, TrainingSettings, problems_of, train
from trainwell.training.engine.checkpoint import Checkpoints
from trainwell.training.engine.engine import Engine
from trainwell.training.engine.population import group

from .quadratic import Quadratic, train_side_by_side


def descend(recipe: Recipe, curvatures: tuple[float, ...] = (1.0, 4.0), seeds: tuple[int, ...] = (0,)) -> list[Result]:
    problem = Quadratic(curvatures)
    return train_side_by_side([Member(recipe, seed, problem) for seed in seeds])


def final(result: Result) -> np.ndarray:
    return np.asarray(result.params[0]["x"], np.float64)


def test_gradient_descent_on_a_quadratic_is_its_closed_form() -> None:
    result = descend(Recipe(optimizer="sgd", learning_rate=0.1, steps=20), seeds=(0,))[0]
    assert final(result) == pytest.approx([0.9**20, 0.6**20], rel=1e-5)
    assert result.steps == 20


def test_many_tiny_members_side_by_side_are_each_their_own_closed_form() -> None:
    results = descend(Recipe(optimizer="sgd", learning_rate=0.1, steps=20), seeds=tuple(range(37)))
    for seed, result in enumerate(results):
        assert final(result) == pytest.approx(np.array([0.9**20, 0.6**20]) * (1 + seed), rel=1e-5)


def test_members_of_different_budgets_and_rules_do_not_mix() -> None:
    recipes = [Recipe(optimizer="sgd", learning_rate=0.1, steps=n) for n in (1, 5, 9)]
    recipes += [Recipe(optimizer="momentum", learning_rate=0.1, momentum=0.0, steps=7)]
    problem = Quadratic((1.0,))
    results = train_side_by_side([Member(recipe, 0, problem) for recipe in recipes])
    assert [final(r)[0] for r in results] == pytest.approx([0.9, 0.9**5, 0.9**9, 0.9**7], rel=1e-5)


def test_a_schedule_multiplies_every_step() -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=0.5, steps=4, schedule="linear")
    # One step per epoch: factors 1, 3/4, 2/4, 1/4.
    expected = np.prod([1 - 0.5 * f for f in (1, 0.75, 0.5, 0.25)])
    assert final(descend(recipe, (1.0,))[0])[0] == pytest.approx(expected, rel=1e-6)


def test_the_gradient_is_clipped_by_its_norm() -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=1.0, steps=1, clip_norm=0.5)
    # The gradient at (1, 1) is (3, 4), of norm 5: clipped to (0.3, 0.4).
    assert final(descend(recipe, (3.0, 4.0))[0]) == pytest.approx([0.7, 0.6], rel=1e-6)


@pytest.mark.parametrize("rule", ["sgd", "momentum_step", "nesterov_lookahead", "adam"])
def test_a_rate_per_layer_is_a_smaller_learning_rate(rule: str) -> None:
    half = Recipe(optimizer=rule, learning_rate=0.2, steps=6, layer_learning_rates=(0.5,))
    plain = Recipe(optimizer=rule, learning_rate=0.1, steps=6)
    assert final(descend(half)[0]) == pytest.approx(final(descend(plain)[0]), rel=1e-5)


def test_rate_0_freezes_a_layer_and_the_others_learn() -> None:
    recipe = Recipe(hidden=(8,), epochs=2, layer_learning_rates=(0.0, 1.0))
    dataset = load_data("iris")
    trained = train(dataset, recipe)
    untrained = train(dataset, recipe.evolve(layer_learning_rates=(0.0, 0.0)))
    for name in ("weights", "biases"):
        assert np.array_equal(trained.params[0][0][name], untrained.params[0][0][name])
        assert not np.array_equal(trained.params[0][1][name], untrained.params[0][1][name])


def test_initial_weights_are_taken_over_where_they_fit() -> None:
    source = train(load_data("iris"), Recipe(hidden=(8,), epochs=2))
    frozen = Recipe(hidden=(8,), epochs=1, layer_learning_rates=(0.0, 1.0))
    # wine has other inputs: its first layer is drawn fresh; iris' own is taken over.
    same = train(load_data("iris"), frozen, initial=(source.params[0], source.states[0]))
    other = train(load_data("wine"), frozen, initial=(source.params[0], source.states[0]))
    assert np.array_equal(same.params[0][0]["weights"], source.params[0][0]["weights"])
    assert other.params[0][0]["weights"].shape == (8, 13)


def rising_validation_loss() -> Dataset:
    """Labels of the validation split contradict those of the training split: its loss rises from the start."""
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    y = (x[:, 0] > 0).astype(int)
    return from_arrays(x, y, validation=(x, 1 - y), test=(x, y))


def test_early_stopping_counts_observations_and_restores_the_best_weights() -> None:
    recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=0.5, batch_size="full", epochs=50, patience=3)
    trained = train(rising_validation_loss(), recipe.evolve(observe_first=0))
    losses = trained.trace["loss/validation"][0]
    assert trained.statuses == ("stopped",)
    assert trained.kept_steps == (int(trained.trace.steps[0][np.argmin(losses)]),)
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3
    assert trained.kept("loss/validation")[0] == losses[best]
    start = train(rising_validation_loss(), recipe.evolve(steps=1, layer_learning_rates=(0.0,)))
    assert best == 0  # each update makes it worse: the weights before the first one are the best
    assert np.array_equal(trained.params[0][0]["weights"], start.params[0][0]["weights"])


def test_without_patience_the_last_weights_are_kept() -> None:
    recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=0.5, batch_size="full", epochs=5)
    trained = train(rising_validation_loss(), recipe)
    assert trained.statuses == ("finished",)
    assert trained.kept_steps == (5,)


def test_a_short_last_batch_counts_its_examples_only() -> None:
    """Full-batch steps, and epochs of one whole and one short batch, against NumPy on the same rows."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(10, 3)), rng.normal(size=10)
    dataset = from_arrays(x, t, validation=(x, t), test=(x, t), task="regression")
    recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=0.1, batch_size=7, epochs=2, inputs="none")
    trained = train(dataset, recipe, seeds=[3])
    from trainwell.nn import Network, initial_params
    from trainwell.training.engine.order import Order

    X, T = dataset.training.inputs.astype(np.float64), dataset.training.targets.astype(np.float64)
    params = initial_params(Network((3, 1)), 3, "he")[0]
    W, b = params["weights"].astype(np.float64).T, params["biases"].astype(np.float64)
    for rows in Order(10, 7).rows(3, 0, 4):
        rows = rows[rows >= 0]
        error = X[rows] @ W + b - T[rows]
        W, b = W - 0.1 * 2 * X[rows].T @ error / len(rows), b - 0.1 * 2 * error.mean(0)
    assert pytest.approx(W, rel=1e-5) == trained.params[0][0]["weights"].T
    assert trained.params[0][0]["biases"] == pytest.approx(b, rel=1e-5)


def test_the_l2_penalty_shrinks_weights_and_not_biases() -> None:
    x = np.zeros((8, 2), np.float32)
    dataset = from_arrays(np.add(x, [1, -1]), np.arange(8.0), validation=(x, np.arange(8.0)), test=(x, np.arange(8.0)))
    recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=1e-6, batch_size="full", steps=1, inputs="none")
    plain, decayed = (train(dataset, recipe.evolve(l2_penalty=lam)).params[0][0] for lam in (0.0, 1e5))
    # One step of η: the penalty alone adds −ηλW, here −0.1 W.
    start = train(dataset, recipe.evolve(layer_learning_rates=(0.0,))).params[0][0]["weights"]
    assert decayed["weights"] - plain["weights"] == pytest.approx(-0.1 * start, rel=1e-4)
    assert np.array_equal(decayed["biases"], plain["biases"])


def test_an_optax_rule_trains_like_ours() -> None:
    import optax

    from trainwell.optim import RULES, register

    register("optax_adam_for_test", lambda learning_rate: optax.adam(learning_rate, eps=1e-7), 1e-3)
    try:
        dataset = load_data("iris")
        ours, theirs = train(
            dataset, [Recipe(hidden=(8,), optimizer=o, epochs=5) for o in ("adam", "optax_adam_for_test")]
        ).params
    finally:
        del RULES["optax_adam_for_test"]
    for a, b in zip(ours, theirs, strict=True):
        assert a["weights"] == pytest.approx(b["weights"], rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "r2"}, "metric 'r2' is for regression"),
        ({"layer_learning_rates": (1.0,)}, "layer_learning_rates has 1 values, the network has 3 layers"),
    ],
)
def test_a_recipe_that_does_not_fit_the_data_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        train(load_data("iris"), Recipe(**changes))


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(RecipeError, match="there is no recipe"):
        train(load_data("iris"), [])
    for seeds in ([], [-1], [0.7], [0, 1, 0]):
        with pytest.raises(RecipeError, match="seeds must be different whole numbers from 0, at least one, got"):
            train(load_data("iris"), Recipe(), seeds=seeds)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(RecipeError, match=r"got 5: write \[5\] for the seed 5, or range\(5\) for five seeds"):
        train(load_data("iris"), Recipe(), seeds=5)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(RecipeError, match="warmup_epochs must be below"):
        train(load_data("iris"), Recipe(epochs=2, schedule="cosine", warmup_epochs=5))


def test_an_invalid_schedule_of_any_member_is_an_error_before_anything_is_trained() -> None:
    trained: list[Any] = []
    problem = Quadratic((1.0,))
    valid, invalid = (TrainingSettings(optimizer="sgd", steps=5, warmup_epochs=epochs) for epochs in (0, 5))
    members = [Member(invalid, 0, problem), Member(valid, 0, problem)]
    with pytest.raises(RecipeError, match="warmup_epochs must be below"):
        train_side_by_side(members, progress=Progress(on_compile=lambda *done: trained.append(done)))
    assert not trained


def test_tiny_members_of_different_rules_keep_their_own() -> None:
    recipes = [Recipe(optimizer=name, learning_rate=0.1, steps=3) for name in ("sgd", "adam", "momentum", "adagrad")]
    problem = Quadratic((1.0, 4.0))
    results = train_side_by_side([Member(recipe, 0, problem) for recipe in recipes])
    alone = [train_side_by_side([Member(recipe, 0, problem)])[0] for recipe in recipes]
    for together, single in zip(results, alone, strict=True):
        assert final(together) == pytest.approx(final(single), rel=1e-6)
    assert len({final(result).tobytes() for result in results}) == 4


def test_small_networks_of_different_rules_keep_their_own() -> None:
    recipes = [Recipe(hidden=(), epochs=3, optimizer=name, learning_rate=0.01) for name in ("sgd", "adam", "momentum")]
    trained = train(load_data("iris"), recipes)
    assert len({params[0]["weights"].tobytes() for params in trained.params}) == 3


def test_problems_of_equal_structure_keep_their_own_data() -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=0.1, steps=1)
    first, second = Quadratic((1.0,)), Quadratic((3.0,))
    results = train_side_by_side([Member(recipe, 0, first), Member(recipe, 0, second)])
    assert [final(result)[0] for result in results] == pytest.approx([0.9, 0.7], rel=1e-6)


def test_each_member_is_observed_on_as_much_training_data_as_its_recipe_says() -> None:
    few, many = (Recipe(hidden=(8,), epochs=2, observe_training=n) for n in (20, 100))
    both = train(load_data("iris"), [few, many]).trace["loss/training"]
    assert both[0] == pytest.approx(train(load_data("iris"), few).trace["loss/training"][0])
    assert both[1] == pytest.approx(train(load_data("iris"), many).trace["loss/training"][0])
    assert both[0, -1] != both[1, -1]


def test_what_diverged_is_never_the_best() -> None:
    recipe = Recipe(hidden=(8,), epochs=6, optimizer="sgd", learning_rate=1e30, patience=3, metric="accuracy")
    trained = train(load_data("iris"), recipe)
    assert trained.statuses == ("diverged",)
    assert trained.kept_steps == trained.steps  # nothing to restore: the weights are those at the end


def test_full_batch_takes_every_row_whatever_the_order() -> None:
    dataset = load_data("iris")
    recipes = [
        Recipe(hidden=(8,), optimizer="gradient_descent", batches="replacement", epochs=3),
        Recipe(hidden=(8,), optimizer="gradient_descent", epochs=3),
    ]
    a, b = train(dataset, recipes).params
    assert np.array_equal(a[0]["weights"], b[0]["weights"])


def test_one_recipe_given_twice_stays_two() -> None:
    recipe = Recipe(hidden=(8,), epochs=1)
    assert train(load_data("iris"), [recipe, recipe], seeds=(0, 1)).by_recipe() == [[0, 1], [2, 3]]


def test_optax_rules_that_keep_the_rate_in_their_state_follow_the_recipe() -> None:
    import optax

    from trainwell.optim import RULES, register

    register("injected_for_test", lambda rate: optax.inject_hyperparams(optax.sgd)(learning_rate=rate), 1e-3)

    def demanding(rate):
        inner = optax.sgd(rate)

        def update(grads, state, params=None, *, temperature, **extra):
            return inner.update(grads, state, params)

        return optax.GradientTransformationExtraArgs(inner.init, update)

    register("needs_more_for_test", demanding, 1e-3)
    try:
        recipe = Recipe(hidden=(8,), epochs=3, learning_rate=0.1, schedule="linear")
        plain, injected = train(
            load_data("iris"), [recipe.evolve(optimizer=o) for o in ("sgd", "injected_for_test")]
        ).params
        with pytest.raises(RecipeError, match="asks for more than training gives it"):
            train(load_data("iris"), Recipe(hidden=(8,), optimizer="needs_more_for_test"))
    finally:
        del RULES["injected_for_test"], RULES["needs_more_for_test"]
    assert plain[0]["weights"] == pytest.approx(injected[0]["weights"], rel=1e-5)


def test_a_name_that_comes_to_mean_another_rule_is_compiled_again() -> None:
    import optax

    from trainwell.optim import RULES, register

    seen = []
    for factory in (optax.sgd, lambda rate: optax.sgd(0 * rate)):
        register("changing_for_test", factory, 0.1)
        seen.append(train(load_data("iris"), Recipe(hidden=(8,), epochs=1, optimizer="changing_for_test")).params[0])
        del RULES["changing_for_test"]
    assert not np.array_equal(seen[0][0]["weights"], seen[1][0]["weights"])


def test_a_global_that_changes_within_a_users_rule_is_compiled_again() -> None:
    import optax

    from trainwell.optim import RULES, register

    names = {"optax": optax, "DECAY": 0.9}
    exec("def rule(rate): return optax.chain(optax.trace(DECAY), optax.scale_by_learning_rate(rate))", names)  # noqa: S102  # a notebook's cell
    register("global_for_test", names["rule"], 0.1)  # type: ignore[arg-type]
    recipe = Recipe(hidden=(8,), epochs=3, optimizer="global_for_test")
    before = train(load_data("iris"), recipe).params[0]
    names["DECAY"] = 0.0
    after = train(load_data("iris"), recipe).params[0]
    del RULES["global_for_test"]
    assert not np.array_equal(before[0]["weights"], after[0]["weights"])


@pytest.mark.parametrize("variant", [{}, {"batch_norm": True, "dropout_rate": 0.2, "patience": 2, "epochs": 30}])
def test_networks_side_by_side_train_as_one_by_one(variant: dict[str, object]) -> None:
    """The layout for accelerators, here on the CPU: blocks of four lanes, the last one filled up."""
    dataset = load_data("iris")
    # Smooth activations: where a ReLU's input is near 0, the two programs' rounding may put it on different sides.
    # And momentum: before batch norm biases have no gradient but rounding, which Adam makes steps of full size from.
    fields = {"hidden": (8,), "activation": "tanh", "optimizer": "momentum", "epochs": 4, "batch_size": 40}
    recipe = Recipe(**fields | variant)
    one_by_one = train(dataset, recipe, seeds=range(6))
    entries = [Member(recipe, i, problem, i) for i, problem in enumerate(problems_of([recipe] * 6, dataset, "float32"))]
    engine = Engine(
        group(entries, mixes=lambda problem: False),
        jobs=1,
        lanes=lambda _: 4,
        dtype=np.dtype("float32"),
        checkpoints=Checkpoints(None),
        initial=None,
        progress=Progress(),
    )
    assert engine.run()
    for i in range(6):
        result = engine.results[i]
        assert result.steps == one_by_one.steps[i]
        assert result.best_step == one_by_one.kept_steps[i]
        assert result.params[0]["weights"] == pytest.approx(one_by_one.params[i][0]["weights"], rel=1e-3, abs=1e-4)
        seen = one_by_one.trace["loss/validation"][i]
        assert result.seen["loss/validation"] == pytest.approx(seen[~np.isnan(seen)], rel=1e-3)


def test_float64_is_exact_to_its_digits(forks: Any, tmp_path: Path) -> None:
    """A process of its own, since the precision is the whole process's."""
    code = """
import numpy as np
from trainwell import Recipe, configure_runtime, load_data, train
configure_runtime(precision="float64")
trained = train(load_data("iris"), Recipe(hidden=(4,), epochs=2, batch_norm=True, dropout_rate=0.1))
assert all(leaf.dtype == np.float64 for layer in trained.params[0] for leaf in layer.values())
trained = train("iris", Recipe(hidden=(), optimizer="sgd", learning_rate=0.5, batch_size="full", steps=1, inputs="none",
                               initialization="zero"))
X, y = (getattr(load_data("iris").training, name) for name in ("inputs", "targets"))
step = 0.5 * (np.eye(3)[y] - 1 / 3).T @ X.astype(np.float64) / len(y)
assert np.allclose(trained.params[0][0]["weights"], step, rtol=1e-12, atol=1e-15)
"""
    forks.printed(tmp_path, code)


def test_data_come_first() -> None:
    recipe = Recipe(hidden=(4,), epochs=1)
    for old in (recipe, [recipe]):
        with pytest.raises(RecipeError, match=r"the data come first: write train\(data, recipes, seeds\)"):
            train(old, load_data("iris"))  # type: ignore[arg-type]  # in the old order
    split = load_data("iris").training
    one, other = train("iris", recipe), train((split.inputs, split.targets), recipe)
    assert np.array_equal(one.params[0][0]["weights"], train(load_data("iris"), recipe).params[0][0]["weights"])
    assert other.dataset.name == "arrays"
