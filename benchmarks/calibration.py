"""Do verdicts keep the error rate they state, and find what they should? Runs compared with their like.

    python benchmarks/calibration.py [--runs 480] [--repeats 2000] [--out benchmarks/calibration.json]

Networks of two recipes on digits, one of each per seed, are trained once. Contenders are made of them by chance, so
that no difference is there: the two recipes' runs with a common seed, swapped or not by a coin, and contenders that are
runs of one recipe with disjoint seeds. Then a difference is planted in one of them. All goes through
`trainwell.statistics.decide`, looks and Holm's correction included, as in `trainwell compare`. For contrast: a paired
t-test at every look, uncorrected. Prints Markdown.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from run import machine
from scipy.stats import ttest_rel

from trainwell.data import load
from trainwell.statistics import Looks, decide, default_looks, power, proportion_interval
from trainwell.training import Recipe, train

HERE = Path(__file__).parent
RECIPE = Recipe(hidden=(50,), epochs=10, learning_rate=0.003)
OTHER = RECIPE.evolve(optimizer="momentum", learning_rate=0.02)
METRICS = {"accuracy": "accuracy/validation", "loss": "loss/validation"}
EFFECTS = (0.4, 0.6, 0.8, 1.0)  # planted differences, in standard deviations of the pairs' differences
NO_MARGIN = 1e-12  # nothing can be shown to be equivalent: every seed is used unless a difference is declared


def pool(count: int) -> dict[str, np.ndarray]:
    """The metrics of one network per recipe and seed, `[2, count]`."""
    trained = train([RECIPE, OTHER], load("digits"), range(count))
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


def share(hits: list[bool]) -> str:
    """A share with its 95% interval, in percent."""
    found = proportion_interval(sum(hits), len(hits))
    return f"{found.mean:.1%} ({found.low:.1%} to {found.high:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=480)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=HERE / "calibration.json")
    options = parser.parse_args()
    if options.runs < 180 or options.repeats < 1:
        parser.error("at least 180 runs (six contenders of 30) and one repetition are needed")
    runs = pool(options.runs)
    for metric, values in runs.items():
        print(f"{metric}: correlation of the recipes' runs with a common seed {np.corrcoef(values)[0, 1]:.2f}")
    two, six = default_looks(1), default_looks(15)
    rows: list[tuple[str, ...]] = []
    for metric, values in runs.items():
        for name, draw, looks in (
            ("2, labels swapped", coins, two),
            ("2, disjoint seeds", disjoint(2), two),
            ("6, disjoint seeds", disjoint(6), six),
        ):
            found = list(repeated(draw, values, looks, options.repeats))
            declared, _, peeked, seeds = (list(column) for column in zip(*found, strict=True))
            rows.append((metric, name, share(declared), share(peeked), f"{np.mean(seeds):.1f}"))
            print(f"| {' | '.join(rows[-1])} |", flush=True)
    planted: list[tuple[str, ...]] = []
    for metric, values in runs.items():
        spread = float(np.std(values[0], ddof=1) * np.sqrt(2))
        for effect in EFFECTS:
            found = list(repeated(disjoint(2), values, two, options.repeats, effect * spread))
            declared, _, _, seeds = (list(column) for column in zip(*found, strict=True))
            planted.append(
                (metric, f"{effect:g}", f"{power(two, effect):.1%}", share(declared), f"{np.mean(seeds):.1f}")
            )
            print(f"| {' | '.join(planted[-1])} |", flush=True)
        # A true difference as large as the margin: to call it none is the error.
        found = list(repeated(disjoint(2), values, two, options.repeats, 0.8 * spread, margin=0.8 * spread))
        planted.append(
            (metric, "0.8 = the margin", "called equivalent", share([one[1] for one in found]), "at most 5%")
        )
        print(f"| {' | '.join(planted[-1])} |", flush=True)
    content = {
        "machine": machine(),
        "runs": options.runs,
        "repeats": options.repeats,
        "looks": {"2": two.seeds, "6": six.seeds},
        "null": rows,
        "planted": planted,
    }
    options.out.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
