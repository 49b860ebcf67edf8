"""Do verdicts keep the error rate they state, and find what they should? Runs compared with their like.

    python benchmarks/calibration.py [--runs 480] [--repeats 2000] [--only null|planted|skewed] [--out FILE]

Networks of two recipes on digits, one of each per seed, are trained once. Contenders are made of them by chance, so
that no difference is there: the two recipes' runs with a common seed, swapped or not by a coin, and contenders that are
runs of one recipe with disjoint seeds. Then a difference is planted in one of them. All goes through
`trainwell.statistics.decide`, looks and Holm's correction included, as in `trainwell compare`. For contrast: a paired
t-test at every look, uncorrected. At last, means that are equal although differences are skewed: one contender fails in
some runs, or has a long tail, and is as much better in the others. Prints Markdown.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from math import isfinite
from pathlib import Path
from unittest.mock import patch

import numpy as np
from run import machine
from scipy.stats import ttest_rel

from trainwell.comparison.adding_seeds import guess_for
from trainwell.comparison.judging import cancelling_failure_rate
from trainwell.data import load_data
from trainwell.statistics import Looks, decide, default_looks, power, proportion_interval
from trainwell.training import Recipe, train

HERE = Path(__file__).parent
RECIPE = Recipe(hidden=(50,), epochs=10, learning_rate=0.003)
OTHER = RECIPE.evolve(optimizer="momentum", learning_rate=0.02)
METRICS = {"accuracy": "accuracy/validation", "loss": "loss/validation"}
EFFECTS = (0.4, 0.6, 0.8, 1.0)  # planted differences, in standard deviations of the pairs' differences
FAILURES = (0.02, 0.05, 0.1, 0.2)  # shares of one contender's runs
TAIL = 3.0  # scale of the lognormal tail, in standard deviations of runs
NO_MARGIN = 1e-12  # nothing can be shown to be equivalent: every seed is used unless a difference is declared


def pool(count: int) -> dict[str, np.ndarray]:
    """The metrics of one network per recipe and seed, `[2, count]`."""
    trained = train(load_data("digits"), [RECIPE, OTHER], range(count))
    return {name: trained.kept(observed).reshape(2, count) for name, observed in METRICS.items()}


def coins(values: np.ndarray, looks: Looks, rng: np.random.Generator) -> np.ndarray:
    """Two contenders: the recipes' runs with common seeds, a coin per seed deciding who gets which."""
    seeds = rng.choice(values.shape[1], looks.seeds[-1], replace=False)
    return rng.permuted(values[:, seeds], axis=0)


def disjoint(contenders: int) -> Callable[[np.ndarray, Looks, np.random.Generator], np.ndarray]:
    """Several contenders, each with runs of its own of the first recipe."""
    return lambda values, looks, rng: rng.choice(values[0], (contenders, looks.seeds[-1]), replace=False)


def repeated(
    draw: Callable[[np.ndarray, Looks, np.random.Generator], np.ndarray],
    values: np.ndarray,
    looks: Looks,
    repeats: int,
    shift: float = 0.0,
    margin: float = NO_MARGIN,
) -> Iterator[tuple[bool, bool, bool, float]]:
    """Whether any difference, any equivalence, and by uncorrected t-tests any difference was declared; seeds used."""
    rng = np.random.default_rng(0)
    for _ in range(repeats):
        contenders = draw(values, looks, rng)
        contenders[0] += shift
        decisions = decide(contenders, looks, margin=margin)
        differs, same = any(one.differs for one in decisions), any(one.equivalent for one in decisions)
        yield differs, same, _peeking(contenders, looks), float(np.mean([one.n for one in decisions]))


def _peeking(contenders: np.ndarray, looks: Looks) -> bool:
    """Whether some pair has p ≤ 5% at some look, as one sees who watches and does not correct."""
    for first, second in combinations(contenders, 2):
        for n in looks.seeds:
            if first[:n].std() + second[:n].std() and ttest_rel(first[:n], second[:n]).pvalue <= looks.error_rate:
                return True
    return False


def failing(values: np.ndarray, count: int, seeds: int, rate: float, guess: float, rng: np.random.Generator) -> tuple:
    """Contenders of the same mean, the first of which guesses in a share of its runs; which of those did."""
    runs = rng.choice(values[0], (count, seeds), replace=False)
    failed = rng.random(seeds) < rate
    runs[1:] -= rate * (values[0].mean() - guess)
    runs[0, failed] = guess
    return runs, failed


def tailed(values: np.ndarray, count: int, seeds: int, rng: np.random.Generator) -> tuple:
    """Contenders of the same mean, the first of which has a lognormal tail of bad runs; none of them failed."""
    runs = rng.choice(values[0], (count, seeds), replace=False)
    runs[0] -= TAIL * values[0].std() * (rng.lognormal(size=seeds) - np.exp(0.5))
    return runs, np.zeros(seeds, bool)


