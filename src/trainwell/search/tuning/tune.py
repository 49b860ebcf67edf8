"""`tune`: from data to a trained ensemble, by a search and the best recipes trained again."""

import time
from dataclasses import replace
from pathlib import Path

from trainwell.data import Dataset
from trainwell.models import TrainedNetwork
from trainwell.search.tuning.choosing import choose
from trainwell.search.tuning.job import Job
from trainwell.search.tuning.plan import Plan
from trainwell.search.tuning.pool import Pool
from trainwell.search.tuning.refitting import Refit, distinct, refit
from trainwell.search.tuning.result import SearchResult, Tuned
from trainwell.search.tuning.setting import metric_of
from trainwell.search.tuning.usual_space import default_space
from trainwell.search.tuning.watching import Watcher
from trainwell.training import Space, members_work

SEARCH_SHARE = 0.75  # of a time limit; the rest is for training the best again


def tune(
    dataset: Dataset,
    space: Space | None = None,
    plan: Plan | None = None,
    *,
    folder: Path | None = None,
    storage: str | Path | None = None,
    study: str = "trainwell",
    shared: bool = True,
    watcher: Watcher | None = None,
    pool: Pool | None = None,
) -> Tuned:
    """Search for the best way to train on a dataset, and train it.

    Coarse to fine (T-HP-4): trials drawn at random in wide ranges, trained briefly (poor ones are stopped early by
    successive halving), ranges narrowed to where the good trials are, and again. Then the best recipes are trained
    anew with fresh seeds, and of all networks the model is chosen on validation (T-REG-4). The test split is not
    touched: `judge_on_test_split(tuned.model, dataset)` opens it, once, when all is done.

    Args:
        dataset: training and validation splits are used.
        space: what to search; None for the default one.
        plan: how to search.
        folder: an existing one of this process alone, for its files: where it holds an interrupted call's, that is
            gone on with. None keeps all in memory.
        storage: where the study is kept, see `open_storage`; None for a journal file in `folder`, or memory.
        study: its name in the storage. Several processes with the same request may work on one, each with a folder of
            its own.
        shared: whether other processes may; if not, all that runs in the storage is an interrupted call's.
        watcher: whom to tell.
        pool: what `check` gave back for the same request; None checks it.

    Returns:
        All trials, the best recipes, and the model.

    Raises:
        SearchError: the request cannot be, or the storage holds another one; nothing was changed.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.

    Example:
        >>> from trainwell.data import load_data
        >>> from trainwell.training import Range
        >>> space = Space.of(hidden=(8,), epochs=3, learning_rate=Range(1e-4, 0.1, log=True))
        >>> tuned = tune(load_data("iris"), space, Plan(trials=4, rounds=2, folds=1, refit_recipes=1, refit_seeds=2))
        >>> len(tuned.search.trials), len(tuned.candidates)
        (4, 1)
    """
    plan = plan or Plan()
    if space is None:
        space = default_space(dataset, metric_of(dataset, plan.metric))
    job = Job(dataset, space, plan, folder, watcher, pool=pool)
    return _made(job, job.search(storage, study, shared=shared, share=SEARCH_SHARE))


def _made(job: Job, result: SearchResult) -> Tuned:
    """The best recipes trained again, and the model of all there is."""
    ranked = result.ranked()
    again: Refit | None = None
    trials = distinct(ranked, job.plan.refit_recipes)
    if trials:
        started = time.perf_counter()
        first = max(job.setting.seeds) + 1
        seeds = tuple(range(first, first + job.plan.refit_seeds))
        work = members_work(job.pool.datasets, [trial.recipe for trial in trials], len(seeds))
        job.watcher.refit(work)
        again = refit(
            job.setting,
            trials,
            seeds,
            checkpoints=None if job.folder is None else _made_folder(job.folder / "refit"),
            progress=job.watcher.population(),
            deadline=job.until(1.0),
        )
        if result.seconds is not None:
            result = replace(result, seconds=replace(result.seconds, refit=time.perf_counter() - started))
    searched: dict[int, list[tuple[TrainedNetwork, ...]]] = {}
    each = len(job.pool.datasets)
    for number, networks in job.batches.kept().items():
        searched[number] = [tuple(networks[i : i + each]) for i in range(0, len(networks), each)]
    options, model = choose(job.pool, job.setting.metric, again, searched)
    best = again.candidates[0].recipe if again else ranked[0].recipe
    populations = again.populations if again else ()
    return Tuned(
        result,
        again.candidates if again else (),
        options,
        best,
        model,
        populations[0] if populations else None,
    )


def _made_folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path
