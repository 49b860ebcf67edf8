"""Fixtures that several rooms use, and one cache of compiled programs for a whole run of the tests."""

import ctypes
import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from optional import missing

collect_ignore = [f"reference/make_book_{what}.py" for what in ("losses", "ends")]  # imported for doctests otherwise
os.environ.setdefault("NPROC", "2")  # the size of XLA's thread pool must be the same in every worker
# More threads of OpenBLAS only wait for each other where every core has a worker: for 20 times the work itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Code for fused loops is made as XLA made it before: that compiles in two thirds of the time. Users do not have it, nor
# does continuous integration; other versions of JAX may refuse to start with it. And a program is not compiled in 32
# parts at a time, where every core has a worker: that saves a seventh, and its bits are the same.
QUICK = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
# Most programs of tests are compiled and compute for a moment: LLVM does not optimize them, so that compiling takes a
# third of the time. These modules' are: what computes for longer takes several times as long without, and where bits of
# several programs or processes are compared, optimizing could change them.
OPTIMIZED = (
    "benchmarks",
    "cli/run",
    "cli/test_system_errors.py",
    "cli/test_the_same_twice.py",
    "cli/tune",
    "comparison",
    "fuzz",
    "lecture/figures",
    "lecture/test_book_against_numpy.py",
    "lecture/test_book_ends.py",
    "lecture/test_statements.py",
    "reference",
    "search",
    "training/engine/test_independent_members.py",
    "training/engine/test_packing.py",
    "training/test_book_network.py",
)
UNOPTIMIZED = "jax_disable_most_optimizations"
MOST_MEMORY = 2 << 30  # of a worker, before its compiled programs are dropped
HERE = Path(__file__).parent
# What `make test-fast` leaves out, beside doctests: whole processes, browsers, training and compiling for longer.
SLOW_FIXTURES = {"browser", "forks", "mnist_folder", "postgres", "process", "start"}
SLOW = (
    "benchmarks",
    "fuzz",
    "landscape",
    "lecture",
    "models",
    "reference",
    "test_documents.py",
    "training/test_book_network.py",
    "training/engine",
    "cli/compare",
    "cli/curvature",
    "cli/lecture",
    "cli/predict",
    "cli/race",
    "cli/run",
    "cli/train",
    "cli/tune",
    "cli/test_validation_on_test.py",
    "cli/test_lightness.py",
    "cli/test_system_errors.py",
    "cli/test_undefined_metric_commands.py",
    "comparison/test_fair.py",
    "comparison/test_new_optimizer_example.py",
    "comparison/test_paper.py",
    "comparison/test_tuning.py",
    "nn/test_dropout.py",
    "nn/test_layers.py",
    "nn/test_observation.py",
    "optim/curvature",
    "optim/rules/test_rule_contract.py",
    "optim/second_order",
    "report/gallery/test_gallery_in_browser.py",
    "report/race",
    "search/coarse_to_fine/test_suites.py",
    "search/study/test_nothing_lost.py",
    "search/study/test_two_processes.py",
    "search/study/test_leases.py",
    "search/tuning",
)

# With tests of half a minute: begun first, so that no worker has one left when the others are done.
LONG = (
    "training/test_book_network.py",
    "landscape/descents/test_result.py",
    "test_documents.py",
    "comparison/test_new_optimizer_example.py",
    "cli/test_the_same_twice.py",
    "training/engine/test_independent_members.py",
    "training/engine/test_kill_and_resume.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Keep downloads and compiled programs away from the user's: empty at first, shared by all workers and processes.

    Programs of any size are kept: most are small, and reading one takes a quarter of the time of compiling it. Who sets
    `JAX_COMPILATION_CACHE_DIR` keeps them from run to run.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it runs in the background
    if not hasattr(config, "workerinput"):  # workers inherit these settings
        folder = Path(tempfile.mkdtemp(prefix="trainwell-tests-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ["TRAINWELL_CACHE"] = str(folder)
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder / "programs"))
        os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
        os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
        if not os.environ.get("TRAINWELL_TEST_AS_USERS") and version("jaxlib").startswith("0.10."):
            os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {QUICK}".strip()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and begin with what is longest."""
    long = [HERE / name for name in LONG]
    named = [*SLOW, *LONG, *OPTIMIZED]
    assert [name for name in named if not (HERE / name).exists()] == []
    items.sort(key=lambda item: item.path not in long)
    for item in items:
        used = SLOW_FIXTURES & set(getattr(item, "fixturenames", ()))
        if used or _within(item.path, SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist worksteal`, by files; None for other ways to share tests."""
    if config.getoption("dist") != "worksteal":
        return None
    from whole_files import WholeFiles

    return WholeFiles(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays: no garbage is looked for in it, neither now nor again and again later.

    Nor as often as usual: tracing makes many objects that are soon gone, and what is left is little.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@cache
def _within(path: Path, names: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(HERE / name) for name in names)


def _drop_programs() -> None:
    sys.modules["jax"].clear_caches()
    gc.collect()


@pytest.fixture(scope="module", autouse=True)
def _programs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compiled as fits a module, never some this way and some that; past modules' do not fill the memory."""
    if "jax" in sys.modules and QUICK in os.environ.get("XLA_FLAGS", ""):
        config, plain = sys.modules["jax"].config, not _within(request.path, OPTIMIZED)
        if config.read(UNOPTIMIZED) != plain:
            _drop_programs()
            config.update(UNOPTIMIZED, plain)
    yield
    if "jax" in sys.modules and sys.platform == "linux":
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        if resident > MOST_MEMORY:
            _drop_programs()
            ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(scope="session")
def forks() -> Iterator[Any]:
    """Runs the program, or code, in processes of its own, which are forked from one that has all imported."""
    from forks import Forks  # imports much, which few tests need

    with Forks() as process:
        yield process


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """The folder that holds `mnist/`, or a skip."""
    folder = os.environ.get("TRAINWELL_DATA", "")
    if not (Path(folder) / "mnist").is_dir():
        missing("MNIST", "set TRAINWELL_DATA to a folder that holds mnist/*.gz")
    return Path(folder)
