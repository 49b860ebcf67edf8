"""The book's networks against NumPy's: fed with the same weights, batches and masks, the losses are the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference.book_figures import FIGURES, STDS
from reference.book_network import Numbers
from reference.book_updates import losses_of_both
from trainwell.lecture import random_trials

# Of the 16 standard deviations of F-6-19; without batch norm the largest ones blow up in an update or two.
KINDS = ("batch norm", "no batch norm")
STD_LABELS = ["std 1, batch norm", *(f"std {STDS[k]:.3g}, {kind}" for k in (3, 5, 10, 15) for kind in KINDS)]
# Of 100 trials those with the highest learning rates: the others hardly move in 50 updates.
TRIALS = sorted(drawn := random_trials(3), key=lambda label: drawn[label]["learning_rate"])[-3:]
LABELS = {figure: list(one.contenders) for figure, one in FIGURES.items()} | {"F-6-19": STD_LABELS, "F-6-24": TRIALS}
# A gradient's rounding decides where these go: AdaGrad's first step is η·sign g, however small g is; batch norm divides
# by the root of a variance that is far below its ε; and logits of large weights turn small differences into large
# losses. In float64 there is next to no rounding.
SENSITIVE = {"F-6-9": ["AdaGrad"], "F-6-19": [f"std {std:.3g}, batch norm" for std in (1, 0.00215, 0.0001)]}


@pytest.fixture(scope="module")
def found(mnist_folder: Path) -> dict[str, dict[str, tuple[Numbers, Numbers]]]:
    return losses_of_both(LABELS, mnist_folder)


@pytest.mark.parametrize("figure", LABELS)
def test_losses_of_50_updates_are_numpys(found: dict[str, Any], figure: str) -> None:
    assert list(found[figure]) == list(LABELS[figure]) or figure == "F-6-24"
    for label, (ours, theirs) in found[figure].items():
        assert len(ours) == 50
        if label not in SENSITIVE.get(figure, ()):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, err_msg=label)


def test_losses_are_numpys_in_float64(forks: Any, tmp_path: Path, mnist_folder: Path) -> None:
    code = f"from reference.book_updates import print_losses; print_losses({SENSITIVE!r}, {str(mnist_folder)!r})"
    found = json.loads(forks.printed(tmp_path, code))
    assert {figure: list(losses) for figure, losses in found.items()} == SENSITIVE
    for losses in found.values():
        for label, (ours, theirs) in losses.items():
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=label)
