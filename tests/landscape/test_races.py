"""Races: the lecture's by hand, who races where, paths of some starts and measures of all, and bad input."""

import numpy as np
import pytest

from trainwell.landscape import LandscapeError, descend, race, race_setup, surface
from trainwell.landscape.races.race import DRAWN, SIX


def test_the_lectures_race():
    found = race("bowl")
    assert found.tunings is None
    assert found.descents.labels == ("SGD", "Momentum", "AdaGrad", "Adam")
    assert found.descents.paths.shape == (4, 1, 30, 2)
    t = np.arange(30)
    by_hand = np.stack([-7 * (1 - 0.095) ** t, 2 * (1 - 1.9) ** t], axis=-1)
    assert found.descents.paths[0, 0] == pytest.approx(by_hand, abs=1e-5)
    assert found.descents.path_values[0, 0] == pytest.approx(by_hand[:, 0] ** 2 / 20 + by_hand[:, 1] ** 2, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "labels", "tuned", "steps"),
    [
        ("bowl", ("SGD", "Momentum", "AdaGrad", "Adam"), False, 29),
        ("beale", SIX, True, 300),
        ("saddle", SIX, False, 300),
    ],
)
def test_who_races_where_nobody_is_named(name, labels, tuned, steps):
    setup = race_setup(name)
    assert (tuple(setup.recipes), setup.tuned, setup.steps) == (labels, tuned, steps)
    assert setup.starts.tolist() == [surface(name).start.tolist()]
    rates = {one.learning_rate for one in setup.recipes.values()}
    assert rates == {"bowl": {0.95, 0.1, 1.5, 0.3}, "beale": {None}, "saddle": {0.05}}[name]
    assert not race_setup(name, ["sgd"]).tuned
    assert not race_setup(name, tuned=False).tuned


def test_a_tuned_race_is_one_with_the_rates_found():
    found = race("booth", ["sgd", "adam"], steps=50, tuned=True, seed=1)
    rates = {label: one.learning_rate for label, one in found.tunings.items()}
    assert {label: one.learning_rate for label, one in found.descents.recipes.items()} == rates
    given = {label: {"optimizer": label, "learning_rate": rate} for label, rate in rates.items()}
    assert (race("booth", given, steps=50).descents.paths == found.descents.paths).all()
    assert rates["sgd"] == pytest.approx(0.1, rel=0.2)  # 2/(2 + 18) settles soonest


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_paths_of_the_first_starts_and_measures_of_all(noise):
    made = surface("himmelblau")
    starts = made.random_starts(DRAWN + 5)
    how = {"sgd": {"optimizer": "sgd", "learning_rate": 0.01}, "adam": {"optimizer": "adam", "learning_rate": 0.1}}
    found = race(made, how, starts, 40, noise=noise, seed=2)
    every = descend(made, how, starts, 40, noise=noise, seed=2)
    assert found.descents.paths.shape == (2, DRAWN, 41, 2)
    assert (found.descents.paths[:, :, -1] == found.descents.points[:, :DRAWN]).all()
    assert (found.descents.points[:, DRAWN:] == every.points[:, DRAWN:]).all()
    assert found.descents.points == pytest.approx(every.points, rel=1e-4, abs=1e-4)
    for name in ("outcomes", "settled_after", "turns", "evaluations", "overshoots", "lengths"):
        assert getattr(found.descents, name).shape == getattr(every, name).shape
    assert (found.noise, found.seed) == (noise, 2)


def test_few_paths_where_they_are_long():
    starts = surface("bowl").random_starts(10)
    assert race_setup("bowl", "sgd", starts, 1000).num_drawn == 10
    assert race_setup("bowl", "sgd", starts, 399_999).num_drawn == 3  # 3 numbers, 400,000 points: 1.2 million each
    with pytest.raises(
        LandscapeError, match="paths of 1 contender and 2,000,000 updates in 2 dimensions need too much memory"
    ):
        race_setup("bowl", "sgd", starts, 2_000_000)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("bowel",), "there is no surface 'bowel': did you mean 'bowl'?"),
        ((3,), "a surface or its name is needed, got int"),
        (("bowl", "sgd", [1, 2, 3]), "'bowl' has 2 dimensions, but the starts have shape [3]"),
        (("bowl", "sgd", [0, 11]), "start (0, 11) is outside the domain of 'bowl'"),
        (("bowl", "sgd", None, 0), "steps must be a whole number from 1, got 0"),
        (("bowl", []), "there are no contenders"),
    ],
)
def test_what_is_no_race_is_refused_before_anything_descends(given, message):
    with pytest.raises(LandscapeError) as error:
        race_setup(*given)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_race_that_cannot_be_tuned_is_refused_at_once():
    with pytest.raises(LandscapeError, match="'saddle' has no minimum"):
        race_setup("saddle", tuned=True)
