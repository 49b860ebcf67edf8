"""trainwell on surfaces and slices, as a whole process: the workloads of `peers/landscape_workload.py`.

    python benchmarks/trainwell_landscape.py descents
    python benchmarks/trainwell_landscape.py quasi_newton
    python benchmarks/trainwell_landscape.py slice --data-dir DATA

`seconds` is the first call, compiling included; `seconds_compiled` the second. Prints one line of JSON.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import landscape_workload as work  # stands beside the peers, which share it


def twice(call: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a call returns, and the seconds of the first and the second one."""
    begin = time.perf_counter()
    call()
    middle = time.perf_counter()
    found = call()
    return found, {"seconds": middle - begin, "seconds_compiled": time.perf_counter() - middle}


def descents() -> dict[str, Any]:
    """Six optimizers from all starts."""
    from trainwell import descend, surface

    fields = {name: {"optimizer": name, "learning_rate": rate} for name, rate in work.RATES.items()}
    starts = work.starts(work.STARTS, 5)
    found, seconds = twice(lambda: descend(surface("himmelblau"), fields, starts, work.STEPS))
    return {**seconds, "mean_values": dict(zip(found.labels, found.values.mean(1).tolist(), strict=True))}


def quasi_newton() -> dict[str, Any]:
    """BFGS and L-BFGS from all starts."""
    from trainwell import descend, surface

    names, starts = ["bfgs", "lbfgs"], work.starts(work.QUASI_NEWTON_STARTS, 2)
    rosenbrock, steps = surface("rosenbrock"), work.QUASI_NEWTON_STEPS
    found, seconds = twice(lambda: descend(rosenbrock, names, starts, steps, tolerance=work.TOLERANCE))
    methods = {
        name: {
            "iterations": float(np.median(found.settled_after[i])),
            "evaluations": float(np.median(found.evaluations[i])),
            "solved": float((np.linalg.norm(found.points[i] - 1, axis=1) < 0.01).mean()),
        }
        for i, name in enumerate(names)
    }
    return {**seconds, "methods": methods}


def slice_of_the_loss(folder: Path) -> dict[str, Any]:
    """The plane of two directions through the network's weights."""
    from trainwell import Recipe, configure_runtime, from_arrays
    from trainwell.landscape import network_slice
    from trainwell.training import problems_of

    pixels, labels = work.images(folder)
    rows = (pixels, labels)
    dataset = from_arrays(*rows, validation=rows, test=rows, class_names="0123456789")
    precision = configure_runtime().precision
    (problem,) = problems_of([Recipe(hidden=work.SIZES[1:-1], inputs="none")], dataset, precision)
    numbers = {name: value for name, value in problem.numbers(0).items() if name != "noise"}

    def layers(seed: int) -> list[dict[str, np.ndarray]]:
        flat = work.network(seed)
        return [{"weights": w.T.copy(), "biases": b} for w, b in zip(flat[::2], flat[1::2], strict=True)]

    centre, directions = layers(0), [layers(1), layers(2)]
    extent = [(-1.0, 1.0), (-1.0, 1.0)]

    def whole() -> Any:
        return network_slice(
            problem.network, [], numbers, dataset.training, centre, directions, extent, work.SIDE, regularized=False
        )

    found, seconds = twice(whole)
    return {**seconds, "corner": float(found.losses[0, 0]), "middle": float(found.losses.ravel()[5050])}


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["descents", "quasi_newton", "slice"])
    parser.add_argument("--data-dir", type=Path)
    options = parser.parse_args()
    if options.what == "slice":
        print(json.dumps(slice_of_the_loss(options.data_dir)))
    else:
        print(json.dumps(descents() if options.what == "descents" else quasi_newton()))


if __name__ == "__main__":
    main()
