"""The coarse-to-fine sampler: trials in wide ranges, then in ranges narrowed around the good trials, and so on."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar, get_args
from weakref import WeakKeyDictionary
from zlib import crc32

import numpy as np
from jaxtyping import Float
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial

from trainwell.core import SearchError, stream
from trainwell.search.coarse_to_fine.ranges import Round, declared_extent, fitted, narrowed, too_narrow
from trainwell.search.coarse_to_fine.rounds import Rules, State, after_round, completed_rounds, good_values, rank
from trainwell.search.samplers.stateless import StatelessSampler
from trainwell.search.study.distributions import from_unit

Draw = Literal["guided", "uniform"]
T = TypeVar("T")


class CoarseToFineSampler(StatelessSampler):
    """Coarse-to-fine search: after each round of trials, ranges are narrowed around the good trials so far.

    A numeric range is narrowed on its own scale (linear, logarithmic, in steps) to the values of the good trials plus a
    margin. If the good trials are at its border, it moves or widens again, within the declared range. A choice is
    dropped only if a test shows that it is worse. `rounds` reports all ranges with reasons; `advice` reports declared
    ranges that seem too narrow.

    `draw` sets how trials are drawn from the ranges. `"uniform"`: independently at random.
    `"guided"`: a Latin hypercube in the first round; in later rounds most trials maximize the expected improvement of a
    Gaussian process.

    Trial t belongs to round t // trials_per_round. Its values depend only on the seed, t, and the rounds that are
    completed when its first parameter is suggested. So all trials of a round can be asked at once, and a resumed study
    or another process gets the same values (to the last bit on the same machine with the same number of threads).

    The sampler works with any Optuna study with one objective: conditional parameters, ranges that change, pruning,
    several processes.

    Args:
        seed: at least 0; a random one by default.
        trials_per_round: at least 2. Short rounds learn sooner; long ones allow more parallel trials.
        good: the number of good trials as a share of `trials_per_round`, in (0, 1); at least 5 trials. They are the
            best of all rounds.
        margin: margin on both sides of the good values, in mean gaps between them; at least 0. With 1 a parameter
            without influence keeps its range on average.
        smallest: a range keeps at least this share of its width in each round, in (0, 1].
        level: upper limit of the probability that a study drops any choice without influence, in [0, 1).
        draw: `"guided"` or `"uniform"`.
        share: share of the trials of a guided round that are drawn at random, in [0, 1].

    Raises:
        SearchError: an argument is out of range.

    Source: T-HP-4.

    Example:
        >>> import optuna
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> study = optuna.create_study(sampler=CoarseToFineSampler(seed=0))
        >>> study.optimize(lambda trial: (trial.suggest_float("x", -10, 10) - 3) ** 2, n_trials=30)
        >>> round(study.best_params["x"], 1)
        3.0
    """

    def __init__(
        self,
        seed: int | None = None,
        *,
        trials_per_round: int = 10,
        good: float = 0.2,
        margin: float = 1.0,
        smallest: float = 0.5,
        level: float = 0.05,
        draw: Draw = "guided",
        share: float = 0.2,
    ) -> None:
        super().__init__(seed)
        _check(trials_per_round, good, margin, smallest, level, draw, share)
        self._guided = draw == "guided"
        self._num_guided = trials_per_round - round(share * trials_per_round)
        self._rules = Rules(trials_per_round, good, margin, smallest, level)
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_known")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def trials_per_round(self) -> int:
        """Number of trials per round."""
        return self._rules.trials_per_round

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Empty, as all parameters are drawn in `sample_independent`."""
        _single_objective(study)
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The value that the surrogate chose for the trial, otherwise a random one from the parameter's extent."""
        _single_objective(study)
        if self._guided:
            planned = self._planned(study, trial.number).get(param_name)
            if planned is not None and param_distribution._contains(param_distribution.to_internal_repr(planned)):
                return planned
        return super().sample_independent(study, trial, param_name, param_distribution)

    def value(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution, position: float
    ) -> Any:
        """The value at a position in [0, 1) of the parameter's extent in the trial's round."""
        extents, extent = self._before(study, trial.number).extents, declared_extent(param_distribution)
        if param_name in extents:
            extent = fitted(extents[param_name], param_distribution)
        if extent.choices is not None:
            return extent.choices[int(position * len(extent.choices))]
        return from_unit(narrowed(extent), position)

    def position(self, number: int, name: str) -> float:
        """The random position in [0, 1) of a trial in a parameter's extent; a round's positions are drawn together."""
        (round_number, index), count = divmod(number, self.trials_per_round), self.trials_per_round
        key = (round_number, name)
        if key not in self._known_positions:
            rng = stream(self._seed, "coarse to fine", round_number, crc32(name.encode()))
            drawn = (rng.permutation(count) + rng.random(count)) / count if self._guided else rng.random(count)
            self._known_positions[key] = drawn
        return float(self._known_positions[key][index])

    def rounds(self, study: Study) -> list[Round]:
        """All rounds so far, with their ranges and reasons.

        Args:
            study: an Optuna study; its trials may come from another sampler.

        Returns:
            The rounds in order.
        """
        trials, size = _trials(study), self.trials_per_round
        completed = completed_rounds(trials, size)
        found = []
        for number in range((len(trials) - 1) // size + 1):
            state = self._after(study, trials, number)
            extents, reasons = dict(state.extents), dict(state.reasons)
            for trial in trials[number * size : (number + 1) * size]:
                for name, distribution in trial.distributions.items():
                    extents.setdefault(name, declared_extent(distribution))
                    reasons.setdefault(name, "the declared range")
            last = (number + 1) * size - 1
            found.append(Round(number, number * size, last, number in completed, extents, reasons))
        return found

    def advice(self, study: Study) -> list[str]:
        """Declared ranges that seem too narrow: the good trials lie at an end and are predicted to be worse inside.

        Args:
            study: an Optuna study; its trials may come from another sampler.

        Returns:
            One sentence per range.
        """
        trials = _trials(study)
        state = self._after(study, trials)
        ranked = rank(state.trials, study.direction, self._rules) if state.trials else []
        found = {}
        for name, extent in state.extents.items():
            if isinstance(extent.distribution, FloatDistribution | IntDistribution):
                good, _ = good_values(name, extent.distribution, ranked, self._rules.num_good)
                if sentence := too_narrow(name, extent.distribution, good):
                    found[name] = sentence
        if not found:
            return []
        from trainwell.search.coarse_to_fine.proposals import better_at_its_end  # late, as it imports SciPy

        return [found[name] for name in better_at_its_end(list(found), state.trials, state.extents, study.direction)]

    def _forget(self) -> None:
        """Empty the caches."""
        self._known: WeakKeyDictionary[BaseStorage, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()
        self._known_positions: dict[tuple[int, str], Float[np.ndarray, " N"]] = {}

    def _once(self, study: Study, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """A result for a study, cached by `key`."""
        results, key = self._known.setdefault(study._storage, {}), (study._study_id, *key)
        if key not in results:
            results[key] = make()
        found: T = results[key]
        return found

    def _before(self, study: Study, trial_number: int) -> State:
        """The state that a trial is drawn from; cached, so that all its parameters depend on the same rounds."""
        number = trial_number // self.trials_per_round
        return self._once(study, ("trial", trial_number), lambda: self._after(study, _trials(study), number))

    def _after(self, study: Study, trials: Sequence[FrozenTrial], before: int | None = None) -> State:
        """The state after all completed rounds, or only those before the round `before`."""
        state, size = State(), self.trials_per_round
        key: tuple[Any, ...] = ("rounds",)
        for number in completed_rounds(trials, size):
            if before is not None and number >= before:
                break
            ended = [each for each in trials[number * size : (number + 1) * size] if each.state.is_finished()]
            key = (*key, number, len(ended))  # a trial that counted as lost may still finish
            state = self._once(study, key, partial(after_round, state, ended, study.direction, self._rules))
        return state

    def _planned(self, study: Study, trial_number: int) -> Mapping[str, Any]:
        """The parameters that the surrogate chose for a trial; empty for trials that are drawn at random."""
        state, (number, index) = self._before(study, trial_number), divmod(trial_number, self.trials_per_round)
        if len(state.trials) < 2:
            return {}

        def chosen() -> list[dict[str, Any]]:
            from trainwell.search.coarse_to_fine.proposals import propose  # late, as it imports SciPy

            rng = stream(self._seed, "proposals", number)
            return propose(state.trials, state.extents, study.direction, self._num_guided, rng)

        plan = self._once(study, ("plan", number, tuple(trial.number for trial in state.trials)), chosen)
        return plan[index] if index < len(plan) else {}


def _trials(study: Study) -> list[FrozenTrial]:
    """All trials by number; read from the storage, as pruners can hide trials in the `study` object."""
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
    return sorted(trials, key=lambda trial: trial.number)


def _single_objective(study: Study) -> None:
    if len(study.directions) > 1:
        raise SearchError(
            f"coarse to fine needs a study with one objective, but this one has {len(study.directions)}: "
            "combine them into one, or use optuna.samplers.NSGAIISampler"
        )


def _check(
    trials_per_round: int, good: float, margin: float, smallest: float, level: float, draw: str, share: float
) -> None:
    """Check that every argument is in its range."""
    if isinstance(trials_per_round, bool) or not isinstance(trials_per_round, int) or trials_per_round < 2:
        raise SearchError(f"trials_per_round must be an integer of at least 2, got {trials_per_round!r}: try 10")
    for name, value, inside, where, instead in (
        ("good", good, 0 < good < 1, "in (0, 1)", 0.2),
        ("margin", margin, 0 <= margin < np.inf, "at least 0", 1.0),
        ("smallest", smallest, 0 < smallest <= 1, "in (0, 1]", 0.5),
        ("level", level, 0 <= level < 1, "in [0, 1)", 0.05),
        ("share", share, 0 <= share <= 1, "in [0, 1]", 0.2),
    ):
        if not inside:
            raise SearchError(f"{name} must be {where}, got {value!r}: try {instead}")
    if draw not in get_args(Draw):
        raise SearchError(f"draw must be one of {', '.join(get_args(Draw))}, got {draw!r}")
