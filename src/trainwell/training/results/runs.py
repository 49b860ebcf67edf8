"""`Runs`, the observations of a trained population, and `Trained`, the result of `train`: runs with parameters."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  # the standard library's name says nothing

import numpy as np
from jaxtyping import Float, PyTree

from trainwell.core import METRICS, METRICS_OF, Metric, RunError, finite, read_checked, undefined_r2, write_checked
from trainwell.data import Dataset
from trainwell.display import Figure, Forms, Table
from trainwell.statistics import mean_interval
from trainwell.training.recipe.contenders import recipe_labels
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.results.layers import LayerSpreads
from trainwell.training.results.trace import Trace, join

if TYPE_CHECKING:
    import polars as pl

STATUSES = ("finished", "stopped", "diverged", "pruned", "stopped")
"""Words for the engine's `Status` values, in their order."""
TRACE = "trace/"


@dataclass(frozen=True)
class TrainedMember:
    """One network of a population that was trained: its recipe and seed."""

    recipe: Recipe
    seed: int


@dataclass(frozen=True, eq=False, repr=False)
class Runs(Forms):
    """Results of a trained population, without parameters.

    Attributes:
        dataset: the data it was trained on.
        sizes: number of members per recipe, recipes in their given order.
        members: recipe and seed of each member, recipe by recipe.
        statuses: how each member's training ended: finished, stopped (early), diverged, or pruned.
        steps: updates done by each member.
        kept_steps: the update whose parameters each member kept: the last, or that of the best observation.
        trace: observed metrics over time.
        seconds: training time of each member, without compiling; on accelerators an equal share of its block's time.
    """

    dataset: Dataset
    sizes: tuple[int, ...]
    members: tuple[TrainedMember, ...]
    statuses: tuple[str, ...]
    steps: tuple[int, ...]
    kept_steps: tuple[int, ...]
    trace: Trace
    seconds: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.members)

    def kept(self, name: str) -> Float[np.ndarray, " M"]:
        """The value of `name` for each member's kept parameters; NaN for diverged members."""
        values = self.trace.at_step(name, self.kept_steps)
        return np.where(np.array(self.statuses) == "diverged", np.nan, values)

    @property
    def score_name(self) -> str:
        """Name of the score in the trace, such as `accuracy/validation`."""
        return f"{self.metric.name}/validation"

    @property
    def metric(self) -> Metric:
        """The metric that scores members: accuracy; R² for regression, or the loss if R² is undefined."""
        own, validation = METRICS[METRICS_OF[self.dataset.task][0]], self.dataset.validation
        if own.fallback and undefined_r2(validation.targets, validation.weights):
            return METRICS[own.fallback]
        return own

    def by_recipe(self) -> list[list[int]]:
        """Indices of the members of each recipe, recipes in their given order."""
        ends = accumulate(self.sizes)
        return [list(range(end - size, end)) for end, size in zip(ends, self.sizes, strict=True)]

    @property
    def recipes(self) -> list[Recipe]:
        """The recipes, in their given order."""
        return [self.members[group[0]].recipe for group in self.by_recipe()]

    def to_json(self, labels: Sequence[str] | None = None) -> dict[str, Any]:
        """All numbers, as in the `results.json` of `trainwell train`; None replaces NaN and infinity.

        Args:
            labels: one per recipe; by default made of the fields in which they differ.

        Returns:
            A dictionary with `score`, the name of the score; `recipes`, with means and 95% intervals over networks, and
            with `advice`, such as to train longer; `members`, with one entry per network; and, if
            R² is undefined on the validation split, `undefined`: the score's name -> the reason.
        """
        from trainwell.training.results.summary import improving_sentence, summarise

        labels = recipe_labels(self.recipes) if labels is None else labels
        kept, groups = self._all_kept, self.by_recipe()
        longer = map(improving_sentence, summarise(self, labels), self.recipes)
        found: dict[str, Any] = {
            "score": self.score_name,
            "recipes": [
                {**self._recipe_json(label, group), "advice": [words] if words else []}
                for label, group, words in zip(labels, groups, longer, strict=True)
            ],
            "members": [
                {
                    "recipe": label,
                    "seed": self.members[m].seed,
                    "status": self.statuses[m],
                    "steps": self.steps[m],
                    "kept_step": self.kept_steps[m],
                    "values": {name: values[m] for name, values in kept.items()},
                }
                for label, group in zip(labels, groups, strict=True)
                for m in group
            ],
        }
        validation = self.dataset.validation
        if self.dataset.task == "regression" and (why := undefined_r2(validation.targets, validation.weights)):
            found["undefined"] = {"r2/validation": why}
        return dict(finite(found))

    def _recipe_json(self, label: str, group: Sequence[int]) -> dict[str, Any]:
        statuses = [self.statuses[m] for m in group]
        epochs = np.where(np.isnan(self.trace.epochs[group]), 0.0, self.trace.epochs[group])
        intervals = {
            name: mean_interval(values[group], within=METRICS.get(name.split("/")[0], METRICS["loss"]).within)
            for name, values in self._all_kept.items()
        }
        return {
            "label": label,
            "num_networks": len(statuses),
            "diverged": statuses.count("diverged"),
            "stopped": statuses.count("stopped"),
            "epochs": np.mean(np.nanmax(epochs, axis=1, initial=0.0)),
            "values": {name: one.to_json() for name, one in intervals.items()},
        }

    @property
    def _all_kept(self) -> dict[str, Float[np.ndarray, " M"]]:
        return {name: self.kept(name) for name in sorted(self.trace.values)}

    def to_frame(self, labels: Sequence[str] | None = None) -> "pl.DataFrame":
        """One row per network.

        Args:
            labels: one per recipe; by default made of the fields in which they differ.

        Returns:
            Columns recipe, seed, status, steps, kept_step, seconds, and the metrics of the kept weights, such as
            `loss/validation`; null replaces NaN and infinity.
        """
        import polars as pl

        members = self.to_json(labels)["members"]
        rows = [{**one, **one["values"], "seconds": s} for one, s in zip(members, self.seconds, strict=True)]
        names = ("recipe", "seed", "status", "steps", "kept_step", "seconds", *self._all_kept)
        return pl.DataFrame([{name: row[name] for name in names} for row in rows], infer_schema_length=None)

    def trace_frame(self, labels: Sequence[str] | None = None, column: str = "recipe") -> "pl.DataFrame":
        """The trace in long form, as in `trace.parquet`: one row per network, observation and name.

        Args:
            labels: one per recipe; by default made of the fields in which they differ.
            column: name of the column with the labels.

        Returns:
            Columns recipe, seed, step, epoch, name, value.
        """
        import polars as pl

        labels = recipe_labels(self.recipes) if labels is None else labels
        trace = self.trace
        member, point = np.nonzero(trace.steps >= 0)
        recipe_of = np.repeat(np.arange(len(self.sizes)), self.sizes)
        common = {
            column: np.array(labels, dtype=object)[recipe_of[member]],
            "seed": np.array([m.seed for m in self.members])[member],
            "step": trace.steps[member, point],
            "epoch": trace.epochs[member, point],
        }
        return pl.concat(
            pl.DataFrame({**common, "name": [name] * len(member), "value": values[member, point]})
            for name, values in sorted(trace.values.items())
        )

    # These modules are imported only when the result is shown.

    caption = "Means over seeds: validation solid, training dashed; bands are 95% intervals."

    @property
    def headline(self) -> str:
        """The best mean with its interval and number of seeds, and the recipes whose intervals overlap with it."""
        from trainwell.training.results.summary import headline, summarise

        return headline(self, summarise(self))

    def table(self) -> Table:
        """One row per recipe, best mean first."""
        from trainwell.training.results.summary import results_table, summarise

        return results_table(self, summarise(self))

    def chart(self) -> Figure:
        """The score against epochs: validation solid, training dashed."""
        from trainwell.training.results.curves import score_curves

        return score_curves(self)


