"""Coarse-to-fine search of anything, without trainwell's networks: any Optuna study takes the sampler.

    python examples/coarse_to_fine_anywhere.py

Here it tunes scikit-learn's support vector machine on the wine data: the kernel, two numbers on log scales, and one
that only the polynomial kernel has. At the end it says how each range was narrowed and which were declared too narrow.
"""

import argparse

import optuna
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from trainwell.search import CoarseToFineSampler


def accuracy(trial: optuna.Trial) -> float:
    """Mean accuracy over five folds."""
    kernel = trial.suggest_categorical("kernel", ["rbf", "poly", "sigmoid"])
    machine = SVC(
        kernel=kernel,
        C=trial.suggest_float("C", 1e-3, 1e3, log=True),
        gamma=trial.suggest_float("gamma", 1e-5, 1e1, log=True),
        degree=trial.suggest_int("degree", 2, 5) if kernel == "poly" else 3,
    )
    X, y = load_wine(return_X_y=True)
    return float(cross_val_score(make_pipeline(StandardScaler(), machine), X, y, cv=5).mean())


def main(trials: int) -> None:
    """Search, then say what was found and how."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = CoarseToFineSampler(seed=0, trials_per_round=10)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(accuracy, n_trials=trials)
    for each in sampler.rounds(study):
        print(f"round {each.number}, trials {each.first_trial} to {each.last_trial}")
        for name, reason in each.reasons.items():
            print(f"  {name}: {reason}")
    for advice in sampler.advice(study):
        print(advice)
    print(f"accuracy {study.best_value:.3f} with {study.best_params}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=40)
    main(parser.parse_args().trials)
