"""Chooses the networks of an ensemble on the validation split: the best one, the best few, greedily, or many.

The chosen ensemble's validation score is too optimistic, because the choice fits the noise of this split; the more so
with few rows and many candidates. Only the test split gives an unbiased score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from trainwell.core import MetricName, ModelError
from trainwell.models.judge import Additions, Judge

WIDE_AVERAGE = "wide average"
MOST = 25  # largest number of networks of an ensemble, counted with repetition


@dataclass(frozen=True)
class Ensemble:
    """Networks whose outputs are averaged.

    Attributes:
        members: indices of the networks in the order they were added; one listed twice has twice the weight.
        score: score of the averaged outputs.
        loss: loss of the averaged outputs.
        path: score after each added network, including those added beyond the best size.
    """

    members: tuple[int, ...]
    score: float
    loss: float
    path: tuple[float, ...]


@dataclass(frozen=True)
class Considered:
    """The ensemble of one selection method.

    Attributes:
        name: `best network`, `average of the best`, `greedy selection` or `wide average`.
        ensemble: the ensemble that it selects.
        chosen: whether it became the model.
    """

    name: str
    ensemble: Ensemble
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """The chosen ensemble and its alternatives.

    Attributes:
        ensemble: the wide average, if `standard_errors` is above 0 and there is one; otherwise the best by score, then
            by loss, then the simplest.
        considered: the ensembles of all selection methods, the simplest first.
    """

    ensemble: Ensemble
    considered: tuple[Considered, ...]


def greedy_ensemble(
    outputs: Float[np.ndarray, "M N C"],
    targets: Int[np.ndarray, " N"] | Float[np.ndarray, "N 1"],
    weights: Float[np.ndarray, " N"] | None = None,
    *,
    task: str,
    metric: MetricName,
    most: int = MOST,
    start: int = 1,
) -> Ensemble:
    """Forward selection with replacement: repeatedly add the network that improves the average most.

    It begins with the best `start` networks. Each added network, and the final size, are the best by score, then by
    loss; ties go to the lower index and the smaller size.

    Args:
        outputs: class probabilities, or standardised outputs, of every network. A network with outputs that are not
            finite (it diverged) is never chosen.
        targets: class indices, or standardised targets.
        weights: weights of the rows; None weights all equally.
        task: `classification` or `regression`.
        metric: `accuracy`, `loss` or `r2`.
        most: largest size, counted with repetition, from 1.
        start: number of best networks to begin with, from 1.

    Returns:
        The ensemble; its path has the score of every size.

    Raises:
        ModelError: no network has finite outputs, shapes do not fit, or the metric is not of this task.

    Example:
        >>> outputs = np.array([[[1.0], [0.0]], [[-1.0], [4.0]]])
        >>> greedy_ensemble(outputs, np.array([[0.5], [1.0]]), task="regression", metric="loss", most=4).members
        (0, 0, 1, 0)

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), "Ensemble selection from libraries of models", sections 2.1
    and 2.2.
    """
    judge, finite = _checked(outputs, targets, weights, task, metric, most)
    if start < 1:
        raise ModelError(f"start must be at least 1, got {start}: 1 begins with the best network")
    members = _ranked(outputs, finite, judge)[: min(start, most)]
    candidates = outputs if len(finite) == len(outputs) else outputs[finite]
    additions = Additions(candidates, judge)
    total = outputs[members].sum(0)
    while len(members) < most:
        member = finite[additions.best(total, len(members))]
        members.append(member)
        total = total + outputs[member]
    return _best_size(outputs, members, judge)


def choose_ensemble(
    outputs: Float[np.ndarray, "M N C"],
    targets: Int[np.ndarray, " N"] | Float[np.ndarray, "N 1"],
    weights: Float[np.ndarray, " N"] | None = None,
    *,
    task: str,
    metric: MetricName,
    order: Sequence[int] | None = None,
    most: int = MOST,
    start: int = 1,
    standard_errors: float = 0.0,
) -> Choice:
    """Choose the best of three: the best network, the average of the best few, or greedy selection; or a wide average.

    Args:
        outputs: class probabilities, or standardised outputs, of every network. A network with outputs that are not
            finite (it diverged) is never chosen.
        targets: class indices, or standardised targets.
        weights: weights of the rows; None weights all equally.
        task: `classification` or `regression`.
        metric: `accuracy`, `loss` or `r2`.
        order: networks, best first, for the average of the best few; None orders them by their scores here.
        most: largest size, counted with repetition.
        start: number of best networks with which greedy selection begins.
        standard_errors: if above 0, choose the wide average: the average of as many best networks as possible that is
            worse than the best of the three by at most this many standard errors over rows. With only a few dozen rows
            the three would fit noise.

    Returns:
        The chosen ensemble and all alternatives, with their scores.

    Raises:
        ModelError: no network has finite outputs, shapes do not fit, or the metric is not of this task.

    Example:
        >>> outputs = np.array([[[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.3, 0.7]]])
        >>> choice = choose_ensemble(outputs, np.array([0, 1]), task="classification", metric="accuracy")
        >>> [(option.name, option.ensemble.members, option.chosen) for option in choice.considered]
        [('best network', (1,), True), ('average of the best', (1,), False), ('greedy selection', (1,), False)]

    Source: T-REG-4.
    """
    judge, finite = _checked(outputs, targets, weights, task, metric, most)
    ranked = _ranked(outputs, finite, judge)
    alive = set(finite)
    prefix = ranked if order is None else [member for member in order if member in alive]
    found = {
        "best network": _best_size(outputs, ranked[:1], judge),
        "average of the best": _best_size(outputs, prefix[:most], judge) if prefix else None,
        "greedy selection": greedy_ensemble(
            outputs, targets, weights, task=task, metric=metric, most=most, start=start
        ),
    }
    options = {name: ensemble for name, ensemble in found.items() if ensemble is not None}
    standings = {name: judge.standing(one.score, one.loss) for name, one in options.items()}
    best = max(options, key=lambda name: standings[name])  # ties go to the first, the simplest
    if standard_errors > 0 and prefix:
        top = outputs[list(options[best].members)].mean(0)
        wide = _wide(outputs, prefix[:most], judge, top, standard_errors)
        if wide is not None:
            best = WIDE_AVERAGE
            options[best] = wide
    return Choice(options[best], tuple(Considered(name, e, name == best) for name, e in options.items()))


def _ranked(outputs: np.ndarray, finite: list[int], judge: Judge) -> list[int]:
    """Networks, best first; ties go to the lower index."""
    standings = {m: judge.standing(judge.score(outputs[m]), judge.loss(outputs[m])) for m in finite}
    return sorted(finite, key=lambda member: standings[member], reverse=True)  # reversed sorts are stable, too


def _best_size(outputs: np.ndarray, members: Sequence[int], judge: Judge) -> Ensemble:
    """The first k of `members` with the best average; ties go to the smaller k."""
    total = np.zeros_like(outputs[0])
    seen = []
    for k, member in enumerate(members, start=1):
        total = total + outputs[member]
        seen.append((judge.score(total / k), judge.loss(total / k)))
    best = max(range(len(seen)), key=lambda k: judge.standing(*seen[k]))
    return Ensemble(tuple(members[: best + 1]), *seen[best], tuple(score for score, _ in seen))


def _wide(
    outputs: np.ndarray, members: Sequence[int], judge: Judge, best: np.ndarray, errors: float
) -> Ensemble | None:
    """The largest number of first `members` whose average is close to `best`; None if no average is."""
    path = _best_size(outputs, members, judge).path
    for k in range(len(members), 0, -1):
        mean = outputs[list(members[:k])].mean(0)
        if judge.close(mean, best, errors):
            return Ensemble(tuple(members[:k]), judge.score(mean), judge.loss(mean), path)
    return None


def _checked(
    outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None, task: str, metric: MetricName, most: int
) -> tuple[Judge, list[int]]:
    """A judge, and the networks whose outputs are all finite."""
    if outputs.ndim != 3 or outputs.shape[1] != len(targets):
        raise ModelError(f"outputs must be [networks, {len(targets)} rows, outputs], got shape {outputs.shape}")
    if most < 1:
        raise ModelError(f"most must be at least 1, got {most}: it is the largest size of the ensemble")
    judge = Judge(targets, np.ones(len(targets), np.float32) if weights is None else weights, task, metric)
    finite = [member for member in range(len(outputs)) if np.isfinite(outputs[member]).all()]
    if not finite:
        raise ModelError(f"none of {len(outputs)} networks has finite outputs: lower the learning rates")
    return judge, finite
