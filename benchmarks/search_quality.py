"""Does a search find more with less? Searchers against each other on tuning tasks, at equal numbers of trials.

    python benchmarks/search_quality.py --data-dir DATA [--tasks branin f_6_24] [--samplers random tpe] [--seeds 20]
        [--trials 60] [--round 20] [--processes 2] [--out benchmarks/search_quality.json] [--again coarse_to_fine]

DATA holds mnist/ with the IDX files ($TRAINWELL_DATA by default). Needs torch and greenlet (GP;
without greenlet it takes twice as long), cmaes (CMA-ES) and mle-hyperopt.
Searchers of the same seed search the same function (see tasks/network_task.py). TPE, GP and CMA-ES are told after
every trial, their best case; trainwell's sampler and mle-hyperopt's after every round. Results are kept per task, seed
and searcher, and what is there already is not run again (`--again` names searchers to run anew). Prints Markdown.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, Contender, missing_package
from search_tables import report
from tasks import TASKS, NetworkTask, Params, Task

HERE = Path(__file__).parent
# Each process works on one core; threads of linear algebra beside it would spin against the other processes.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Results = dict[str, dict[str, dict[str, Any]]]  # task -> seed -> searcher -> what it found


def compete(task: Task, seed: int, names: Sequence[str], trials: int, batch: int) -> dict[str, dict[str, Any]]:
    """Run the searches of one seed side by side; all networks of a turn are one population."""
    searches = {name: Timed(CONTENDERS[name](task.space, seed, trials, batch)) for name in names}
    found: dict[str, list[tuple[Params, float]]] = {name: [] for name in names}
    while any(len(seen) < trials for seen in found.values()):
        asked = {
            name: search.ask(min(search.batch, trials - len(found[name])))
            for name, search in searches.items()
            if len(found[name]) < trials
        }
        scores = iter(task.scores([params for each in asked.values() for params in each], seed))
        for name, each in asked.items():
            told = [next(scores) for _ in each]
            searches[name].tell(told)
            found[name] += zip(each, told, strict=True)
    judged = _judged(task, seed, found)
    return {name: one | {"seconds": searches[name].seconds} for name, one in judged.items()}


class Timed:
    """A search that counts the processor seconds of its own asking and telling."""

    def __init__(self, search: Contender) -> None:
        self.search, self.seconds, self.batch = search, 0.0, search.batch

    def ask(self, count: int) -> list[Params]:
        """Ask the search."""
        start = time.process_time()
        asked = self.search.ask(count)
        self.seconds += time.process_time() - start
        return asked

    def tell(self, scores: list[float]) -> None:
        """Tell the search."""
        start = time.process_time()
        self.search.tell(scores)
        self.seconds += time.process_time() - start


def _judged(task: Task, seed: int, found: dict[str, list[tuple[Params, float]]]) -> dict[str, dict[str, Any]]:
    """Each search's trials that were the best so far; the quality of the last of them, of all on surfaces."""
    bests: dict[str, list[tuple[int, Params, float]]] = {}
    for name, seen in found.items():
        bests[name] = []
        for number, (params, score) in enumerate(seen):
            if not bests[name] or score > bests[name][-1][2]:
                bests[name].append((number, params, score))
    all_of_them = task.optimum is not None
    wanted = [one for steps in bests.values() for one in (steps if all_of_them else steps[-1:])]
    qualities = iter(task.quality([params for _, params, _ in wanted], seed))
    judged = {}
    for name, steps in bests.items():
        own = [next(qualities) for _ in (steps if all_of_them else steps[-1:])]
        judged[name] = {
            "best": [[number, score] for number, _, score in steps],
            "chosen": steps[-1][1],
            "quality": own[-1],
        }
        if all_of_them:
            judged[name]["true"] = [one[0] for one in own]
    return judged


def job(task_name: str, seed: int, names: Sequence[str], options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """`compete` in a process of its own, which trains on one core."""
    import warnings

    import optuna

    from trainwell import configure_runtime

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")  # TPE's groups are marked experimental; the peers' packages warn of themselves
    configure_runtime(jobs=1)
    return compete(_task(task_name, options), seed, names, options.trials, options.round)


def _task(name: str, options: argparse.Namespace) -> Task:
    task = TASKS[name]
    return replace(task, data_dir=options.data_dir) if isinstance(task, NetworkTask) else task


def run(options: argparse.Namespace, results: Results) -> None:
    """Run what is missing, one (task, seed) per job, and keep each as it ends."""
    jobs = []
    for seed in range(options.seeds):  # all tasks seed by seed: what is there at any time can be printed
        for task in options.tasks:
            done = results.get(task, {}).get(str(seed), {})
            names = [name for name in options.samplers if name not in done]
            jobs += [(task, seed, names)] if names else []
    if not jobs:
        return
    os.environ.update(ONE_THREAD)
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        start = time.perf_counter()
        pending = {pool.submit(job, *one, options): one for one in jobs}
        for count, future in enumerate(as_completed(pending), 1):
            task, seed, _ = pending[future]
            if future.exception():
                pool.shutdown(cancel_futures=True)
            results.setdefault(task, {}).setdefault(str(seed), {}).update(future.result())
            _save(options, results)
            print(f"\r{count}/{len(jobs)} {task} {time.perf_counter() - start:.0f} s   ", end="", file=sys.stderr)
    print(file=sys.stderr)


def _save(options: argparse.Namespace, results: Results) -> None:
    content = {"settings": _settings(options), "results": results}
    options.out.write_text(json.dumps(_rounded(content), separators=(",", ":")).replace('"},"', '"},\n"') + "\n")


def _settings(options: argparse.Namespace) -> dict[str, int]:
    return {"trials": options.trials, "round": options.round}


def _rounded(value: Any) -> Any:
    """Floats to six digits: enough for every comparison, and the file stays small."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, (list, tuple)) else value


def load(options: argparse.Namespace) -> Results:
    """What was found before, with these settings."""
    if not options.out.exists():
        return {}
    content = json.loads(options.out.read_text())
    if content["settings"] != _settings(options):
        raise SystemExit(f"{options.out} holds results with {content['settings']}: choose another --out")
    results: Results = content["results"]
    for task in options.tasks:
        for found in results.get(task, {}).values():
            for name in options.again:
                found.pop(name, None)
    return results


def _complete(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The seeds with which all chosen searchers have searched."""
    seeds = sorted(map(int, found))
    return {str(seed): found[str(seed)] for seed in seeds if set(options.samplers) <= set(found[str(seed)])}


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("TRAINWELL_DATA"), help="holds mnist/")
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS), metavar="TASK")
    parser.add_argument("--samplers", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--seeds", type=int, default=20, help="studies per searcher and task")
    parser.add_argument("--trials", type=int, default=60, help="per study")
    parser.add_argument("--round", type=int, default=20, help="trials per round of the lecture's form, mle-hyperopt's")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=HERE / "search_quality.json")
    parser.add_argument("--again", nargs="*", default=[], choices=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--only-print", action="store_true", help="the tables of what is there; run nothing")
    return parser.parse_args()


def main() -> None:
    """Run what is missing and print the tables."""
    options = parse()
    for name in options.samplers:
        if package := missing_package(name):
            raise SystemExit(f"{name} needs the package {package}: install it, or leave {name} out of --samplers")
    results = load(options)
    if not options.only_print:
        run(options, results)
    chosen = {task: _complete(results[task], options) for task in options.tasks if task in results}
    print(report(_rounded(chosen), options.samplers, options.trials))


if __name__ == "__main__":
    main()
