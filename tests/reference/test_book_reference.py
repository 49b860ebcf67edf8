"""The reference itself: gradient and rules against other numbers, its stored losses against a rerun."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optional import missing
from reference.book_network import (
    RULES,
    final_losses,
    gradients,
    initial_params,
    loss,
    window_losses,
)
from reference.idx_files import Bytes, mnist_folder, training_images

STORED = json.loads((Path(__file__).parent / "book_losses.json").read_text(encoding="utf-8"))
# One θ starting at 1, two gradients, worked by hand.
ADAM_STEP_1 = 0.1 / (1 + 1e-7 / (2 * math.sqrt(0.001)))
ADAM_STEP_2 = 0.1 * math.sqrt(0.001999) / 0.19 * 0.08 / (math.sqrt(0.004996) + 1e-7)
BY_HAND = {
    "sgd": ((0.5, 0.25), (0.95, 0.925)),
    "momentum": ((0.5, 0.25), (0.95, 0.88)),
    "adagrad": ((3.0, 4.0), (1 - 0.3 / (3 + 1e-7), 1 - 0.3 / (3 + 1e-7) - 0.4 / (5 + 1e-7))),
    "adam": ((2.0, -1.0), (1 - ADAM_STEP_1, 1 - ADAM_STEP_1 - ADAM_STEP_2)),
}


@pytest.fixture(scope="module")
def mnist() -> tuple[Bytes, Bytes]:
    folder = mnist_folder()
    if folder is None:
        missing("MNIST's IDX files", "set TRAINWELL_DATA to the folder that holds mnist/")
    return training_images(folder)


@pytest.mark.parametrize("rule", RULES)
def test_rule_by_hand(rule: str) -> None:
    values, expected = BY_HAND[rule]
    params = [np.array([1.0])]
    step = RULES[rule](0.1, params)
    for g, theta in zip(values, expected, strict=True):
        step(params, [np.array([g])])
        assert params[0][0] == pytest.approx(theta, rel=1e-14)


def test_loss_by_hand() -> None:
    # x = 1 → hidden ReLU(2, −1) = (2, 0) → logits (2 ln 2, 0, 0): probabilities 4/6, 1/6, 1/6.
    params = [np.array([[2.0, -1.0]]), np.zeros(2), np.zeros((2, 3)), np.zeros(3)]
    params[2][:, 0] = math.log(2)
    x = np.ones((2, 1))
    assert loss(params, x, np.array([0, 2], np.uint8)) == pytest.approx((math.log(1.5) + math.log(6)) / 2)


def test_gradients_are_numerical_gradients() -> None:
    random = np.random.default_rng(5)
    params = initial_params((6, 5, 4, 3), "he", random)
    for bias in params[1::2]:
        bias[:] = random.normal(size=bias.shape)
    x, y = random.normal(size=(7, 6)), random.integers(3, size=7).astype(np.uint8)
    for theta, grad in zip(params, gradients(params, x, y), strict=True):
        for at in np.ndindex(theta.shape):
            middle, sides = theta[at], []
            for shift in (1e-6, -1e-6):
                theta[at] = middle + shift
                sides.append(loss(params, x, y))
            theta[at] = middle
            assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(grad[at], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("scheme", "std"), [("he", math.sqrt(2 / 784)), ("xavier", 1 / 28), (0.01, 0.01)])
def test_initial_standard_deviation(scheme: str | float, std: float) -> None:
    weights, biases = initial_params((784, 1000), scheme, np.random.default_rng(0))
    assert weights.std() == pytest.approx(std, rel=0.005)  # 784,000 draws: sd of the estimate 0.0008
    assert not biases.any()


def test_final_losses_are_the_last_window() -> None:
    random = np.random.default_rng(1)
    images, labels = random.integers(256, size=(50, 8)).astype(np.uint8), random.integers(3, size=50)
    small: dict[str, Any] = {"sizes": (8, 6, 3), "batch_size": 5}
    windows = [(k, k + 1) for k in range(20, 30)]
    one_by_one = window_losses("adam", 0.01, "he", images, labels.astype(np.uint8), 4, windows, **small)
    mean = final_losses("adam", 0.01, "he", images, labels.astype(np.uint8), [3, 4], steps=30, last=10, **small)
    assert mean[1] == pytest.approx(np.mean(one_by_one), rel=1e-12)
    assert mean[0] != mean[1]


@pytest.mark.parametrize("setting", STORED["settings"], ids=lambda setting: setting["name"])
def test_stored_early_losses_repeat(setting: dict[str, Any], mnist: tuple[Bytes, Bytes]) -> None:
    recipe = (setting["rule"], setting["learning_rate"], setting["scheme"])
    early = window_losses(*recipe, *mnist, seed=0, windows=[STORED["windows"]["early_losses"]])
    assert early[0] == pytest.approx(setting["early_losses"][0], rel=1e-6)


def test_stored_middle_loss_repeats(mnist: tuple[Bytes, Bytes]) -> None:
    """`make soak` repeats a final one."""
    setting = next(setting for setting in STORED["settings"] if setting["name"] == "sgd")
    recipe = (setting["rule"], setting["learning_rate"], setting["scheme"])
    middle = window_losses(*recipe, *mnist, seed=1, windows=[STORED["windows"]["middle_losses"]])
    assert middle[0] == pytest.approx(setting["middle_losses"][1], rel=1e-6)
