"""Where a training step's time goes: XLA's kernels of one member of 784-100×4-10, batch 100, on one thread.

    NPROC=1 python benchmarks/profile_step.py --data-dir DATA --optimizer adam

Prints microseconds per step without the profiler, then kernels by time with it (which adds a few percent).
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

import jax
import numpy as np

from trainwell import Recipe, configure_runtime, load_data
from trainwell.training import Member, problems_of
from trainwell.training.engine.population import Program, group

SHOWN = 24


def main() -> None:
    """Compile, time three calls, profile one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--optimizer", default="adam")
    options = parser.parse_args()
    configure_runtime(jobs=1)
    dataset = load_data("mnist", data_dir=options.data_dir, validation=100)
    recipe = Recipe(hidden=(100,) * 4, batch_size=100, steps=10_000, inputs="none", optimizer=options.optimizer)
    (problem,) = problems_of([recipe.evolve(observe_training=1, last_batch="drop")], dataset, "float32")
    member = Member(problem.training, 0, problem)
    program = Program(group([member], mixes=lambda problem: True)[0], None, np.dtype("float32"))
    given, plan = program.given([member]), program.plan(member, 0, 0, member.points.total)
    steps = int(plan.lengths.sum())

    def call() -> float:
        state = jax.device_put(program.start(member))
        start = time.perf_counter()
        jax.block_until_ready(program(state, given, plan))
        return 1e6 * (time.perf_counter() - start) / steps

    call()
    print(f"{min(call() for _ in range(5)):.0f} µs per step")
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            call()
        for name, microseconds in kernels(Path(folder), steps).most_common(SHOWN):
            print(f"{microseconds:8.1f} µs per step  {name}")


def kernels(folder: Path, steps: int) -> "Counter[str]":
    """Time of each kernel that runs once per step."""
    profile = jax.profiler.ProfileData.from_file(str(next(folder.rglob("*.xplane.pb"))))
    time_of: Counter[str] = Counter()
    count_of: Counter[str] = Counter()
    for plane in profile.planes:
        for line in plane.lines:
            for event in line.events:
                time_of[event.name] += event.duration_ns / 1e3 / steps
                count_of[event.name] += 1
    each_step = {name: t for name, t in time_of.items() if 0.99 < count_of[name] / steps < 1.01}
    return Counter({name: t for name, t in each_step.items() if "::" not in name and not name.startswith("$")})


if __name__ == "__main__":
    main()
