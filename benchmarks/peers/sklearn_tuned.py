"""The peer of `trainwell tune` for quality: scikit-learn's own networks, tuned by its own search.

    python benchmarks/peers/sklearn_tuned.py wine --split-seed 3
    python benchmarks/peers/sklearn_tuned.py mnist --data-dir DATA --limit 10000 --folds 1

`RandomizedSearchCV` over `MLPClassifier` or `MLPRegressor` behind a `StandardScaler`, all cores, on the training and
validation rows of trainwell's split together; the best setting refitted to all of them, then the test rows are read
once. `--folds 1` chooses on trainwell's validation rows in place of cross-validation, where folds would take hours.
Prints one line of JSON; measure the whole process from outside.
"""

import argparse
import json
import os
import time
import warnings
from typing import Any

import numpy as np

from trainwell import Dataset, load_data

HIDDEN = [(50,), (100,), (200,), (50, 50), (100, 100), (200, 200), (100, 100, 100)]
ITERATIONS = 200  # epochs at most, scikit-learn's default; it stops by itself when the loss stalls
SMALL = 5000  # rows; up to here L-BFGS, which scikit-learn recommends for small data, is a choice


def distributions(rows: int) -> list[dict[str, Any]]:
    """What is searched: stochastic solvers, and for small data L-BFGS in every fourth trial or so."""
    from scipy.stats import loguniform

    common = {"mlp__hidden_layer_sizes": HIDDEN, "mlp__activation": ["relu", "tanh"], "mlp__alpha": loguniform(1e-6, 1)}
    stochastic = common | {
        "mlp__solver": ["adam", "sgd"],
        "mlp__learning_rate_init": loguniform(1e-4, 1e-1),
        "mlp__batch_size": [32, 64, 128, 200],
        "mlp__early_stopping": [False, True],
    }
    if rows > SMALL:
        return [stochastic]
    return [stochastic, stochastic, stochastic, common | {"mlp__solver": ["lbfgs"]}]


def rows_of(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Training rows, then validation rows: inputs as floats, targets with one axis."""
    splits = (dataset.training, dataset.validation)
    return np.concatenate([as_floats(s.flat) for s in splits]), np.concatenate([s.targets.ravel() for s in splits])


def as_floats(inputs: np.ndarray) -> np.ndarray:
    return inputs / np.float32(255) if inputs.dtype == np.uint8 else inputs


def cross_validation(dataset: Dataset, folds: int, seed: int) -> Any:
    """Shuffled folds, by class where there are classes; or the one split that trainwell has."""
    from sklearn.model_selection import KFold, PredefinedSplit, StratifiedKFold

    if folds == 1:
        return PredefinedSplit(np.repeat([-1, 0], [len(dataset.training), len(dataset.validation)]))
    kind = StratifiedKFold if dataset.task == "classification" else KFold
    return kind(folds, shuffle=True, random_state=seed)


def search(dataset: Dataset, trials: int, folds: int, seed: int) -> dict[str, Any]:
    """Search, refit, and the score of the test rows."""
    from sklearn.model_selection import RandomizedSearchCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = rows_of(dataset)
    kind = MLPClassifier if dataset.task == "classification" else MLPRegressor
    pipeline = Pipeline([("scale", StandardScaler()), ("mlp", kind(max_iter=ITERATIONS, random_state=seed))])
    found = RandomizedSearchCV(
        pipeline,
        distributions(len(X)),
        n_iter=trials,
        cv=cross_validation(dataset, folds, seed),
        n_jobs=-1,
        random_state=seed,
        error_score=-1.0,  # a network that diverged
    )
    found.fit(X, y)
    test = dataset.open_test_split()
    score = float(found.score(as_floats(test.flat), test.targets.ravel()))
    chosen = {name.removeprefix("mlp__"): value for name, value in found.best_params_.items()}
    return {"test_score": score, "test_rows": len(test), "search_score": float(found.best_score_), "chosen": chosen}


def main() -> None:
    """Tune on one data set and one split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a built-in name or a file, as for trainwell")
    parser.add_argument("--target")
    parser.add_argument("--data-dir")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--split-seed", type=int, default=0)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--folds", type=int, default=5, help="1: trainwell's validation rows")
    options = parser.parse_args()
    # Networks that reach ITERATIONS, clipped batches and diverging fits warn: here, and in the worker processes.
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    seed = options.split_seed
    dataset = load_data(
        options.data, target=options.target, data_dir=options.data_dir, limit=options.limit, split_seed=seed
    )
    start = time.perf_counter()
    found = search(dataset, options.trials, options.folds, seed)
    line = {"peer": "sklearn_tuned", "data": dataset.name, "task": dataset.task, "trials": options.trials}
    print(json.dumps(line | {"folds": options.folds, "seconds": time.perf_counter() - start} | found))


if __name__ == "__main__":
    main()
