"""Second-order methods on networks: the right objective, against SciPy, stopping on a small gradient, resuming."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.core import RecipeError, total_memory
from trainwell.data import load_data
from trainwell.optim import RULES
from trainwell.training import Member, Recipe, Rungs, members_work, problems_of, train, train_on, train_problems

BASE = Recipe(hidden=(3,), activation="tanh", l2_penalty=1e-2, batch_size="full", optimizer="lbfgs", steps=40)
# Tests that do not stop early have a tolerance that no gradient reaches: a rule has one program in all of them.
ENDLESS = BASE.evolve(gradient_tolerance=1e-12)
SEARCHING = [name for name, spec in RULES.items() if spec.has_line_search]


def full(problem, seed=0):
    """A problem's start and its objective of all rows."""
    params, carry = problem.init(seed)
    data, rows, numbers = problem.data, jnp.asarray(problem.order(seed, 0, 1)[0]), problem.numbers(seed)
    return params, lambda p: problem.objective(p, carry, data, rows, 0, numbers)


@cache
def gradient_of(hidden):
    """The gradient of the objective on iris, which does not depend on the optimizer."""
    (problem,) = problems_of([BASE.evolve(hidden=hidden)], load_data("iris"), np.float32)
    return jax.jit(jax.grad(full(problem)[1]))


def gradient_norm(recipe, params):
    return np.linalg.norm(
        np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(gradient_of(recipe.hidden)(params))])
    )


@pytest.mark.parametrize("fields", [{}, {"batch_norm": True}, {"label_smoothing": 0.1}])
def test_the_objective_has_the_gradient_that_rules_are_given(fields):
    (problem,) = problems_of([BASE.evolve(**fields)], load_data("iris"), np.float32)
    params, objective = full(problem)
    carry, numbers = problem.init(0)[1], problem.numbers(0)
    rows = jnp.asarray(problem.order(0, 0, 1)[0])

    def loss(p):
        return problem.loss(p, carry, problem.data, rows, 0, numbers)[0]

    told = jax.jit(lambda p: problem.penalize(jax.grad(loss)(p), p, numbers))(params)
    for one, other in zip(jax.tree.leaves(told), jax.tree.leaves(jax.jit(jax.grad(objective))(params)), strict=True):
        assert one == pytest.approx(np.asarray(other), rel=1e-4, abs=1e-6)


def test_lbfgs_goes_down_as_fast_as_scipys_per_evaluation():
    from scipy.optimize import minimize

    dataset = load_data("iris")
    recipe = ENDLESS.evolve(steps=80)
    (problem,) = problems_of([recipe], dataset, np.float32)
    params, objective = full(problem)
    both = jax.jit(jax.value_and_grad(objective))
    leaves, structure = jax.tree.flatten(params)
    ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
    found = []

    def flat(leaves):
        return np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(np.float64)

    def fun(x):
        parts = zip(np.split(x.astype(np.float32), ends), leaves, strict=True)
        value, gradient = both(jax.tree.unflatten(structure, [part.reshape(leaf.shape) for part, leaf in parts]))
        found.append(float(value))
        return float(value), flat(jax.tree.leaves(gradient))

    minimize(fun, flat(leaves), jac=True, method="L-BFGS-B", options={"maxcor": 10, "maxfun": 90})
    trained = train(dataset, [recipe.evolve(steps=s) for s in (20, 40, 80)])
    counted = trained.trace.last("evaluations")
    for params, evaluations, steps in zip(trained.params, counted, trained.steps, strict=True):
        ours, theirs = float(both(params)[0]), min(found[: int(evaluations)])
        assert ours <= 1.25 * theirs, (evaluations, ours, theirs)
        assert evaluations <= 1.5 * steps


@pytest.mark.parametrize("optimizer", [*SEARCHING, "newton", "gradient_descent"])
def test_training_stops_where_the_gradient_is_small(optimizer):
    dataset = load_data("iris")
    own = {
        "gradient_descent": {"learning_rate": 0.3, "gradient_tolerance": 0.03},
        # Without hidden layers the loss is convex: from small weights Newton's method finds its minimum.
        "newton": {"hidden": (), "initialization": "normal", "weight_std": 0.01},
    }
    fields = {"steps": 1500, "gradient_tolerance": 3e-3} | own.get(optimizer, {})
    recipe = BASE.evolve(optimizer=optimizer, **fields)
    trained = train(dataset, recipe)
    assert trained.statuses == ("stopped",)
    assert gradient_norm(recipe, trained.params[0]) <= 1.01 * recipe.gradient_tolerance
    before = train(dataset, recipe.evolve(steps=trained.steps[0] - 1))
    assert before.statuses == ("finished",)  # it had not been small before
    assert gradient_norm(recipe, before.params[0]) > 0.99 * recipe.gradient_tolerance
    assert trained.steps[0] < 1500


