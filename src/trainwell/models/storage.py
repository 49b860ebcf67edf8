"""Models as folders: weights as safetensors, the rest as JSON, a manifest of checksums; never pickle."""

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
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
from trainwell.nn import Network
from trainwell.training import Recipe
from trainwell.version import __version__

FORMATS = (1, 2)  # 2: networks have weights; written only where one is not 1, so that older versions read the others
WEIGHTS, DESCRIPTION, MANIFEST = "weights.safetensors", "model.json", "manifest.json"
PARTS = ("params", "statistics")
NUMBERS = {
    "input_shift",
    "input_scale",
    "negative_slope",
    "elu_alpha",
    "batch_norm_eps",
    "batch_norm_momentum",
    "dropout_rate",
}
"""What inference looks at."""
MOST_MANIFEST, MOST_DESCRIPTION = 1 << 20, 64 << 20
"""Bytes. Weights may take half of the memory."""


def save_model(model: Model, folder: str | Path) -> Path:
    """Write a model into a new folder: all of it or nothing.

    Args:
        model: what to save.
        folder: must not exist, or be empty.

    Returns:
        The folder.

    Raises:
        ModelError: the folder exists and holds something.
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
    """Read a model that `save_model` wrote, after checking every file against the manifest.

    Raises:
        ModelError: the folder is no model, a file is missing or was changed, or another version wrote it.
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
        if any((network.structure.sizes[0], network.structure.sizes[-1]) != ends for network in networks):
            raise ModelError(f"{folder} has networks that do not fit its data: save it again")
        metrics = {name: np.nan if value is None else value for name, value in description.metrics.items()}
        return Model(description.name, preparation, networks, metrics, description.notes)
    except ModelError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(
            f"{folder / DESCRIPTION} is damaged ({where}: {first['msg']}): save the model again"
        ) from error
    except (KeyError, ValueError, TypeError, SafetensorError, TrainwellError) as error:
        raise ModelError(f"{folder} is no complete model ({error}): save it again") from error


class Structure(BaseModel):
    """The fields of `Network`, as JSON has them."""

    model_config = ConfigDict(extra="forbid")
    sizes: list[int]
    activation: str = "relu"
    batch_norm: bool = False
    dropout: str = "none"
    pieces: int = 2
    batch_norm_affine: bool = True


class Facts(BaseModel):
    """What the description says of one network."""

    structure: Structure
    recipe: dict[str, Any]
    seed: int
    weight: Any = 1


class Description(BaseModel):
    """What is used of the description; the rest is for people."""

    name: str
    metrics: dict[str, float | None]
    notes: dict[str, Any]
    networks: list[Facts] = Field(min_length=1)


def _check_format(folder: Path, content: Any) -> None:
    found = content.get("format") if isinstance(content, dict) else None
    if type(found) is not int:
        raise ModelError(f"{folder / DESCRIPTION} does not say its format: save the model again")
    if found not in FORMATS:
        older = found < FORMATS[0]
        raise ModelError(
            f"{folder} has model format {found}, this version reads {FORMATS[0]} to {FORMATS[-1]}: "
            f"{'train it again, or use the version that wrote it' if older else 'update trainwell'}"
        )


def _checked_files(folder: Path) -> dict[str, bytes]:
    """All files of the manifest, each with the checksum it had when saved."""
    if not (folder / MANIFEST).exists():
        raise ModelError(f"{folder} is no saved model (no {MANIFEST}): pass the folder `trainwell train` wrote")
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
    return 2 if any(network.weight != 1 for network in model.networks) else 1


def _description(model: Model) -> dict[str, Any]:
    packages = ("jax", "numpy", "scikit-learn", "optax")
    return {
        "format": _format(model),
        "name": model.name,
        "task": model.task,
        "class_names": list(model.class_names),
        "metrics": {name: value if np.isfinite(value) else None for name, value in model.metrics.items()},
        "notes": dict(model.notes),
        "versions": {"trainwell": __version__, "python": sys.version.split()[0], **{p: version(p) for p in packages}},
        "networks": [
            {
                "structure": asdict(network.structure),
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
        for part in PARTS:
            for j, layer in enumerate(getattr(network, part)):
                arrays |= {f"{i}/{part}/{j}/{name}": np.ascontiguousarray(array) for name, array in layer.items()}
        arrays |= {f"{i}/numbers/{name}": np.asarray(value) for name, value in network.numbers.items()}
    return arrays


def _network(i: int, facts: Facts, arrays: dict[str, np.ndarray]) -> TrainedNetwork:
    structure = Network(**(facts.structure.model_dump() | {"sizes": tuple(facts.structure.sizes)}))
    prefix = f"{i}/numbers/"
    numbers = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
    params, statistics = (_layers(f"{i}/{part}/", arrays) for part in PARTS)
    widths = structure.batch_norm * [(structure.affine_outputs(layer),) for layer in range(structure.num_hidden)]
    expected = [{"mean": width, "variance": width} for width in widths]
    if _shapes(params) != structure.parameter_shapes() or _shapes(statistics) != expected:
        raise ModelError("the weights do not have the shapes of the network: save the model again")
    own = (structure.sizes[0],)
    wrong = [name for name, array in numbers.items() if array.shape != (own if name.startswith("input_") else ())]
    if wrong or not numbers.keys() >= NUMBERS:
        raise ModelError(f"network {i} lacks the numbers that its inputs are scaled with, or has others: save it again")
    kinds = {array.dtype for layer in (*params, *statistics, numbers) for array in layer.values()}
    if len(kinds) != 1 or not kinds <= {np.dtype(np.float32), np.dtype(np.float64)}:
        raise ModelError(f"network {i} has arrays of mixed types, or no floating-point numbers: save the model again")
    if type(facts.weight) is not int or facts.weight < 1:  # JSON has true as well, which is an int
        raise ModelError(f"network {i} has weight {facts.weight!r}, not a whole number from 1: save the model again")
    recipe = Recipe.restored(facts.recipe)
    return TrainedNetwork(structure, params, statistics, numbers, recipe, facts.seed, facts.weight)


def _shapes(layers: list[dict[str, np.ndarray]]) -> list[dict[str, tuple[int, ...]]]:
    return [{name: array.shape for name, array in layer.items()} for layer in layers]


def _layers(prefix: str, arrays: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    layers: dict[int, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        if name.startswith(prefix):
            layer, key = name.removeprefix(prefix).split("/")
            layers.setdefault(int(layer), {})[key] = array
    return [layers[j] for j in sorted(layers)]
