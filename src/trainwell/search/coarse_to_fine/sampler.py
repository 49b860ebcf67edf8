"""Coarse to fine: sample at random in wide ranges, narrow them to where the good trials are, and repeat."""

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
from trainwell.search.coarse_to_fine.ranges import Round, fitted, narrowed, too_narrow, whole
from trainwell.search.coarse_to_fine.rounds import Rules, State, after_round, completed_rounds, good_values, rank
from trainwell.search.samplers.stateless import StatelessSampler
from trainwell.search.study.distributions import from_unit

Draw = Literal["guided", "uniform"]
T = TypeVar("T")


class CoarseToFineSampler(StatelessSampler):
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
        """How many trials a round has."""
        return self._rules.trials_per_round

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
        if self._guided:
            planned = self._planned(study, trial.number).get(param_name)
            if planned is not None and param_distribution._contains(param_distribution.to_internal_repr(planned)):
                return planned
        return super().sample_independent(study, trial, param_name, param_distribution)

    def value(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution, position: float
    ) -> Any:
        """What lies at a position, in [0, 1), of the parameter's extent in the trial's round."""
        extents, extent = self._before(study, trial.number).extents, whole(param_distribution)
        if param_name in extents:
            extent = fitted(extents[param_name], param_distribution)
        if extent.choices is not None:
            return extent.choices[int(position * len(extent.choices))]
        return from_unit(narrowed(extent), position)

    def position(self, number: int, name: str) -> float:
        """Where in a parameter's extent a trial lies: those of a round together, in [0, 1)."""
        (round_number, index), count = divmod(number, self.trials_per_round), self.trials_per_round
        key = (round_number, name)
        if key not in self._known_positions:
            rng = stream(self._seed, "coarse to fine", round_number, crc32(name.encode()))
            drawn = (rng.permutation(count) + rng.random(count)) / count if self._guided else rng.random(count)
            self._known_positions[key] = drawn
        return float(self._known_positions[key][index])

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
            state = self._after(study, trials, number)
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
        from trainwell.search.coarse_to_fine.proposals import better_at_its_end  # brings SciPy in

        return [found[name] for name in better_at_its_end(list(found), state.trials, state.extents, study.direction)]

    def _forget(self) -> None:
        """Start without results worked out before: they only save time."""
        self._known: WeakKeyDictionary[BaseStorage, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()
        self._known_positions: dict[tuple[int, str], Float[np.ndarray, " N"]] = {}

    def _once(self, study: Study, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """A result for a study, looked up where it was worked out before."""
        results, key = self._known.setdefault(study._storage, {}), (study._study_id, *key)
        if key not in results:
            results[key] = make()
        found: T = results[key]
        return found

    def _before(self, study: Study, trial_number: int) -> State:
        """What a trial is drawn from: looked up once, so that all its parameters follow from the same rounds."""
        number = trial_number // self.trials_per_round
        return self._once(study, ("trial", trial_number), lambda: self._after(study, _trials(study), number))

    def _after(self, study: Study, trials: Sequence[FrozenTrial], before: int | None = None) -> State:
        """What is known after the completed rounds, or those of them before one."""
        state, size = State(), self.trials_per_round
        key: tuple[Any, ...] = ("rounds",)
        for number in completed_rounds(trials, size):
            if before is not None and number >= before:
                break
            ended = [each for each in trials[number * size : (number + 1) * size] if each.state.is_finished()]
            key = (*key, number, len(ended))  # a trial thought lost may still end
            state = self._once(study, key, partial(after_round, state, ended, study.direction, self._rules))
        return state

    def _planned(self, study: Study, trial_number: int) -> Mapping[str, Any]:
        """What a surrogate chooses for a trial; nothing for those drawn at random."""
        state, (number, index) = self._before(study, trial_number), divmod(trial_number, self.trials_per_round)
        if len(state.trials) < 2:
            return {}

        def chosen() -> list[dict[str, Any]]:
            from trainwell.search.coarse_to_fine.proposals import propose  # brings SciPy in

            rng = stream(self._seed, "proposals", number)
            return propose(state.trials, state.extents, study.direction, self._num_guided, rng)

        plan = self._once(study, ("plan", number, tuple(trial.number for trial in state.trials)), chosen)
        return plan[index] if index < len(plan) else {}


def _trials(study: Study) -> list[FrozenTrial]:
    """All trials by number; from the storage, because a pruner may hide some of them from its view of the study."""
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
    return sorted(trials, key=lambda trial: trial.number)


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
