"""C-33: choosing on the test split overstates quality, a validation split does not."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

EXAMPLE = runpy.run_path(str(Path(__file__).parents[3] / "examples" / "choosing_on_the_test_split.py"))


class AsTheyCome:
    """Deals the rows out without shuffling."""

    def permutation(self, count: int) -> np.ndarray:
        return np.arange(count)


def test_a_deal_worked_by_hand() -> None:
    # Two rows each of validation, test and truth. The first is better on validation, the second on the test rows.
    right = np.array([[1, 1, 0, 1, 1, 0], [0, 1, 1, 1, 0, 0]], bool)
    found = EXAMPLE["overstated"](right, [1, 2], 2, AsTheyCome())
    np.testing.assert_array_equal(found, [[0, 0], [1, 0]])


def test_guessers_overstate_by_the_expected_maximum() -> None:
    candidates, rows, deals = 10, 20, 600
    random = np.random.default_rng(0)
    found = np.array(
        [
            EXAMPLE["overstated"](random.random((candidates, 200)) < 0.5, [candidates], rows, random)[0]
            for _ in range(deals)
        ]
    )
    # E[max of n binomials] = Σ_k P(max > k) = Σ_k 1 - F(k)^n
    largest = sum(1 - binom.cdf(k, rows, 0.5) ** candidates for k in range(rows)) / rows
    standard_errors = found.std(0, ddof=1) / np.sqrt(deals)
    assert largest > 0.65
    np.testing.assert_array_less(np.abs(found.mean(0) - [largest - 0.5, 0]), 4 * standard_errors)


def test_real_networks_overstate_only_where_they_were_chosen() -> None:
    alone, chosen = EXAMPLE["experiment"](recipes=30, repetitions=8, pools=(1,))
    assert alone.difference.mean == 0  # with one recipe there is nothing to choose
    assert chosen.chosen_on_test.low > 0.005
    assert chosen.difference.low > 0.005
    assert abs(chosen.chosen_on_validation.mean) < chosen.chosen_on_test.mean / 3


def test_it_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    EXAMPLE["main"](["--recipes", "3", "--repetitions", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["1", "3"]
    assert lines[-1].startswith("6 networks, 2 repetitions")