def skewed(draw: Callable[[np.random.Generator], tuple], looks: Looks, guess: float, repeats: int) -> list[str]:
    """Any difference declared: by sign flips alone; in all; after a failure was seen; without a word of unseen ones."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(repeats):
        runs, failed = draw(rng)
        with patch("trainwell.statistics.decisions.SKEWED", 0.0):
            flipped = any(one.differs for one in decide(runs, looks, margin=NO_MARGIN))
        declared = [one for one in decide(runs, looks, margin=NO_MARGIN) if one.differs]
        means = [runs[[one.first, one.second], : one.n].mean(1).max() for one in declared]
        silent = [
            not isfinite(cancelling_failure_rate(one, mean, guess)) for one, mean in zip(declared, means, strict=True)
        ]
        seen = [one.first == 0 and failed[: one.n].any() for one in declared]
        found.append((flipped, bool(declared), any(seen), any(silent)))
    return [share(list(column)) for column in zip(*found, strict=True)]


def skewed_rows(runs: dict[str, np.ndarray], repeats: int) -> Iterator[tuple[str, ...]]:
    """Equal means of accuracy, skewed differences: 2 contenders, and 6 with a quarter of the repetitions."""
    values, guess = runs["accuracy"], guess_for(load_data("digits"), "accuracy")
    for count, looks, times in ((2, default_looks(1), repeats), (6, default_looks(15), max(repeats // 4, 1))):
        n = looks.seeds[-1]
        for rate in FAILURES:
            draw = lambda rng, rate=rate, count=count, n=n: failing(values, count, n, rate, guess, rng)  # noqa: E731
            yield (f"{count}, one fails in {rate:.0%} of runs", *skewed(draw, looks, guess, times))
        draw = lambda rng, count=count, n=n: tailed(values, count, n, rng)  # noqa: E731
        yield (f"{count}, one has a lognormal tail", *skewed(draw, looks, guess, times))


def share(hits: list[bool]) -> str:
    """A share with its 95% interval, in percent."""
    found = proportion_interval(sum(hits), len(hits))
    return f"{found.mean:.1%} ({found.low:.1%} to {found.high:.1%})"


def null_rows(runs: dict[str, np.ndarray], repeats: int) -> Iterator[tuple[str, ...]]:
    """Contenders without a difference."""
    two, six = default_looks(1), default_looks(15)
    for metric, values in runs.items():
        for name, draw, looks in (
            ("2, labels swapped", coins, two),
            ("2, disjoint seeds", disjoint(2), two),
            ("6, disjoint seeds", disjoint(6), six),
        ):
            found = list(repeated(draw, values, looks, repeats))
            declared, _, peeked, seeds = (list(column) for column in zip(*found, strict=True))
            yield (metric, name, share(declared), share(peeked), f"{np.mean(seeds):.1f}")


def planted_rows(runs: dict[str, np.ndarray], repeats: int) -> Iterator[tuple[str, ...]]:
    """A difference in one of two; then one as large as the margin: to call it none is the error."""
    two = default_looks(1)
    for metric, values in runs.items():
        spread = float(np.std(values[0], ddof=1) * np.sqrt(2))
        for effect in EFFECTS:
            found = list(repeated(disjoint(2), values, two, repeats, effect * spread))
            declared, _, _, seeds = (list(column) for column in zip(*found, strict=True))
            yield (metric, f"{effect:g}", f"{power(two, effect):.1%}", share(declared), f"{np.mean(seeds):.1f}")
        found = list(repeated(disjoint(2), values, two, repeats, 0.8 * spread, margin=0.8 * spread))
        yield (metric, "0.8 = the margin", "called equivalent", share([one[1] for one in found]), "at most 5%")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=480)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--only", choices=ROWS, help="measure these rows alone, and keep the file's others")
    parser.add_argument("--out", type=Path, default=HERE / "calibration.json")
    options = parser.parse_args()
    if options.runs < 180 or options.repeats < 1:
        parser.error("at least 180 runs (six contenders of 30) and one repetition are needed")
    runs = pool(options.runs)
    for metric, values in runs.items():
        print(f"{metric}: correlation of the recipes' runs with a common seed {np.corrcoef(values)[0, 1]:.2f}")
    content = json.loads(options.out.read_text()) if options.only else {}
    content |= {"machine": machine(), "runs": options.runs}
    content["looks"] = {"2": default_looks(1).seeds, "6": default_looks(15).seeds}
    content.setdefault("repeats", {})
    for name in [options.only] if options.only else ROWS:
        content["repeats"][name], content[name] = options.repeats, []
        for row in ROWS[name](runs, options.repeats):
            content[name].append(row)
            print(f"| {' | '.join(row)} |", flush=True)
    options.out.write_text(json.dumps(content, indent=1) + "\n")


ROWS = {"null": null_rows, "planted": planted_rows, "skewed": skewed_rows}


if __name__ == "__main__":
    main()
