"""C-22, with the rules as they are and with them exchanged."""

import numpy as np
import pytest

from trainwell.lecture.statements.optimization.bias_correction import (
    MEMORIES,
    RATE,
    RULES,
    among_noise,
    first_steps,
    misfit,
    noisy_sizes,
    step_sizes,
)
from trainwell.optim import adam, adam_uncorrected

COUNT, STEPS = 8, 3_000


@pytest.fixture(scope="module")
def steps():
    rules = {"without correction": adam_uncorrected, "with correction": adam}
    return {label: {b: step_sizes(make(RATE, 0.9, b), COUNT, STEPS) for b in MEMORIES} for label, make in rules.items()}


def test_without_the_correction_first_steps_are_wrong_unless_the_rules_are_exchanged(steps):
    assert [part.verdict for part in first_steps(steps)] == ["holds under conditions", "holds", "holds"]
    without, corrected = steps.values()
    exchanged = {"without correction": corrected, "with correction": without}
    assert [part.verdict for part in first_steps(exchanged)] == ["does not hold"] * 3


def test_sizes_are_those_of_the_closed_form(steps):
    t = np.arange(1, STEPS + 1)
    for beta2, sizes in steps["without correction"].items():
        expected = (1 - 0.9**t) / np.sqrt(1 - beta2**t)
        np.testing.assert_allclose(np.median(sizes, axis=1), expected, rtol=2e-3)
    settled = {one.what: one for one in first_steps(steps)[1].measured}
    name = "updates until steps are within 10% of η, β2 0.999, no correction"
    assert settled[name].estimate == np.argmax(1 / np.sqrt(1 - 0.999**t) <= 1.1)


def test_with_a_sign_flipped_the_correction_repairs_nothing(steps):
    flipped = {label: {b: -sizes for b, sizes in own.items()} for label, own in steps.items()}
    assert np.isinf(misfit(flipped["with correction"][0.9])).all()
    assert first_steps(flipped)[2].verdict == "does not hold"


def test_among_noise_first_steps_are_larger_than_later_ones_unless_all_are_alike():
    """The mean of many gradients has the variance (1 − β1)/(1 + β1), the first step has a mean of one."""
    noisy = {label: {0.999: noisy_sizes(make(RATE, 0.9, 0.999), 40)} for label, make in RULES.items()}
    found = among_noise(noisy)
    assert found.verdict == "does not hold"
    assert found.criteria[0].number.estimate == pytest.approx(np.sqrt(1.9 / 0.1), rel=0.05)
    alike = {label: {0.999: np.ones_like(own[0.999])} for label, own in noisy.items()}
    assert among_noise(alike).verdict == "holds"
