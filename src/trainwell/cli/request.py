"""What a run was asked for, as JSON: a run resumes only if it is asked for the same again."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from trainwell.core.difference import first_difference, shown
from trainwell.version import __version__

if TYPE_CHECKING:
    from trainwell.data import Dataset
    from trainwell.training import Recipe

PACKAGES = ("jax", "numpy", "optax", "scikit-learn")


class Asking(Protocol):
    """What any command asks for."""

    @property
    def command(self) -> str:
        """Its name."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""


@dataclass(frozen=True)
class Request:
    """All that the result depends on, but for versions and the machine.

    Attributes:
        command: `train` or `compare`.
        recipes: what is trained.
        labels: a short name of each recipe, unique.
        seeds: of every recipe.
        fingerprint: of the data.
        precision: of the arithmetic.
        single: whether `train` saves only the best seed.
    """

    command: str
    recipes: Sequence["Recipe"]
    labels: Sequence[str]
    seeds: Sequence[int]
    fingerprint: str
    precision: str
    single: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "command": self.command,
            "recipes": {
                label: recipe.model_dump(mode="json") for label, recipe in zip(self.labels, self.recipes, strict=True)
            },
            "seeds": list(self.seeds),
            "data": self.fingerprint,
            "precision": self.precision,
            "single": self.single,
        }


def difference(asked: Mapping[str, Any], stored: Mapping[str, Any]) -> str | None:
    """In words, the first thing that differs between two requests; None if nothing does."""
    recipes = asked.get("recipes"), stored.get("recipes")
    if asked.get("command") != stored.get("command"):
        return first_difference(asked, stored)
    if isinstance(recipes[0], Mapping) and isinstance(recipes[1], Mapping) and list(recipes[0]) != list(recipes[1]):
        return f"it trains {shown(list(recipes[1]))} and now {shown(list(recipes[0]))} was asked for"
    return first_difference(asked, stored)


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
