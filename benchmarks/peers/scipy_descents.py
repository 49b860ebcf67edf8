"""SciPy's BFGS and L-BFGS-B, start by start, on Rosenbrock's function with its exact gradient.

    python benchmarks/peers/scipy_descents.py

Prints one line of JSON: the seconds for all starts, the medians of iterations and evaluations, the share solved.
"""

import json
import time

import landscape_workload as work
import numpy as np
from scipy.optimize import minimize, rosen, rosen_der


def main() -> None:
    """Both methods from every start."""
    starts = work.starts(work.QUASI_NEWTON_STARTS, 2).astype(np.float64)
    found = {}
    for method in ("BFGS", "L-BFGS-B"):
        options = {"gtol": work.TOLERANCE, "maxiter": work.QUASI_NEWTON_STEPS}
        options |= {} if method == "BFGS" else {"ftol": 0, "maxcor": 10}
        begin = time.perf_counter()
        ends = [minimize(rosen, x, jac=rosen_der, method=method, options=options) for x in starts]
        found[method] = {
            "seconds": time.perf_counter() - begin,
            "iterations": float(np.median([end.nit for end in ends])),
            "evaluations": float(np.median([end.nfev for end in ends])),
            "solved": float(np.mean([np.linalg.norm(end.x - 1) < 0.01 for end in ends])),
        }
    print(json.dumps({"seconds": sum(one["seconds"] for one in found.values()), "methods": found}))


if __name__ == "__main__":
    main()
