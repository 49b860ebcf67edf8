"""Settings of JAX and the machine, made once, before JAX starts its backend.

Measured on two cores: one network step is too small to be split over threads well, so populations train
member by member, one Python thread per core (`jobs`), each running the same compiled program. XLA's own pool
gets as many threads as there are cores: with fewer, programs of different Python threads queue behind each
other. The pool's size is part of what results depend on (long sums are split by it), `jobs` is not.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainwell.core.errors import RunError

Device = Literal["auto", "cpu", "gpu", "tpu"]
Precision = Literal["float32", "float64"]


@dataclass(frozen=True)
class Runtime:
    """What `configure_runtime` settled.

    Attributes:
        platform: JAX's name of the platform that trains: `cpu`, `gpu` (CUDA or ROCm) or `tpu`.
        jobs: number of members trained side by side on a CPU.
        precision: dtype of parameters and arithmetic.
    """

    platform: str
    jobs: int
    precision: Precision


_settled: Runtime | None = None


def cores() -> int:
    """Number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def total_memory() -> int:
    """Memory of this machine in bytes; where the system does not tell, so much that nothing is refused."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 60


def cache_folder() -> Path:
    """Where downloads and compiled programs are kept: `$TRAINWELL_CACHE`, else the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("TRAINWELL_CACHE")
    return Path(chosen) if chosen else user_cache_path("trainwell")


def configure_runtime(
    *, device: Device = "auto", jobs: int | None = None, precision: Precision | None = None, cache: bool = True
) -> Runtime:
    """Set up JAX for training populations; the first call decides, later calls return what it settled.

    Args:
        device: platform to train on; `auto` takes an accelerator where JAX sees one.
        jobs: members trained side by side on a CPU; None is one per core. Results do not depend on it.
        precision: dtype of parameters and arithmetic, float32 if not said; `float64` switches the whole process.
        cache: keep compiled programs on disk (a quarter of a second instead of one or two per program).

    Returns:
        The settings in force.

    Raises:
        RunError: the device is not there, or a later call asks for something else than the first.
    """
    global _settled
    if _settled is None:
        _settled = _start(device, jobs or cores(), precision or "float32", cache)
        return _settled
    wanted = Runtime(
        _settled.platform if device == "auto" else device, jobs or _settled.jobs, precision or _settled.precision
    )
    if wanted != _settled:
        raise RunError(f"the runtime is set up already as {_settled}, cannot become {wanted}: start a new process")
    return _settled


def _start(device: Device, jobs: int, precision: Precision, cache: bool) -> Runtime:
    if "jax" not in sys.modules:
        os.environ.setdefault("NPROC", str(max(2, cores())))  # size of XLA's thread pool
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import jax

    settings: dict[str, object] = {"jax_cpu_enable_async_dispatch": False}  # our threads wait for their own program
    if device != "auto":
        settings["jax_platforms"] = {"gpu": "cuda"}.get(device, device)
    if precision == "float64":
        settings["jax_enable_x64"] = True
    if cache and "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        settings["jax_compilation_cache_dir"] = str(cache_folder() / "programs")
        settings["jax_persistent_cache_min_compile_time_secs"] = 0.1
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]  # JAX has no types here
    try:
        platform = jax.devices()[0].platform
    except (RuntimeError, AssertionError) as error:  # JAX asserts that its platform's plugin is installed
        reason = (str(error) or "JAX has no support for it installed").splitlines()[0]
        raise RunError(f"device {device} is not available ({reason}): use --device cpu") from error
    return Runtime(platform, jobs, precision)
