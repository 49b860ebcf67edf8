"""DeepOBS's quadratic_deep again: 3 optimizers, 36 learning rates each, 10 fresh seeds at the best, beside its numbers.

    python benchmarks/deepobs_quadratic.py [--epochs 100] [--seeds 10] [--out benchmarks/deepobs_quadratic.json]

Every optimizer is tuned with one seed, by its final test loss, as DeepOBS does; the fresh seeds train at the best
learning rate and at the published one. All of it twice: with an epoch shuffled anew each time, as the problem is
described, and with every run going through the batches of its first epoch again and again. The latter gives the
published numbers. DeepOBS's TensorFlow code, as read, not run, does the same: at every epoch it initialises its
iterator again with the graph's seed, and that replays the shuffle (tensorflow issue 13446). The published ± is taken
for a standard deviation, with which the runs' own agrees. Prints tables in Markdown; all numbers go to the JSON file.
"""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import quadratic_deep
from noisy_quadratic import NoisyQuadratic
from run import machine

from trainwell.statistics import mean_interval
from trainwell.training import Member, TrainingSettings, train_problems
from trainwell.training.engine.program import Status

HERE = Path(__file__).parent
RATES = [float(rate) for rate in 10 ** np.linspace(-5, 2, 36)]
TUNING_SEED = 0
PUBLISHED_SEEDS = 10
VARIANTS = {"shuffled anew every epoch": True, "the first epoch's batches in every epoch": False}


@dataclass(frozen=True)
class Contender:
    """An optimizer, and what DeepOBS published for it: learning rate, mean and standard deviation over 10 seeds."""

    optimizer: str
    rate: float
    mean: float
    deviation: float
    fields: dict[str, float] = field(default_factory=dict)

    def training(self, rate: float, epochs: int) -> TrainingSettings:
        """How it trains at a learning rate."""
        return TrainingSettings(optimizer=self.optimizer, learning_rate=rate, epochs=epochs, **self.fields)


CONTENDERS = (
    Contender("sgd", 1.58e-2, 87.40, 0.17),
    Contender("momentum", 2.5e-3, 87.045, 0.025, {"momentum": 0.99}),
    Contender("adam", 3.98e-2, 87.112, 0.024, {"eps": 1e-8}),
)


def problem(*, reshuffled: bool) -> NoisyQuadratic:
    """quadratic_deep; its test loss is over the whole batches of the test points, as DeepOBS's is."""
    training = quadratic_deep.points(quadratic_deep.TRAINING_SEED)
    test = quadratic_deep.points(quadratic_deep.TEST_SEED)[: quadratic_deep.TEST_POINTS]
    return NoisyQuadratic(quadratic_deep.hessian(), training, test, quadratic_deep.BATCH_SIZE, reshuffled)


def final_losses(on: NoisyQuadratic, members: Iterable[tuple[TrainingSettings, int]]) -> list[float]:
    """Final test loss of every member, all one population; infinite where a run diverged."""
    results = train_problems([Member(training, seed, on) for training, seed in members])
    return [float(one.seen["loss/test"][-1]) if one.status == Status.RUNNING else float("inf") for one in results]


def experiment(on: NoisyQuadratic, epochs: int, seeds: range) -> dict[str, dict[str, Any]]:
    """Optimizer -> final test loss of the tuning seed per rate, best rate, and losses of fresh seeds per rate."""
    tuned = final_losses(on, [(c.training(rate, epochs), TUNING_SEED) for c in CONTENDERS for rate in RATES])
    found: dict[str, dict[str, Any]] = {}
    for contender, losses in zip(CONTENDERS, np.reshape(tuned, (-1, len(RATES))), strict=True):
        published = int(np.abs(np.log(np.divide(RATES, contender.rate))).argmin())
        rates = {"best": RATES[int(losses.argmin())], "published": RATES[published]}
        found[contender.optimizer] = {"tuning": losses.tolist(), "rates": rates}
    asked = [(c, rate) for c in CONTENDERS for rate in sorted(set(found[c.optimizer]["rates"].values()))]
    fresh = iter(final_losses(on, [(c.training(rate, epochs), seed) for c, rate in asked for seed in seeds]))
    for contender, rate in asked:
        found[contender.optimizer].setdefault("losses", {})[rate] = [next(fresh) for _ in seeds]
    return found


