"""Coarse to fine: sample at random in wide ranges, narrow them to where the good trials are, and repeat."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args
from weakref import WeakKeyDictionary
from zlib import crc32

import numpy as np
from jaxtyping import Float
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial

from trainwell.core import stream
from trainwell.search.coarse_to_fine.extent import Extent, Round, fitted, narrowed, whole
from trainwell.search.coarse_to_fine.ranges import too_narrow
from trainwell.search.coarse_to_fine.rounds import Rules, State, after_round, completed_rounds, good_values, rank
from trainwell.search.errors import SearchError
from trainwell.search.samplers.stateless import checked_seed
from trainwell.search.study.distributions import from_unit

__all__ = ["CoarseToFineSampler", "Draw", "Extent", "Round"]
Draw = Literal["guided", "uniform"]
Plan = Sequence[
    Mapping[str, Any]
]  # what a surrogate chose for each trial of a round; nothing for those drawn at random


class CoarseToFineSampler(BaseSampler):
    """Search in rounds, each in ranges narrowed to where the good trials of the rounds before lie.

    Each number's range is narrowed on its own scale (linear, logarithmic, in steps) to where the good trials lie, with
    a margin; it moves or widens again, inside the declared range, where they lie at its border. A choice is dropped
    only with evidence. `rounds` says what was narrowed and why, `advice` which declared ranges seem too narrow.

    `draw` says how trials are drawn inside the ranges of a round. `"uniform"`: at random, each on its own, as the
    lecture gives it. `"guided"`: those of the first round evenly spread (a Latin hypercube), most of the others where a
    Gaussian process over the trials so far expects the most.

    Trial t belongs to round t // trials_per_round. What it tries is a function of the seed, t and the rounds completed
    when it is first asked for a parameter: nothing else is remembered, so a whole round can be asked at once, and a
    resumed study or another process tries the same (to the last bit, on one machine with one number of threads).

    It serves any Optuna study with one objective: conditional parameters, ranges that change, pruning, many processes.

    Args:
        seed: at least 0; a fresh one by default.
        trials_per_round: at least 2. Short rounds learn sooner, long ones keep more trials busy at a time.
        good: the share of a round that counts as good (at least 5 trials), in (0, 1). The best of all rounds count.
        margin: on either side of the good values, in mean gaps between them; at least 0. At 1 a parameter that makes
            no difference keeps its range, on average.
        smallest: the share of its width that a range keeps in a round, at least; in (0, 1].
        level: probability, at most, that a study drops any choice that makes no difference; in [0, 1).
        draw: `"guided"` or `"uniform"`.
        share: of the trials of a guided round that are drawn at random all the same; in [0, 1].

    Raises:
        SearchError: if a setting lies outside its range.

    Source: LECTURE T-HP-4.

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
        self._seed = checked_seed(seed)
        _check(trials_per_round, good, margin, smallest, level, draw, share)
        self._guided = draw == "guided"
        self._num_guided = trials_per_round - round(share * trials_per_round)
        self._rules = Rules(trials_per_round, good, margin, smallest, level)
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_known"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def trials_per_round(self) -> int:
        """How many trials a round has."""
        return self._rules.trials_per_round

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing: every parameter is drawn when it is asked for."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Nothing: every parameter is drawn when it is asked for."""
        _single_objective(study)
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """What the trial's round has planned for it, else a value from the parameter's extent."""
        _single_objective(study)
        number, index = divmod(trial.number, self.trials_per_round)
        state = self._before(study, trial.number)
        if self._guided:
            planned = self._plan(study, number, state)[index].get(param_name)
            if planned is not None and param_distribution._contains(param_distribution.to_internal_repr(planned)):
                return planned
        position = float(self._positions(study, number, param_name)[index])
        return _within(state, param_name, param_distribution, position)

    def again(
        self, study: Study, trial: FrozenTrial, attempt: int, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Another draw in the trial's round, where the first one repeats another trial's recipe."""
        draw = stream(self._seed, "again", trial.number, attempt, crc32(param_name.encode())).random()
        return _within(self._before(study, trial.number), param_name, param_distribution, float(draw))

    def rounds(self, study: Study) -> list[Round]:
        """All rounds begun so far: what each is drawn from, and why.

        Args:
            study: any with this sampler's settings; it need not have drawn its trials.

        Returns:
            By number.
        """
        trials, size = _trials(study), self.trials_per_round
        completed = completed_rounds(trials, size)
        found = []
        for number in range((len(trials) - 1) // size + 1):
            state = self._after(study, trials, [each for each in completed if each < number])
            extents, reasons = dict(state.extents), dict(state.reasons)
            for trial in trials[number * size : (number + 1) * size]:
                for name, distribution in trial.distributions.items():
                    extents.setdefault(name, whole(distribution))
                    reasons.setdefault(name, "the declared range")
            last = (number + 1) * size - 1
            found.append(Round(number, number * size, last, number in completed, extents, reasons))
        return found

    def advice(self, study: Study) -> list[str]:
        """Declared ranges that seem too narrow: the good trials lie at an end, and seem better for it.

        Args:
            study: any with this sampler's settings.

        Returns:
            A sentence each.
        """
        trials = _trials(study)
        state = self._after(study, trials, completed_rounds(trials, self.trials_per_round))
        ranked = rank(state.trials, study.direction, self._rules) if state.trials else []
        found = {}
        for name, extent in state.extents.items():
            if isinstance(extent.distribution, FloatDistribution | IntDistribution):
                good, _ = good_values(name, extent.distribution, ranked, self._rules.num_good)
                if sentence := too_narrow(name, extent.distribution, good):
                    found[name] = sentence
        if not found:
            return []
        from trainwell.search.coarse_to_fine.proposals import better_at_its_end  # brings SciPy in

        return [found[name] for name in better_at_its_end(list(found), state.trials, state.extents, study.direction)]

    def _forget(self) -> None:
        """Start without results worked out before: they only save time."""
        self._known: WeakKeyDictionary[BaseStorage, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()

    def _results(self, study: Study) -> dict[tuple[Any, ...], Any]:
        """Results worked out before, for the studies of one storage."""
        return self._known.setdefault(study._storage, {})

    def _before(self, study: Study, trial_number: int) -> State:
        """What a trial is drawn from: looked up once, so that all its parameters follow from the same rounds."""
        results, key = self._results(study), (study._study_id, "trial", trial_number)
        if key not in results:
            trials, number = _trials(study), trial_number // self.trials_per_round
            completed = completed_rounds(trials, self.trials_per_round)
            results[key] = self._after(study, trials, [each for each in completed if each < number])
        state: State = results[key]
        return state

    def _after(self, study: Study, trials: Sequence[FrozenTrial], completed: Sequence[int]) -> State:
        """What is known after these rounds."""
        results, state = self._results(study), State()
        key: tuple[Any, ...] = (study._study_id, "rounds")
        for number in completed:
            first = number * self.trials_per_round
            ended = [each for each in trials[first : first + self.trials_per_round] if each.state.is_finished()]
            key = (*key, number, len(ended))  # a trial thought lost may still end
            if key not in results:
                results[key] = after_round(state, ended, study.direction, self._rules)
            state = results[key]
        return state

    def _plan(self, study: Study, number: int, state: State) -> Plan:
        """What a surrogate chooses for the trials of a round."""
        if len(state.trials) < 2:
            return [{}] * self.trials_per_round
        key = (study._study_id, "plan", number, tuple(trial.number for trial in state.trials))
        results = self._results(study)
        if key not in results:
            from trainwell.search.coarse_to_fine.proposals import propose  # brings SciPy in

            rng = stream(self._seed, "proposals", number)
            chosen = propose(state.trials, state.extents, study.direction, self._num_guided, rng)
            results[key] = [*chosen, *[{}] * (self.trials_per_round - len(chosen))]
        plan: Plan = results[key]
        return plan

    def _positions(self, study: Study, number: int, name: str) -> Float[np.ndarray, " N"]:
        """Where in the extent of a parameter the trials of a round lie, in [0, 1)."""
        results, key, count = self._results(study), ("positions", number, name), self.trials_per_round
        if key not in results:
            rng = stream(self._seed, "coarse to fine", number, crc32(name.encode()))
            results[key] = (rng.permutation(count) + rng.random(count)) / count if self._guided else rng.random(count)
        positions: Float[np.ndarray, " N"] = results[key]
        return positions


def _trials(study: Study) -> list[FrozenTrial]:
    """All trials by number; from the storage, because a pruner may hide some of them from its view of the study."""
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
    return sorted(trials, key=lambda trial: trial.number)


def _within(state: State, name: str, distribution: BaseDistribution, position: float) -> Any:
    """The value at a position, in [0, 1), of what a parameter is drawn from."""
    extent = whole(distribution)
    if name in state.extents:
        extent = fitted(state.extents[name], distribution)
    if extent.choices is not None:
        return extent.choices[int(position * len(extent.choices))]
    return from_unit(narrowed(extent), position)


def _single_objective(study: Study) -> None:
    if len(study.directions) > 1:
        raise SearchError(
            f"coarse to fine orders trials by one value, but the study has {len(study.directions)}: "
            "combine them into one, or use optuna.samplers.NSGAIISampler"
        )


def _check(
    trials_per_round: int, good: float, margin: float, smallest: float, level: float, draw: str, share: float
) -> None:
    """Every setting in its range."""
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
