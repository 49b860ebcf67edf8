"""Where the book's curves end: the package's networks, NumPy's as stored, and whether their means differ."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import ttest_ind_from_stats

from reference.book_figures import LAST, SHOWN
from reference.book_network import Numbers
from trainwell.lecture import BOOK, BookData
from trainwell.training import Recipe, Runs, train_each

STORED: dict[str, dict[str, list[float]]] = json.loads(
    (Path(__file__).parent / "book_ends.json").read_text(encoding="utf-8")
)["figures"]
Ends = dict[str, Numbers]  # label -> one value per seed


def our_ends(figure: str, data: BookData, seeds: Sequence[int]) -> Ends:
    """The last value of every curve, as `make_book_ends` has them; only that is observed."""
    setting = BOOK[figure]
    of_seeds = [setting.data(data, seed) for seed in seeds]
    runs = [setting.runs(dataset, seed) for dataset, seed in zip(of_seeds, seeds, strict=True)]
    asked = [
        (dataset, _observed_last(run.recipe), run.seed)
        for dataset, some in zip(of_seeds, runs, strict=True)
        for run in some
    ]
    trained = iter(train_each(asked))
    rows = [_of_seed(figure, {run.label: next(trained) for run in some}) for some in runs]
    return {label: np.array([row[label] for row in rows]) for label in rows[0]}


def _observed_last(recipe: Recipe) -> Recipe:
    assert recipe.steps is not None
    first = recipe.steps - LAST + 1 if recipe.observe_batch else recipe.steps
    return recipe.evolve(observe_first=first)


def _of_seed(figure: str, runs: Mapping[str, Runs]) -> dict[str, float]:
    shown, found = BOOK[figure].shown, {}
    if figure == "F-6-24":
        best = sorted(runs.values(), key=lambda one: -end(one, "accuracy/validation"))[:SHOWN]
        runs = {f"rank {rank}": one for rank, one in enumerate(best, 1)}
    for label, one in runs.items():
        for what, name in shown.items():
            found[f"{label}: {what}"] = end(one, name)
            if name == "loss/last_batch":
                found[f"{label}: {what}, mean of the last {LAST}"] = float(one.trace[name][0].mean())
    return found


def end(one: Runs, name: str) -> float:
    """A network's last value. One that diverged says the first class of all, as `argmax` does of what is no number."""
    if one.statuses == ("diverged",) and name.startswith("accuracy"):
        return float((getattr(one.dataset, name.split("/")[1]).targets == 0).mean())
    return float(one.trace[name][0, -1])


def chances(ours: Ends, theirs: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """By label the chance of means as far apart as these (Welch's test); where nothing varies, 1 if they are equal."""
    found = {}
    for label, values in ours.items():
        a, b = values.astype(float), np.array(theirs[label], float)
        same = a.mean() == b.mean() if np.ptp(a) == np.ptp(b) == 0 else None
        found[label] = _welch(a, b) if same is None else float(same)
    return found


def _welch(a: Numbers, b: Numbers) -> float:
    """From means and deviations: SciPy warns where one sample is constant."""
    of_each = [number for one in (a, b) for number in (one.mean(), one.std(ddof=1), len(one))]
    return float(ttest_ind_from_stats(*of_each, equal_var=False).pvalue)
