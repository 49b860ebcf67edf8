"""Settings of JAX and the machine. They are made once, before JAX starts its backend.

Measured on two cores: one training step of a network is too small to split over threads efficiently. Therefore each
network is trained by one Python thread, with one thread per core (`jobs`), and all threads run the same compiled
program. XLA's own thread pool gets one thread per core; with fewer, programs of different Python threads wait for each
other. Results depend on the pool's size (it decides how long sums are split), but not on `jobs`.
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
    """The settings that `configure_runtime` made.

    Attributes:
        platform: JAX's name of the platform that trains: `cpu`, `gpu` (CUDA or ROCm) or `tpu`.
        jobs: number of networks trained in parallel on a CPU.
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
    """Memory of this machine in bytes; 2⁶⁰ (effectively no limit) where the system does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 60


def cache_folder() -> Path:
    """The folder of downloads and compiled programs: `$TRAINWELL_CACHE` if set, else the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("TRAINWELL_CACHE")
    return Path(chosen) if chosen else user_cache_path("trainwell")


def configure_runtime(
    *, device: Device = "auto", jobs: int | None = None, precision: Precision | None = None, cache: bool = True
) -> Runtime:
    """Set up JAX for training. The first call decides; later calls return its settings.

    Args:
        device: platform to train on; `auto` uses an accelerator if JAX finds one.
        jobs: number of networks trained in parallel on a CPU; None is one per core. Results do not depend on it.
        precision: dtype of parameters and arithmetic; None is float32. `float64` applies to the whole process.
        cache: keep compiled programs on disk. Loading one takes 0.25 s, compiling it 1 to 2 s.

    Returns:
        The settings in effect.

    Raises:
        RunError: the device is not available, or a later call asks for other settings than the first.
    """
    global _settled
    if _settled is None:
        _settled = _start(device, jobs or cores(), precision or "float32", cache)
        return _settled
    wanted = Runtime(
        _settled.platform if device == "auto" else device, jobs or _settled.jobs, precision or _settled.precision
    )
    if wanted != _settled:
        raise RunError(f"JAX is already set up as {_settled}, not as {wanted}: start a new process")
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
        raise RunError(f"device {device} is not available ({reason}): use the device cpu (--device cpu)") from error
    return Runtime(platform, jobs, precision)
