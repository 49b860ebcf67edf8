"""Every rule that PyTorch has too, against PyTorch in float64 over 100 steps on the same gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.optim import RULES

torch = require("torch")

CASES = {
    "gradient_descent": lambda p, eta: torch.optim.SGD(p, eta),
    "sgd": lambda p, eta: torch.optim.SGD(p, eta),
    "momentum": lambda p, eta: torch.optim.SGD(p, eta, momentum=0.9),
    "nesterov": lambda p, eta: torch.optim.SGD(p, eta, momentum=0.9, nesterov=True),
    "adagrad": lambda p, eta: torch.optim.Adagrad(p, eta, eps=1e-7),
    "rmsprop": lambda p, eta: torch.optim.RMSprop(p, eta, alpha=0.9, eps=1e-7),
    "adam": lambda p, eta: torch.optim.Adam(p, eta, eps=1e-7),
    "adamw": lambda p, eta: torch.optim.AdamW(p, eta, eps=1e-7, weight_decay=0.01),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_equals_pytorch_over_100_steps(name):
    rng = np.random.default_rng(3)
    start = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
    theirs = {key: torch.tensor(value, requires_grad=True) for key, value in start.items()}
    optimizer = CASES[name](list(theirs.values()), 0.05)
    spec = RULES[name]
    # PyTorch keeps η outside Nesterov's velocity: the same only while η is constant.
    changes = name != "nesterov"
    with jax.enable_x64(True):
        params = {key: jnp.asarray(value) for key, value in start.items()}
        state = spec.build().init(params)
        step = jax.jit(lambda eta, grads, state, params: spec.build(eta).update(grads, state, params))
        for t in range(100):
            eta = 0.05 / (1 + t) if changes else 0.05
            grads = {key: rng.normal(size=value.shape) for key, value in start.items()}
            optimizer.param_groups[0]["lr"] = eta
            for key, tensor in theirs.items():
                tensor.grad = torch.tensor(grads[key])
            optimizer.step()
            updates, state = step(eta, {k: jnp.asarray(v) for k, v in grads.items()}, state, params)
            params = {key: params[key] + updates[key] for key in params}
            for key, tensor in theirs.items():
                np.testing.assert_allclose(params[key], tensor.detach().numpy(), rtol=1e-10, atol=1e-14)
