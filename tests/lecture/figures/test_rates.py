"""Tuned learning rates of figures are found once, contender by contender, and read by later calls."""

import numpy as np
import pytest

from trainwell.comparison import ComparisonWatcher, Terms
from trainwell.data import from_arrays
from trainwell.lecture import FIGURES, BookData, make_figures
from trainwell.lecture.figures import making, rates
from trainwell.lecture.figures.rates import Rate, tuned_rates
from trainwell.training import Recipe

TERMS = Terms(trials=2, rounds=1, candidates=1, candidate_seeds=1, seeds=(0, 1))
CONTENDERS = {
    label: Recipe(hidden=(4,), optimizer="sgd", l2_penalty=penalty, batch_size=8, epochs=1)
    for label, penalty in {"plain": 0.0, "decay": 0.1}.items()
}


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    return from_arrays(random.normal(size=(40, 3)), ["a", "a", "b", "c"] * 10, validation=8, test=8)


class Heard(ComparisonWatcher):
    """Keeps the labels of what is tuned; a second one may be the last."""

    def __init__(self, most=9):
        self.labels, self.most = [], most

    def tuning(self, label, index, total):
        """A contender is tuned."""
        if len(self.labels) == self.most:
            raise KeyboardInterrupt
        self.labels.append(label)
        return super().tuning(label, index, total)


def test_a_killed_tuning_goes_on_with_the_next_contender(data, tmp_path):
    killed, resumed, third, fresh, other = Heard(1), Heard(), Heard(), Heard(), Heard()
    with pytest.raises(KeyboardInterrupt):
        tuned_rates(data, CONTENDERS, TERMS, tmp_path / "rates", watcher=killed)
    found = tuned_rates(data, CONTENDERS, TERMS, tmp_path / "rates", watcher=resumed)
    assert (killed.labels, resumed.labels) == (["plain"], ["decay"])
    assert list(found) == ["plain", "decay"]
    whole = tuned_rates(data, CONTENDERS, TERMS, tmp_path / "whole", watcher=third)
    assert (third.labels, whole) == (["plain", "decay"], found)
    assert all(1e-5 <= rate.value <= 10 for rate in found.values())

    (tmp_path / "whole" / "unfinished.tmp").write_text("{")
    files = sorted((tmp_path / "whole").glob("*.json"))
    assert len(files) == 2
    files[0].write_bytes(files[0].read_bytes()[:-1] + b" ")
    files[1].write_bytes(b"")
    assert tuned_rates(data, CONTENDERS, TERMS, tmp_path / "whole", watcher=fresh) == found  # damaged
    assert len(fresh.labels) == 2
    assert tuned_rates(data, CONTENDERS, TERMS, tmp_path / "whole", fresh=True, watcher=fresh) == found
    assert len(fresh.labels) == 4
    more_seeds = Terms(trials=2, rounds=1, candidates=1, candidate_seeds=1, seeds=range(5))
    assert tuned_rates(data, CONTENDERS, more_seeds, tmp_path / "whole", watcher=other) == found
    assert other.labels == []  # the seeds of tuning are the same


def test_whatever_decides_a_rate_is_part_of_its_key(data, monkeypatch, tmp_path):
    def keys(dataset=data, contenders=CONTENDERS, terms=TERMS):
        return rates._keys(dataset, contenders, terms)

    plain = keys()["plain"]
    assert keys(contenders={"other": CONTENDERS["plain"]})["other"] == plain
    random = np.random.default_rng(1)
    other = from_arrays(random.normal(size=(40, 3)), ["a", "a", "b", "c"] * 10, validation=8, test=8)
    longer = {"plain": CONTENDERS["plain"].evolve(epochs=2)}
    terms = [
        Terms(trials=3, rounds=1, candidates=1, candidate_seeds=1, seeds=(0, 1)),
        Terms(trials=2, rounds=1, candidates=1, candidate_seeds=1, seeds=(1000,)),
    ]
    different = [keys(other), keys(contenders=longer), *(keys(terms=one) for one in terms)]
    assert len({plain, *(own["plain"] for own in different)}) == 5
    monkeypatch.setattr("trainwell.lecture.figures.study.__version__", "another")
    assert keys()["plain"] != plain
    faster = {"slow": CONTENDERS["plain"], "fast": CONTENDERS["plain"].evolve(learning_rate=0.5)}
    assert keys(contenders=faster) == tuned_rates(data, faster, TERMS, tmp_path) == {}


@pytest.mark.parametrize("name", ["F-6-16", "F-6-24", "F-C-2", "F-C-3", "F-C-11"])
def test_a_figure_without_tuned_rates_says_why(name):
    why = FIGURES[name].untuned
    assert why.startswith("There is no view with tuned learning rates: ")
    assert why.count(".") == 1


def test_a_figure_is_drawn_with_the_rates_found_and_says_them(monkeypatch, tmp_path):
    monkeypatch.setenv("TRAINWELL_CACHE", str(tmp_path))
    asked = []

    def found(dataset, contenders, terms, cache, *, fresh, watcher):
        asked.append((dataset.name, list(contenders), terms.seeds, cache, fresh))
        return {label: Rate(0.03, ("learning rate lies beside an untried gap",)) for label in contenders}

    monkeypatch.setattr(making, "tuned_rates", found)
    figures = [FIGURES["F-6-20"], FIGURES["F-6-16"]]
    book = BookData.load("digits")
    trained, drawn = make_figures(figures, seeds=(0, 1), data=book, size="small", tuned=True, fresh=True)
    name = "digits, 300 rows, another 1,227 for validation"
    assert asked == [(name, ["no weight decay"], (0, 1), tmp_path / "lecture" / "rates", True)]
    assert [view.way for view in trained.views] == ["one seed", "seeds", "tuned"]
    tuned, own = trained.view("tuned"), trained.view("seeds")
    assert "no weight decay 0.03" in tuned.content.notes[0]
    assert "no weight decay's learning rate lies beside an untried gap." in tuned.content.notes
    assert dict(trained.rates) == {"no weight decay": 0.03}
    assert tuned.content.series[0].seeds.tolist() != own.content.series[0].seeds.tolist()
    assert [view.way for view in drawn.views] == ["one seed"]
    assert drawn.views[0].content.notes[-1] == FIGURES["F-6-16"].untuned
    (plain,) = make_figures(figures[1:])
    assert FIGURES["F-6-16"].untuned not in plain.views[0].content.notes
