"""The numbers of `search_quality.py` as Markdown: regret, quality, and paired differences with 95% intervals."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from contenders import OURS
from tasks import TASKS

from trainwell.statistics import Interval, mean_interval

Found = dict[str, dict[str, dict[str, Any]]]  # seed -> searcher -> what it found
Measure = Callable[[str, str], np.ndarray]  # (task, searcher) -> one value per seed, smaller is better


class Comparison:
    """All measures of what was found, one value per seed.

    Args:
        results: task -> seed -> searcher -> what it found.
        names: the searchers to show.
        trials: of each search.
    """

    def __init__(self, results: dict[str, Found], names: Sequence[str], trials: int) -> None:
        self.results, self.trials = results, trials
        self.names = list(names)
        self.tasks = [task for task in results if len(results[task]) > 1]

    def regret(self, task: str, name: str) -> np.ndarray:
        """How far the best trial so far is from the best known, [seeds, trials].

        The best known is the true optimum where it is known, else the best score of all searches with this seed.
        """
        curves = []
        for found in self.results[task].values():
            one = found[name]
            scores = one.get("true", [score for _, score in one["best"]])
            known = TASKS[task].optimum
            if known is None:
                known = max(other["best"][-1][1] for other in found.values())
            starts = [number for number, _ in one["best"]]
            at = np.searchsorted(starts, np.arange(self.trials), side="right") - 1
            curves.append(known - np.asarray(scores)[at])
        return np.array(curves)

    def at_the_end(self, task: str, name: str) -> np.ndarray:
        """Regret after the last trial."""
        end: np.ndarray = self.regret(task, name)[:, -1]
        return end

    def on_the_way(self, task: str, name: str) -> np.ndarray:
        """Regret, averaged over the trials."""
        return self.regret(task, name).mean(1)

    def loss_of_quality(self, task: str, name: str) -> np.ndarray:
        """Minus the quality of the chosen recipe on unseen examples, over fresh seeds."""
        return np.array([-np.mean(found[name]["quality"]) for found in self.results[task].values()])

    def rival(self, task: str, measure: Measure) -> str:
        """The best of the others, by its mean."""
        others = [name for name in self.names if not name.startswith(OURS)]
        return min(others, key=lambda name: float(measure(task, name).mean()))


def report(results: dict[str, Found], names: Sequence[str], trials: int) -> str:
    """All tables."""
    c = Comparison(results, names, trials)
    if not c.tasks:
        return "nothing is complete yet"
    real = [task for task in c.tasks if TASKS[task].optimum is None]
    parts = [
        f"### Regret after {trials} trials, mean over seeds ± half of the 95% interval",
        _values(c, c.tasks, c.at_the_end, 1),
        "### Quality of the chosen recipe on examples no search saw, five fresh seeds each" if real else "",
        _values(c, real, c.loss_of_quality, -1),
        "### Regret on the way, as a share of random's at the end (geometric mean over tasks)",
        _progress(c),
    ]
    for name in (name for name in c.names if name.startswith(OURS)):
        parts += [
            f"### {name}, paired by seed: difference to random and to the best of the others (negative: better)",
            _paired(c, name),
        ]
    parts += ["### Processor seconds of asking and telling, per search", _seconds(c)]
    parts += ["### Number of tasks on which the row's final regret is below the column's, interval excluding 0"]
    parts += [_matrix(c)]
    return "\n\n".join(part for part in parts if part)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


def _values(c: Comparison, tasks: Sequence[str], measure: Measure, sign: int) -> str:
    rows = []
    for task in tasks:
        best = min(c.names, key=lambda name: float(measure(task, name).mean()))
        cells = []
        for name in c.names:
            found = mean_interval(sign * measure(task, name))
            text = f"{found.mean:.3g} ± {(found.high - found.low) / 2:.2g}"
            cells.append(f"**{text}**" if name == best else text)
        rows.append([f"{task} ({TASKS[task].metric})", str(len(c.results[task])), *cells])
    return _table(["task", "seeds", *c.names], rows)


def _progress(c: Comparison) -> str:
    at = [n for n in (10, 20, 30, 40, 50, 60, 80, 100) if n <= c.trials]
    rows = []
    for name in c.names:
        logs = []
        for task in c.tasks:
            whole = max(float(c.at_the_end(task, "random").mean()), 1e-12) if "random" in c.names else 1.0
            logs.append(np.log(np.maximum(c.regret(task, name).mean(0) / whole, 1e-3)))
        share = np.exp(np.mean(logs, 0))
        rows.append([name, *(f"{share[n - 1]:.2f}" for n in at)])
    return _table(["trials", *map(str, at)], rows)


def _paired(c: Comparison, ours: str) -> str:
    measures: dict[str, Measure] = {
        "regret at the end": c.at_the_end,
        "regret on the way": c.on_the_way,
        "quality": c.loss_of_quality,
    }
    rows = []
    tally: dict[str, list[int]] = {}
    for task in c.tasks:
        row = [task]
        for label, measure in measures.items():
            if label == "quality" and TASKS[task].optimum is not None:
                row += ["", ""]
                continue
            rivals = {"random": "random", "best": c.rival(task, measure)}
            for kind, rival in rivals.items():
                if rival not in c.names:
                    row.append("")
                    continue
                found = mean_interval(measure(task, ours) - measure(task, rival))
                verdict = _verdict(found)
                tally.setdefault(f"{label}, {kind}", [0, 0, 0])[verdict + 1] += 1
                name = "" if kind == "random" else f"{rival}: "
                row.append(f"{name}{found.mean:+.2g} ({found.low:.2g} to {found.high:.2g}) {'✓≈✗'[verdict + 1]}")
        rows.append(row)
    head = ["task", *(f"{label} − {kind}" for label in measures for kind in ("random", "best other"))]
    counts = "; ".join(f"{key}: {b} better, {e} equal, {w} worse" for key, (b, e, w) in tally.items())
    return _table(head, rows) + f"\n\n{counts}"


def _verdict(difference: Interval) -> int:
    """-1 better, 0 not told apart, 1 worse."""
    if difference.high < 0:
        return -1
    return 1 if difference.low > 0 else 0


def _seconds(c: Comparison) -> str:
    cells = []
    for name in c.names:
        spent = [found[name]["seconds"] for task in c.tasks for found in c.results[task].values()]
        cells.append(f"{np.mean(spent):.2g} ({max(spent):.2g} at most)")
    return _table(c.names, [cells])


def _matrix(c: Comparison) -> str:
    rows = []
    for one in c.names:
        cells = []
        for other in c.names:
            differences = [mean_interval(c.at_the_end(t, one) - c.at_the_end(t, other)) for t in c.tasks]
            cells.append("" if one == other else str(sum(_verdict(d) < 0 for d in differences)))
        rows.append([one, *cells])
    return _table([f"of {len(c.tasks)}", *c.names], rows)