def joined(parts: Sequence[Runs], positions: Sequence[Sequence[int]]) -> Runs:
    """Join several populations on one dataset; members are ordered by recipe, then by part.

    Args:
        parts: one or more populations.
        positions: for each part, the index that each of its recipes has in the result.

    Raises:
        ValueError: there are no parts, or a part does not have one index per recipe.
    """
    if not parts:
        raise ValueError("no runs to join")
    found = [
        (position, part, member)
        for part, at in zip(parts, positions, strict=True)
        for position, group in zip(at, part.by_recipe(), strict=True)
        for member in group
    ]
    found.sort(key=lambda one: one[0])  # stable: within a recipe, members stay in the order of the parts
    sizes = [0] * (1 + max(position for position, _, _ in found))
    for position, _, _ in found:
        sizes[position] += 1
    chosen = [(part, member) for _, part, member in found]
    return Runs(
        parts[0].dataset,
        tuple(sizes),
        tuple(part.members[m] for part, m in chosen),
        tuple(part.statuses[m] for part, m in chosen),
        tuple(part.steps[m] for part, m in chosen),
        tuple(part.kept_steps[m] for part, m in chosen),
        _traces([(part.trace, m) for part, m in chosen]),
        tuple(part.seconds[m] for part, m in chosen),
    )


def _traces(chosen: Sequence[tuple[Trace, int]]) -> Trace:
    """One trace of the chosen rows of several traces."""
    counts = [int((trace.steps[m] >= 0).sum()) for trace, m in chosen]
    rows = [(trace, m, slice(count)) for (trace, m), count in zip(chosen, counts, strict=True)]
    return join(
        [{name: values[m, kept] for name, values in trace.values.items()} for trace, m, kept in rows],
        [trace.steps[m, kept] for trace, m, kept in rows],
        [trace.epochs[m, kept] for trace, m, kept in rows],
    )


