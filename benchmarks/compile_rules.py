"""Seconds to compile six optimizers in one program, and in six: from an empty cache, in this process.

    python benchmarks/compile_rules.py

Prints one line of JSON. Both ways go through the engine's own `Program`.
"""

import json
import time

import numpy as np

from trainwell import Recipe, configure_runtime, load_data
from trainwell.training import Member
from trainwell.training.engine.population import Program, group
from trainwell.training.supervised import Arrays, NetworkProblem

RULES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def compile_seconds(rules: tuple[str, ...], arrays: Arrays) -> float:
    """Trace and compile the programs of a population with these rules."""
    members = []
    for i, name in enumerate(rules):
        recipe = Recipe(hidden=(100,) * 4, optimizer=name, batch_size=100)
        members.append(Member(recipe, 0, NetworkProblem(recipe, recipe, arrays), i))
    start = time.perf_counter()
    for one in group(members, mixes=lambda problem: True):
        Program(one, None, np.dtype("float32")).compile()
    return time.perf_counter() - start


def main() -> None:
    """Compile a warm-up, then separate programs, then the common one."""
    configure_runtime(cache=False)
    arrays = Arrays(load_data("digits"), 2000, np.dtype("float32"))
    _ = arrays.tree
    compile_seconds(("adamw",), arrays)  # JAX's own start
    separate = sum(compile_seconds((name,), arrays) for name in RULES)
    together = compile_seconds(RULES, arrays)
    print(json.dumps({"separate_seconds": separate, "together_seconds": together, "ratio": together / separate}))


if __name__ == "__main__":
    main()
