"""Saves and loads models as folders: weights as safetensors, the rest as JSON, with checksums; never pickle."""

import json
import logging
import sys
from importlib.metadata import version
from math import prod
from pathlib import Path
from typing import Annotated, Any

import jax
import numpy as np
from jaxtyping import PyTree
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from trainwell.core import (
    ModelError,
    TrainwellError,
    atomic_path,
    parse_json,
    read_bytes,
    read_json,
    sha256,
    total_memory,
    write_atomic,
    write_json,
)
from trainwell.data import Preparation
from trainwell.models.model import Model, TrainedNetwork
from trainwell.nn import Net, Network, OwnNetwork
from trainwell.training import NETWORKS, Recipe, net_of
from trainwell.version import __version__

LOG = logging.getLogger("trainwell")
FORMATS = (1, 2, 3)
"""Format 2 adds weights of networks, 3 adds users' networks. The lowest sufficient format is written, so that older
versions can read it."""
WEIGHTS, DESCRIPTION, MANIFEST = "weights.safetensors", "model.json", "manifest.json"
PARTS = {"params": "params", "statistics": "state"}  # name in files -> field of a network
SCALING = ("input_shift", "input_scale")
MOST_MANIFEST, MOST_DESCRIPTION = 1 << 20, 64 << 20
"""Largest sizes in bytes. Weights may use half of the memory."""


def save_model(model: Model, folder: str | Path) -> Path:
    """Write a model into a new folder, atomically.

    Args:
        model: the model.
        folder: must be empty or not exist.

    Returns:
        The folder.

    Raises:
        ModelError: the folder is not empty.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"{folder} exists: choose another folder, nothing was overwritten")
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = {
        WEIGHTS: save(_arrays(model), {"format": str(_format(model))}),
        DESCRIPTION: (json.dumps(_description(model), indent=2) + "\n").encode(),
        **model.preparation.to_files(),
    }
    with atomic_path(folder) as unfinished:
        unfinished.mkdir()
        for name, content in files.items():
            write_atomic(unfinished / name, content)
        write_json(unfinished / MANIFEST, {"sha256": {name: sha256(content) for name, content in files.items()}})
    return folder


def load_model(folder: str | Path) -> Model:
    """Read a model that `save_model` wrote, after checking the checksum of every file.

    Args:
        folder: the model's own folder: in a run directory, that is `model`.

    Raises:
        ModelError: the folder is not a model, a file is missing or was changed, its format is of another version, or
            a network of your own that it names is not registered (`register_network`).
    """
    folder = Path(folder)
    files = _checked_files(folder)
    try:
        content = parse_json(files[DESCRIPTION])
        _check_format(folder, content)
        description = Description.model_validate(content, strict=True)
        arrays = load(files[WEIGHTS])
        preparation = Preparation.from_files(files)
        networks = tuple(_network(i, facts, arrays) for i, facts in enumerate(description.networks))
        ends = (len(preparation.feature_names), len(preparation.class_names) or 1)
        structures = [network.structure for network in networks]
        if any((prod(one.input_shape), one.num_outputs) != ends for one in structures):
            raise ModelError(f"{folder} has networks that do not fit its data: save the model again")
        metrics = {name: np.nan if value is None else value for name, value in description.metrics.items()}
        return Model(description.name, preparation, networks, metrics, description.notes)
    except ModelError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part not in KINDS_OF_STRUCTURE)
        raise ModelError(
            f"{folder / DESCRIPTION} is damaged ({where}: {first['msg']}): save the model again"
        ) from error
    except (KeyError, ValueError, TypeError, SafetensorError, TrainwellError) as error:
        raise ModelError(f"{folder} is not a complete model ({error}): save it again") from error


class Structure(BaseModel):
    """The fields of `Network` in a saved model."""

    model_config = ConfigDict(extra="forbid")
    sizes: list[int]
    activation: str = "relu"
    batch_norm: bool = False
    dropout: str = "none"
    pieces: int = 2
    batch_norm_affine: bool = True


class OwnStructure(BaseModel):
    """A user's network in a saved model."""

    model_config = ConfigDict(extra="forbid")
    network: str
    input_shape: list[int] = Field(min_length=1)
    num_outputs: int
    fixed: dict[str, Any]
    code: str


KINDS_OF_STRUCTURE = {"ours": Structure, "own": OwnStructure}


class Facts(BaseModel):
    """One network in a saved model."""

    structure: Annotated[
        Annotated[Structure, Tag("ours")] | Annotated[OwnStructure, Tag("own")],
        Discriminator(lambda facts: "own" if isinstance(facts, dict) and "network" in facts else "ours"),
    ]
    recipe: dict[str, Any]
    seed: int
    weight: Any = 1


class Description(BaseModel):
    """The parts of `model.json` that are read; the other parts are for people."""

    name: str
    metrics: dict[str, float | None]
    notes: dict[str, Any]
    networks: list[Facts] = Field(min_length=1)


def _check_format(folder: Path, content: Any) -> None:
    found = content.get("format") if isinstance(content, dict) else None
    if type(found) is not int:
        raise ModelError(f"{folder / DESCRIPTION} has no format number: save the model again")
    if found not in FORMATS:
        older = found < FORMATS[0]
        raise ModelError(
            f"{folder} has model format {found}, this version reads {FORMATS[0]} to {FORMATS[-1]}: "
            f"{'train it again, or use the version that wrote it' if older else 'update trainwell'}"
        )


