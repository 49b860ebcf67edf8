"""Many evaluations of one function, as a population: one program, a share of the points per call, a core per call."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
from jax import lax
from jaxtyping import Array, Float, PyTree

from trainwell.core import Interrupted, configure_runtime

POINTS_PER_CALL = 16
"""Few enough for Ctrl-C to be heard and for the cores to end together."""
SIDE_BY_SIDE = 16
"""Points at once on an accelerator; on a CPU's core they go one by one, which keeps a network's layers in its cache."""


def evaluations(
    f: Callable[[PyTree, Float[Array, " A"]], Float[Array, ""]], given: PyTree, points: Float[np.ndarray, "G A"]
) -> Float[np.ndarray, " G"]:
    """A function at many points.

    Args:
        f: what all points share, and one point, to a number; compiled once.
        given: what all points share.
        points: one per row; f gets them in its own type, that of the runtime.

    Returns:
        The values, not finite where they are not.

    Raises:
        Interrupted: Ctrl-C; the calls under way were finished.
    """
    runtime = configure_runtime()
    on_cpu = runtime.platform == "cpu"
    G, A = points.shape
    size = min(POINTS_PER_CALL, -(-G // runtime.jobs) if on_cpu else G)
    padded = np.zeros((-(-G // size), size, A), runtime.precision)
    padded.reshape(-1, A)[:G] = points

    def some(given: PyTree, points: Float[Array, "size A"]) -> Float[Array, " size"]:
        values: Float[Array, " size"] = lax.map(
            lambda point: f(given, point), points, batch_size=None if on_cpu else SIDE_BY_SIDE
        )
        return values

    given = jax.tree.map(jax.numpy.asarray, given)
    with jax.default_matmul_precision("highest"):  # accelerators have three digits otherwise
        program = jax.jit(some).lower(given, padded[0]).compile()
    # As in training, a core works on calls of its own: a network's products are too small to be split well.
    with ThreadPoolExecutor(runtime.jobs if on_cpu else 1) as pool:
        calls = [pool.submit(lambda part: np.asarray(program(given, part)), part) for part in padded]
        try:
            return np.concatenate([call.result() for call in calls])[:G]
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            done = sum(call.done() and not call.cancelled() for call in calls)
            raise Interrupted(f"stopped on request: {done} of {len(calls)} parts were evaluated") from None
