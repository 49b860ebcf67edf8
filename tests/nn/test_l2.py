import jax
import jax.numpy as jnp
import numpy as np

from trainwell.nn import Network, add_l2, initial_params, l2_penalty

PARAMS = initial_params(Network((5, 4, 3), batch_norm=True), 0)


def test_penalty_by_hand():
    layer = {"weights": jnp.array([[1.0, 2.0]]), "biases": jnp.array([7.0]), "scale": jnp.ones(1)}
    assert float(l2_penalty([layer, layer])) == 5.0


def test_added_gradient_is_that_of_the_penalty():
    zeros = jax.tree.map(jnp.zeros_like, PARAMS)
    added = jax.jit(add_l2)(zeros, PARAMS, 0.3)
    expected = jax.jit(jax.grad(lambda params: 0.3 * l2_penalty(params)))(PARAMS)
    assert jax.tree.structure(added) == jax.tree.structure(expected)
    for one, other in zip(jax.tree.leaves(added), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert added[0]["weights"].any()
    assert not any(added[0][name].any() for name in ("biases", "scale", "shift"))


def test_zero_changes_no_bit():
    grads = jax.tree.map(jnp.ones_like, PARAMS)
    for one, other in zip(jax.tree.leaves(add_l2(grads, PARAMS, 0.0)), jax.tree.leaves(grads), strict=True):
        assert (one == other).all()


def test_dtype_is_kept():
    with jax.enable_x64(True):
        l2 = jnp.float64(0.1)
        assert {leaf.dtype for leaf in jax.tree.leaves(add_l2(PARAMS, PARAMS, l2))} == {jnp.dtype("float32")}
        assert l2_penalty(PARAMS).dtype == jnp.float32