def _checked_files(folder: Path) -> dict[str, bytes]:
    """Read all files of the manifest and check their checksums."""
    if not (folder / MANIFEST).exists():
        raise ModelError(f"{folder} is not a saved model (no {MANIFEST}): pass the folder that `trainwell train` wrote")
    path, files = folder / MANIFEST, {}
    try:
        sums = read_json(path, MOST_MANIFEST)["sha256"]
        for name in (WEIGHTS, DESCRIPTION, *sums):
            path = folder / name
            if name not in sums or path.parent != folder or not path.exists():
                raise ModelError(f"{folder} lacks {name}: the model is incomplete, copy or save it again")
            files[name] = read_bytes(path, total_memory() // 2 if name == WEIGHTS else MOST_DESCRIPTION)
    except (ValueError, KeyError, TypeError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ModelError(f"{path} cannot be read ({why}): save the model again") from error
    changed = [name for name, content in files.items() if sha256(content) != sums[name]]
    if changed:
        raise ModelError(
            f"{folder / changed[0]} was changed after saving (its SHA-256 differs): do not trust this model"
        )
    return files


def _format(model: Model) -> int:
    if any(isinstance(network.structure, OwnNetwork) for network in model.networks):
        return 3
    return 2 if any(network.weight != 1 for network in model.networks) else 1


def _description(model: Model) -> dict[str, Any]:
    packages = ("jax", "numpy", "scikit-learn", "optax")
    return {
        "format": _format(model),
        "name": model.name,
        "task": model.task,
        "class_names": list(model.class_names),
        "metrics": {name: value if np.isfinite(value) else None for name, value in model.metrics.items()},
        "notes": dict(model.facts),
        "versions": {"trainwell": __version__, "python": sys.version.split()[0], **{p: version(p) for p in packages}},
        "networks": [
            {
                "structure": network.structure.facts(),
                "recipe": network.recipe.saved(),
                "seed": network.seed,
                "weight": network.weight,
            }
            for network in model.networks
        ],
    }


def _arrays(model: Model) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for i, network in enumerate(model.networks):
        for part, field in PARTS.items():
            for path, array in jax.tree.leaves_with_path(getattr(network, field)):
                name = f"{i}/{part}/{_name(path)}"
                if name in arrays:
                    raise ModelError(f"two parameters have the same name {_name(path)}: use names without '/'")
                arrays[name] = np.asarray(array, order="C")
        arrays |= {f"{i}/numbers/{name}": np.asarray(value) for name, value in network.numbers.items()}
    return arrays


def _network(i: int, facts: Facts, arrays: dict[str, np.ndarray]) -> TrainedNetwork:
    recipe = Recipe.restored(facts.recipe)
    structure = _structure(facts.structure, recipe)
    prefix = f"{i}/numbers/"
    numbers = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
    shapes = structure.shapes()
    params, state = (_tree(f"{i}/{part}/", tree, arrays) for part, tree in zip(PARTS, shapes, strict=True))
    wide = (prod(structure.input_shape),)
    wrong = [name for name, array in numbers.items() if array.shape != (wide if name in SCALING else ())]
    if wrong or not numbers.keys() >= {*SCALING, *structure.numbers}:
        raise ModelError(f"network {i} lacks numbers for scaling its inputs, or has unknown ones: save the model again")
    kinds = {array.dtype for array in (*jax.tree.leaves(params), *numbers.values())}
    kinds |= {array.dtype for array in jax.tree.leaves(state) if array.dtype.kind == "f"}
    if len(kinds) != 1 or not kinds <= {np.dtype(np.float32), np.dtype(np.float64)}:
        raise ModelError(f"network {i} has arrays of mixed types, or no floating-point numbers: save the model again")
    if type(facts.weight) is not int or facts.weight < 1:  # `type`, because True is an int, too
        raise ModelError(f"network {i} has weight {facts.weight!r}, not a whole number from 1: save the model again")
    return TrainedNetwork(structure, params, state, numbers, recipe, facts.seed, facts.weight)


def _structure(facts: Structure | OwnStructure, recipe: Recipe) -> Net:
    """The saved structure; a user's network is built from the functions that are registered now.

    Raises:
        ModelError: it is not registered, or its compiled-in values have changed.
    """
    if isinstance(facts, Structure):
        return Network(**(facts.model_dump() | {"sizes": tuple(facts.sizes)}))
    name = facts.network
    if name not in NETWORKS or recipe.network != name:
        raise ModelError(
            f"its network '{name}' is your own code, which is not saved with the model: call "
            f"register_network('{name}', init, apply) before you load it"
        )
    structure = net_of(recipe, tuple(facts.input_shape), facts.num_outputs)
    now = structure.facts()
    if now.get("fixed") != facts.fixed:
        raise ModelError(
            f"its network '{name}' was trained with {facts.fixed}, but the registered one has {now.get('fixed')}: "
            "register the network that was trained"
        )
    if now["code"] != facts.code:
        LOG.warning("the code of the network '%s' has changed since it was trained: check its predictions", name)
    return structure


def _tree(prefix: str, shapes: PyTree, arrays: dict[str, np.ndarray]) -> PyTree:
    """Build a tree from the arrays whose names start with a prefix.

    Raises:
        ModelError: their names or shapes do not fit the tree.
    """
    leaves, structure = jax.tree.flatten_with_path(shapes)
    names = [prefix + _name(path) for path, _ in leaves]
    found = {name: array.shape for name, array in arrays.items() if name.startswith(prefix)}
    if found != {name: leaf.shape for name, (_, leaf) in zip(names, leaves, strict=True)}:
        raise ModelError("the weights do not have the shapes of the network: save the model again")
    return jax.tree.unflatten(structure, [arrays[name] for name in names])


def _name(path: Any) -> str:
    """An array's path in its tree, such as `0/weights`."""
    return jax.tree_util.keystr(path, simple=True, separator="/")