def save_runs(runs: Runs, path: Path) -> None:
    """Write everything except dataset and recipes as an NPZ file with a checksum, atomically."""
    arrays = {
        "sizes": np.array(runs.sizes),
        "seeds": np.array([member.seed for member in runs.members]),
        "statuses": np.array([STATUSES.index(status) for status in runs.statuses]),
        "steps": np.array(runs.steps),
        "kept_steps": np.array(runs.kept_steps),
        "seconds": np.array(runs.seconds, np.float64),
        "trace_steps": runs.trace.steps,
        "trace_epochs": runs.trace.epochs,
        **{TRACE + name: values for name, values in runs.trace.values.items()},
    }
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]  # NumPy types its keyword allow_pickle first
    write_checked(path, content.getvalue())


def load_runs(path: Path, dataset: Dataset, recipes: Sequence[Recipe]) -> Runs:
    """Read what `save_runs` wrote.

    Args:
        path: the file.
        dataset: the data the runs were trained on.
        recipes: the runs' recipes, in their order.

    Raises:
        RunError: the file is damaged or was changed, or has another number of recipes.
    """
    try:
        with np.load(io.BytesIO(read_checked(path)), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        sizes = tuple(arrays["sizes"].tolist())
        recipe_of = [recipe for recipe, size in zip(recipes, sizes, strict=True) for _ in range(size)]
        return Runs(
            dataset,
            sizes,
            tuple(TrainedMember(r, s) for r, s in zip(recipe_of, arrays["seeds"].tolist(), strict=True)),
            tuple(STATUSES[code] for code in arrays["statuses"]),
            tuple(arrays["steps"].tolist()),
            tuple(arrays["kept_steps"].tolist()),
            Trace(
                {name.removeprefix(TRACE): a for name, a in arrays.items() if name.startswith(TRACE)},
                arrays["trace_steps"],
                arrays["trace_epochs"],
            ),
            tuple(arrays["seconds"].tolist()),
        )
    except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile, ZlibError) as error:
        why = f"cannot be read ({error.strerror})" if isinstance(error, OSError) and error.strerror else str(error)
        raise RunError(f"{path} {why if isinstance(error, OSError | ValueError) else f'is damaged ({why})'}") from None


LARGEST_INPUT = 1e4
"""Scaled inputs above this are reported as a cause of divergence; a million standardised rows can reach 1e3."""


@dataclass(frozen=True, eq=False, repr=False)
class Trained(Runs):
    """The result of `train`: runs with the trained parameters.

    Attributes:
        params: each member's parameters as NumPy arrays; for fully connected networks one dictionary per layer.
        states: what each member keeps beside its parameters, such as batch norm's running statistics.
        layers: distributions of each member's activations and gradients, if layers were observed.
    """

    params: tuple[PyTree, ...]
    states: tuple[PyTree, ...]
    layers: tuple[LayerSpreads, ...] = ()

    @property
    def runs(self) -> Runs:
        """The same results without the parameters."""
        return Runs(
            self.dataset,
            self.sizes,
            self.members,
            self.statuses,
            self.steps,
            self.kept_steps,
            self.trace,
            self.seconds,
        )

    def layers_frame(self) -> "pl.DataFrame":
        """The observed layers as in `layers.parquet`: the columns of `LayerSpreads.to_frame`, and the seed."""
        import polars as pl

        return pl.concat(
            one.to_frame().select(pl.lit(member.seed, pl.Int64).alias("seed"), pl.all())
            for member, one in zip(self.members, self.layers, strict=True)
        )


def best_members(trained: Trained, count: int) -> Sequence[int]:
    """Indices of the `count` best members, best first: ordered by score, then loss; diverged members are last."""
    scores, losses = (trained.kept(name).tolist() for name in (trained.score_name, "loss/validation"))
    return sorted(range(len(trained)), key=lambda m: trained.metric.order(scores[m], losses[m]))[:count]


def extreme_input(dataset: Dataset, recipe: Recipe) -> str | None:
    """Name a feature whose extreme values may explain why all networks diverged.

    Args:
        dataset: its training and validation splits are checked.
        recipe: determines the scaling of inputs.

    Returns:
        Text such as "the feature 'x' reaches 3e+20 standard deviations: leave it out, or scale it before"; None if no
        feature is extreme.
    """
    shift, scale = dataset.scaling(recipe.inputs)
    peak = np.zeros(dataset.num_features)
    for part in (dataset.training, dataset.validation):
        fractions = 255 if part.inputs.dtype == np.uint8 else 1
        with np.errstate(all="ignore"):
            scaled = np.abs((part.flat / fractions - shift) * scale)
        peak = np.maximum(peak, np.nan_to_num(scaled, nan=np.inf).max(0))
    worst = int(peak.argmax())
    if not peak[worst] > LARGEST_INPUT:
        return None
    units = {"standardize": "standard deviations", "center": "after centring", "none": "without scaling"}[recipe.inputs]
    reaches = f"reaches {peak[worst]:.2g} {units}" if np.isfinite(peak[worst]) else "exceeds the range of float32"
    instead = "leave it out, or scale it before" if recipe.inputs == "standardize" else "set inputs to standardize"
    return f"the feature '{dataset.feature_names[worst]}' {reaches}: {instead}"
