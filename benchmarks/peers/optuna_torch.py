"""The peer of `trainwell tune`: an Optuna study that trains with PyTorch, written to be fast.

    python benchmarks/peers/optuna_torch.py --data-dir DATA --threads 2
    python benchmarks/peers/optuna_torch.py --data-dir DATA --processes 2
    python benchmarks/peers/optuna_torch.py --data-dir DATA --processes 2 --pruner halving

F-6-24: 100 trials of 784-100×6-10 on 400 images, 50 epochs, η and λ log-uniform, validation accuracy on 100 images.
DATA holds mnist/ with the IDX files. Without --processes: one process with --threads threads. With it: that many
processes of one thread, all asking one study. The study lies in a journal file, Optuna's lightest storage that
survives the process. Without a pruner a trial's curves are stored at its end, in one write, and all trials train in
full; with one, validation accuracy is reported after every epoch, as pruners need. Prints one line of JSON; measure
the whole process from outside (`seconds` leaves out Python's start and the imports of the first process).
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workload
from processes import run_shares
from torch_population import batches_of, logits, network, train

if TYPE_CHECKING:
    import optuna

STUDY = "F-6-24"
PRUNERS = ("none", "median", "halving", "hyperband")
SAMPLERS = ("random", "tpe")
FIRST_RUNG = 2  # epochs: a rung earlier, hardly any of these networks has left chance


def pruner_of(name: str) -> "optuna.pruners.BasePruner":
    """Optuna's pruner; the two by halving with reduction 3 from the first rung on, the median with its defaults."""
    from optuna import pruners

    if name == "halving":
        return pruners.SuccessiveHalvingPruner(min_resource=FIRST_RUNG, reduction_factor=3)
    if name == "hyperband":
        return pruners.HyperbandPruner(FIRST_RUNG, max_resource=workload.SEARCH_EPOCHS, reduction_factor=3)
    return pruners.MedianPruner() if name == "median" else pruners.NopPruner()


def open_study(options: argparse.Namespace, worker: int) -> "optuna.Study":
    """The study in the journal file, made by whichever process comes first."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    seed = 1000 * options.seed + worker  # the draws of two processes must differ
    samplers = optuna.samplers
    sampler = samplers.TPESampler(seed=seed) if options.sampler == "tpe" else samplers.RandomSampler(seed=seed)
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(options.journal)),
        sampler=sampler,
        pruner=pruner_of(options.pruner),
        study_name=STUDY,
        direction="maximize",
        load_if_exists=True,
    )


class Objective:
    """Trains one trial's network; its validation accuracy after the last epoch."""

    def __init__(self, options: argparse.Namespace) -> None:
        import torch

        data = workload.search_data(options.data_dir, options.seed)
        self.x, self.y = torch.from_numpy(data.images), torch.from_numpy(data.labels)
        self.all_x = torch.cat([self.x, torch.from_numpy(data.validation_images)])
        self.all_y = torch.cat([self.y, torch.from_numpy(data.validation_labels)])
        self.prunes = options.pruner != "none"
        self.epochs_trained = 0

    def __call__(self, trial: "optuna.Trial") -> float:
        """Train, with a look at the pruner after every epoch where there is one."""
        import optuna
        import torch

        rate = trial.suggest_float("learning_rate", 1e-6, 1e-2, log=True)
        penalty = trial.suggest_float("l2_penalty", 1e-8, 1e-4, log=True)
        generator = torch.Generator().manual_seed(trial.number)
        params = network(workload.SEARCH_SIZES, generator)
        # PyTorch's coupled weight_decay adds λW to the gradient: that of the penalty ½λ‖W‖².
        groups = [
            {"params": params[0::2], "weight_decay": penalty},
            {"params": params[1::2], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.SGD(groups, lr=rate, fused=True)
        per_epoch = len(self.x) // workload.BATCH_SIZE
        batches = batches_of(len(self.x), workload.SEARCH_EPOCHS * per_epoch, generator)
        curve: list[tuple[float, float]] = []
        for epoch in range(workload.SEARCH_EPOCHS):
            train(params, optimizer, self.x, self.y, batches[epoch * per_epoch : (epoch + 1) * per_epoch])
            curve.append(self.accuracies(params))
            self.epochs_trained += 1
            if self.prunes:
                trial.report(curve[-1][1], epoch + 1)
                if trial.should_prune():
                    raise optuna.TrialPruned
        trial.set_user_attr("curve", curve)
        return curve[-1][1]

    def accuracies(self, params: list[Any]) -> tuple[float, float]:
        """Of the training and of the validation images."""
        import torch

        with torch.inference_mode():
            right = (logits(params, self.all_x).argmax(dim=1) == self.all_y).float()
            return right[: len(self.x)].mean().item(), right[len(self.x) :].mean().item()


def work(options: argparse.Namespace, worker: int) -> dict[str, Any]:
    """Take trials from the study until all have been started; what this process trained."""
    import optuna
    import torch
    from optuna.study import MaxTrialsCallback

    torch.set_num_threads(options.threads)
    objective = Objective(options)
    values: list[float] = []
    pruned = 0

    def note(_: "optuna.Study", trial: "optuna.trial.FrozenTrial") -> None:
        nonlocal pruned
        if trial.state == optuna.trial.TrialState.COMPLETE:
            values.append(float(trial.values[0]))
        else:
            pruned += 1

    study = open_study(options, worker)
    study.optimize(objective, n_trials=options.trials, callbacks=[note, MaxTrialsCallback(options.trials, states=None)])
    return {"values": values, "pruned": pruned, "epochs": objective.epochs_trained}


def main() -> None:
    """Run the study, in this process or in several."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--sampler", choices=SAMPLERS, default="random", help="random is the figure's")
    parser.add_argument("--pruner", choices=PRUNERS, default="none")
    parser.add_argument("--threads", type=int, default=2, help="threads of the one process")
    parser.add_argument("--processes", type=int, default=0, help="so many processes of one thread instead")
    parser.add_argument("--seed", type=int, default=0, help="of the sampler and the split")
    parser.add_argument("--journal", default="", help="the study's file; a temporary one by default")
    parser.add_argument("--share", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.share:
        print(json.dumps(work(options, int(options.share.split("/")[0]))))
        return
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if not options.journal:
            options.journal = str(Path(folder) / "study.log")
            sys.argv += ["--journal", options.journal]  # the workers are started with this command line
        results = run_shares(options.processes) if options.processes else [work(options, 0)]
    values = sorted((value for result in results for value in result["values"]), reverse=True)
    line = {"peer": "optuna_torch", "sampler": options.sampler, "pruner": options.pruner}
    line |= {"processes": options.processes or 1, "threads": 1 if options.processes else options.threads}
    line |= {"seconds": time.perf_counter() - started, "seed": options.seed}
    line |= {"trials": len(values) + sum(r["pruned"] for r in results), "pruned": sum(r["pruned"] for r in results)}
    line |= {"epochs": sum(r["epochs"] for r in results)}
    print(json.dumps(line | {"best_validation_accuracies": [round(value, 4) for value in values[:20]]}))


if __name__ == "__main__":
    main()