def table(name: str, found: dict[str, dict[str, Any]]) -> str:
    """Fresh seeds beside what was published."""
    lines = [
        f"| {name} | η, best of {len(RATES)} | test loss, mean (95% interval), sd | at the published η | published | "
        "standard errors apart |",
        "|---|---|---|---|---|---|",
    ]
    for contender in CONTENDERS:
        one = found[contender.optimizer]
        best, same = (one["losses"][one["rates"][which]] for which in ("best", "published"))
        published = f"{contender.mean} ± {contender.deviation} at {contender.rate:.3g}"
        cells = [
            f"{one['rates']['best']:.3g}",
            summary(best),
            summary(same),
            published,
            f"{apart(contender, same):.1f}",
        ]
        lines.append(f"| {contender.optimizer} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(diverging(c.optimizer, found[c.optimizer]["tuning"]) for c in CONTENDERS)])


def summary(losses: list[float]) -> str:
    """Mean, interval and standard deviation of the runs that did not diverge."""
    interval = mean_interval(losses)
    finite = np.array(losses)[np.isfinite(losses)]
    deviation = finite.std(ddof=1) if len(finite) > 1 else np.nan
    text = f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f}), {deviation:.3f}"
    return text + (f", {interval.excluded} diverged" if interval.excluded else "")


def apart(contender: Contender, losses: list[float]) -> float:
    """Our mean less the published one, in standard errors of that difference."""
    variance = np.var(losses, ddof=1) / len(losses) + contender.deviation**2 / PUBLISHED_SEEDS
    return float((np.mean(losses) - contender.mean) / np.sqrt(variance))


def diverging(optimizer: str, losses: list[float]) -> str:
    """Which learning rates end without a finite loss."""
    rates = [rate for rate, loss in zip(RATES, losses, strict=True) if not np.isfinite(loss)]
    if not rates:
        return f"* {optimizer}: no learning rate diverges; the worst ends at {max(losses):.0f}"
    finite = [rate for rate, loss in zip(RATES, losses, strict=True) if np.isfinite(loss)]
    last = f"the largest that does not is {max(finite):.3g}" if finite else "that is all of them"
    return f"* {optimizer}: {len(rates)} learning rates diverge, from {min(rates):.3g} on; {last}"


def limits(on: NoisyQuadratic) -> list[str]:
    """What is known without training: the floor of the test loss, and where gradient descent must diverge."""
    largest = float(np.linalg.eigvalsh(on.hessian)[-1])
    data = on.data
    floor = on.observe([{"theta": data["centres"][0]}], [], data, np.zeros(1, np.int32), {})["loss/test"]
    rho = CONTENDERS[1].fields["momentum"]
    return [
        f"Test loss of the training points' mean, the minimum of the training loss: {float(floor):.3f}",
        f"Largest eigenvalue {largest:.2f}: SGD is unstable above 2/λ = {2 / largest:.4f}, momentum {rho} above "
        f"2(1+ρ)/λ = {2 * (1 + rho) / largest:.4f}",
    ]


def count(text: str) -> int:
    """A whole number from 2: an interval needs two runs."""
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"must be a whole number from 2, got '{text}'")
    return int(text)


def main() -> None:
    """Tune, train the fresh seeds, print, write."""
    started = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=count, default=quadratic_deep.EPOCHS)
    parser.add_argument("--seeds", type=count, default=PUBLISHED_SEEDS, help="fresh seeds, none used in tuning")
    parser.add_argument("--out", type=Path, default=HERE / "deepobs_quadratic.json")
    options = parser.parse_args()
    if not options.out.parent.is_dir():
        parser.error(f"--out: there is no folder {options.out.parent}")
    command = f"benchmarks/deepobs_quadratic.py --epochs {options.epochs} --seeds {options.seeds}"
    results: dict[str, Any] = {"machine": machine(), "command": command, "rates": RATES}
    print(json.dumps(results["machine"]))
    seeds = range(TUNING_SEED + 1, TUNING_SEED + 1 + options.seeds)
    for name, reshuffled in VARIANTS.items():
        found = experiment(problem(reshuffled=reshuffled), options.epochs, seeds)
        print("\n" + table(name, found), flush=True)
        results[name] = finite(found)
    print("\n" + "\n".join(limits(problem(reshuffled=True))))
    results["seconds"] = time.perf_counter() - started
    print(f"\n{results['seconds']:.1f} s without imports")
    options.out.write_text(json.dumps(results, indent=1) + "\n")


def finite(found: Any) -> Any:
    """The same with null for infinite: JSON has no such number."""
    if isinstance(found, dict):
        return {str(key): finite(value) for key, value in found.items()}
    if isinstance(found, list):
        return [finite(value) for value in found]
    return None if isinstance(found, float) and not np.isfinite(found) else found


if __name__ == "__main__":
    main()
