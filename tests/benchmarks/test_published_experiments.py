"""What the scripts that repeat published experiments make of their runs, on numbers worked by hand."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The scripts as modules; what they import from beside them is let go afterwards."""
    path, loaded = list(sys.path), set(sys.modules)
    sys.path.insert(0, str(BENCHMARKS))
    yield {name: importlib.import_module(name) for name in ("deepobs_quadratic", "mnist_grid")}
    sys.path[:] = path
    for name in set(sys.modules) - loaded:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_distance_to_a_published_mean_in_standard_errors(scripts: dict[str, ModuleType]) -> None:
    script = scripts["deepobs_quadratic"]
    # Ours 4, 5, 6: mean 5, variance 1, so 1/3. Published 2 ± 2 over 10 runs: 4/10. (5 − 2)/√(11/15).
    published = script.Contender("sgd", 0.1, 2.0, 2.0)
    assert script.apart(published, [4.0, 5.0, 6.0]) == pytest.approx(3 / np.sqrt(11 / 15))


def test_diverged_runs_are_named_and_no_number_in_json(scripts: dict[str, ModuleType]) -> None:
    script = scripts["deepobs_quadratic"]
    losses = [1.0] * 18 + [float("inf")] * 18
    text = script.diverging("sgd", losses)
    assert text == "* sgd: 18 learning rates diverge, from 0.0398 on; the largest that does not is 0.0251"
    assert json.dumps(script.finite({0.5: losses[17:19]}), allow_nan=False) == '{"0.5": [1.0, null]}'
    assert script.summary([1.0, 3.0, float("inf")]).endswith("1.414, 1 diverged")


def test_every_optimizer_is_tuned_and_trained_with_fresh_seeds(scripts: dict[str, ModuleType]) -> None:
    script = scripts["deepobs_quadratic"]
    found = script.experiment(script.problem(reshuffled=True), 2, range(1, 3))
    assert list(found) == ["sgd", "momentum", "adam"]
    for contender in script.CONTENDERS:
        one = found[contender.optimizer]
        assert script.RATES.index(one["rates"]["best"]) == int(np.argmin(one["tuning"]))
        assert one["rates"]["published"] == pytest.approx(contender.rate, rel=0.01)
        assert {len(set(losses)) for losses in one["losses"].values()} == {2}  # seeds differ
        assert min(one["tuning"]) not in one["losses"][one["rates"]["best"]]  # the tuning seed is not among them


@pytest.mark.parametrize(
    ("accuracies", "epoch"), [([0.5, 0.97, 0.96], 2), ([0.98], 1), ([0.9699, 0.96], None), ([float("nan")], None)]
)
def test_the_first_epoch_at_the_target(
    scripts: dict[str, ModuleType], accuracies: list[float], epoch: int | None
) -> None:
    assert scripts["mnist_grid"].reached(accuracies) == epoch
