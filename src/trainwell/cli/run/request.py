"""What a run was asked for, as JSON: a run resumes only if it is asked for the same again."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from trainwell.core import WORDS, first_difference, shown
from trainwell.version import __version__

if TYPE_CHECKING:
    from trainwell.data import Dataset
    from trainwell.training import Recipe

NAMED = {"contenders": "compares", "data": "is on"}
"""Parts of a request that are listed by name, and what a run does with them."""
SEEDS_PLANNED = ("seeds", "most_seeds", "looks")
"""Terms of a comparison that decide when differences are judged."""
PACKAGES = ("jax", "jaxlib", "numpy", "optax", "optuna", "polars", "scikit-learn", "scipy")


class Asking(Protocol):
    """What any command asks for."""

    @property
    def command(self) -> str:
        """Its name."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""


@dataclass(frozen=True)
class TrainRequest:
    """All that a run of `train` depends on, but for versions and the machine.

    Attributes:
        recipe: what is trained.
        seeds: how often.
        fingerprint: of the data.
        precision: of the arithmetic.
        single: whether only the best seed is saved.
    """

    recipe: "Recipe"
    seeds: Sequence[int]
    fingerprint: str
    precision: str
    single: bool
    command: str = "train"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "command": self.command,
            "recipes": {self.recipe.optimizer: self.recipe.model_dump(mode="json")},
            "seeds": list(self.seeds),
            "data": self.fingerprint,
            "precision": self.precision,
            "single": self.single,
        }


def difference(asked: Mapping[str, Any], stored: Mapping[str, Any]) -> str | None:
    """In words, the first thing that differs between two requests; None if nothing does."""
    if asked.get("command") != stored.get("command"):
        return first_difference(asked, stored)
    for name, does in NAMED.items():
        now, then = asked.get(name), stored.get(name)
        if isinstance(now, Mapping) and isinstance(then, Mapping) and list(now) != list(then):
            return f"it {does} {shown(list(then))} and now {shown(list(now))} was asked for"
        if name == "data" and now != then:
            return WORDS[name]
    differs = first_difference(asked, stored)
    if differs is not None and differs.split()[0] in SEEDS_PLANNED and asked.get("command") == "compare":
        return f"{differs} (looks were planned with the old number, another one needs a new comparison)"
    return differs


def data_facts(dataset: "Dataset", source: str) -> dict[str, Any]:
    """What there is to know of the data, as JSON values; the test split is only counted."""
    return {
        "source": source,
        "name": dataset.name,
        "task": dataset.task,
        "rows": {
            "training": len(dataset.training),
            "validation": len(dataset.validation),
            "test": dataset.num_test,
        },
        "features": dataset.num_features,
        "classes": list(dataset.class_names),
        "fingerprint": dataset.fingerprint,
        "notices": list(dataset.notices),
    }


def versions() -> dict[str, str]:
    """Versions of this package, Python and what the numbers depend on."""
    return {"trainwell": __version__, "python": sys.version.split()[0], **{name: version(name) for name in PACKAGES}}