def test_a_stop_between_two_observations_keeps_the_parameters_of_the_stop():
    dataset = load_data("iris")
    recipe = BASE.evolve(steps=100, gradient_tolerance=1e-2)
    found = train(dataset, [recipe, recipe.evolve(observe_every=50), recipe.evolve(observe_every=100)])
    for other in found.params[1:]:
        for one, same in zip(jax.tree.leaves(found.params[0]), jax.tree.leaves(other), strict=True):
            assert np.array_equal(one, same)
    assert len(set(found.steps)) == 1
    assert set(found.statuses) == {"stopped"}
    assert found.trace.steps[:, 0].tolist() == [1, found.steps[0], found.steps[0]]
    assert len(set(found.kept("loss/training"))) == 1
    (problem,) = problems_of([recipe], dataset, np.float32)
    params, _ = full(problem)
    at_the_start = train(dataset, recipe.evolve(gradient_tolerance=1e3))
    assert (at_the_start.steps, at_the_start.statuses) == ((0,), ("stopped",))
    assert np.array_equal(at_the_start.params[0][0]["weights"], params[0]["weights"])


def test_with_mini_batches_a_stop_is_final():
    recipe = Recipe(hidden=(4,), optimizer="sgd", batch_size=10, gradient_tolerance=0.5, steps=800, observe_every=400)
    trained = train(load_data("iris"), [recipe, recipe.evolve(observe_every=1)], (0, 1))
    assert set(trained.statuses) == {"stopped"}
    for one, other in zip(jax.tree.leaves(trained.params[:2]), jax.tree.leaves(trained.params[2:]), strict=True):
        assert np.array_equal(one, other)
    assert trained.steps[:2] == trained.steps[2:]


def test_early_stopping_keeps_the_best_of_a_run_that_settled():
    own = {"optimizer": "gradient_descent", "learning_rate": 0.3, "gradient_tolerance": 0.03}
    trained = train(load_data("iris"), BASE.evolve(**own, steps=1500, patience=1500))
    assert trained.statuses == ("stopped",)
    assert trained.steps[0] < 1500
    losses = trained.trace["loss/validation"][0]
    assert trained.kept("loss/validation")[0] == np.nanmin(losses)


@pytest.mark.parametrize("optimizer", ["bfgs", "newton_saddle_free"])
def test_a_gradient_that_is_known_is_the_one_that_would_be_taken(optimizer):
    """Where the loss may change between updates (dropout), it is taken anew; without dropout both are the same."""

    class Drawn(type(problems_of([BASE], load_data("iris"), np.float32)[0])):
        deterministic = False

    recipe = ENDLESS.evolve(optimizer=optimizer, steps=6)
    (known,) = problems_of([recipe], load_data("iris"), np.float32)
    # Two calls: problems of one structure and the same data would have one program.
    problems = (known, Drawn(recipe, recipe, known.arrays))
    results = [train_problems([Member(recipe, 0, problem)])[0] for problem in problems]
    one, other = (jax.flatten_util.ravel_pytree(result.params)[0] for result in results)
    assert np.asarray(one) == pytest.approx(np.asarray(other), rel=1e-2, abs=1e-3)
    assert np.array_equal(*(result.seen["evaluations"] for result in results))


@pytest.mark.parametrize("optimizer", ["lbfgs", "newton_damped"])
def test_a_member_trains_the_same_whoever_trains_beside_it(optimizer):
    dataset = load_data("iris")
    recipes = [ENDLESS.evolve(optimizer=optimizer, steps=8, l2_penalty=p) for p in (1e-2, 1e-3)]
    together, alone = train(dataset, recipes, (0, 1)), train(dataset, recipes[1], [1])
    for one, other in zip(jax.tree.leaves(together.params[3]), jax.tree.leaves(alone.params[0]), strict=True):
        assert np.array_equal(one, other)


def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(tmp_path, caplog):
    """Cut after 16 of 20 updates, when what L-BFGS remembers has been replaced."""
    recipe, dataset = ENDLESS.evolve(steps=20), load_data("iris")
    whole = train(dataset, recipe)

    def cut(rung, seen):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train_on([dataset], [recipe], rungs=Rungs((0.8,), cut), checkpoints=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    rest = train(dataset, recipe, checkpoints=tmp_path)
    assert not caplog.records  # the checkpoint was used
    for one, other in zip(jax.tree.leaves(whole.params), jax.tree.leaves(rest.params), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(whole.trace["evaluations"], rest.trace["evaluations"])


def test_optaxs_own_lbfgs_trains_too():
    import optax

    from trainwell.optim import register

    register("optax_lbfgs_for_test", lambda rate: optax.lbfgs(rate), 1.0)
    try:
        recipes = [ENDLESS.evolve(optimizer=name, steps=60) for name in ("optax_lbfgs_for_test", "lbfgs")]
        theirs, ours = train(load_data("iris"), recipes).trace.last("loss/training")
    finally:
        del RULES["optax_lbfgs_for_test"]
    assert theirs == pytest.approx(ours, rel=0.05)


def test_matrices_that_do_not_fit_are_refused_before_anything_is_made():
    side = int((total_memory() / 4) ** 0.25) + 400
    recipe = BASE.evolve(optimizer="bfgs", hidden=(side, side))
    with pytest.raises(RecipeError, match=r"GiB to train .* or lbfgs in place of bfgs"):
        members_work([load_data("iris")], [recipe], 1)
    members_work([load_data("iris")], [recipe.evolve(optimizer="lbfgs", hidden=(64, 64))], 1)
