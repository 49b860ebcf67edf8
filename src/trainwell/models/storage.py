"""Models as folders: weights as safetensors, the rest as JSON, a manifest of checksums; never pickle."""

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from trainwell.core.errors import ModelError, TrainwellError
from trainwell.core.files import becoming, sha256, write_atomic, write_json
from trainwell.data import Preparation
from trainwell.models.model import Model, TrainedNetwork
from trainwell.nn import Network
from trainwell.training import Recipe
from trainwell.version import __version__

FORMAT = 2  # 2: networks have weights; written only where one is not 1, so that older versions read the others
WEIGHTS, DESCRIPTION, MANIFEST = "weights.safetensors", "model.json", "manifest.json"
PARTS = ("params", "statistics")


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
    with becoming(folder) as under_way:
        under_way.mkdir()
        for name, content in files.items():
            write_atomic(under_way / name, content)
        write_json(under_way / MANIFEST, {"sha256": {name: sha256(content) for name, content in files.items()}})
    return folder


def load_model(folder: str | Path) -> Model:
    """Read a model that `save_model` wrote, after checking every file against the manifest.

    Raises:
        ModelError: the folder is no model, a file is missing or was changed, or a newer version wrote it.
    """
    folder = Path(folder)
    files = _checked_files(folder)
    try:
        description = json.loads(files[DESCRIPTION])
        if description["format"] not in range(1, FORMAT + 1):
            raise ModelError(
                f"{folder} has model format {description['format']}, this version reads 1 to {FORMAT}: update trainwell"
            )
        arrays = load(files[WEIGHTS])
        networks = tuple(_network(i, facts, arrays) for i, facts in enumerate(description["networks"]))
        preparation = Preparation.from_files(files)
        metrics = {name: np.nan if value is None else value for name, value in description["metrics"].items()}
        return Model(description["name"], preparation, networks, metrics, description["notes"])
    except ModelError:
        raise
    except (KeyError, ValueError, TypeError, SafetensorError, TrainwellError) as error:
        raise ModelError(f"{folder} is no complete model ({error}): save it again") from error


def _checked_files(folder: Path) -> dict[str, bytes]:
    """All files of the manifest, each with the checksum it had when saved."""
    if not (folder / MANIFEST).is_file():
        raise ModelError(f"{folder} is no saved model (no {MANIFEST}): pass the folder `trainwell train` wrote")
    try:
        sums = json.loads((folder / MANIFEST).read_bytes())["sha256"]
        missing = [name for name in (WEIGHTS, DESCRIPTION, *sums) if name not in sums or not (folder / name).is_file()]
        files = {name: (folder / name).read_bytes() for name in sums if name not in missing}
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(f"{folder / MANIFEST} cannot be read ({error}): save the model again") from error
    if missing:
        raise ModelError(f"{folder} lacks {missing[0]}: the model is incomplete, copy or save it again")
    changed = [name for name, content in files.items() if sha256(content) != sums[name]]
    if changed:
        raise ModelError(
            f"{folder / changed[0]} was changed after saving (its SHA-256 differs): do not trust this model"
        )
    return files


def _format(model: Model) -> int:
    return FORMAT if any(network.weight != 1 for network in model.networks) else 1


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
                "recipe": network.recipe.model_dump(mode="json"),
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


def _network(i: int, facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> TrainedNetwork:
    structure = Network(**{**facts["structure"], "sizes": tuple(facts["structure"]["sizes"])})
    prefix = f"{i}/numbers/"
    numbers = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
    params, statistics = (_layers(f"{i}/{part}/", arrays) for part in PARTS)
    shapes = [{name: array.shape for name, array in layer.items()} for layer in params]
    if shapes != structure.parameter_shapes():
        raise ModelError("the weights do not have the shapes of the network: save the model again")
    weight = facts.get("weight", 1)
    if type(weight) is not int or weight < 1:  # JSON has true as well, which is an int
        raise ModelError(f"network {i} has weight {weight!r}, not a whole number from 1: save the model again")
    recipe = Recipe.restored(facts["recipe"])
    return TrainedNetwork(structure, params, statistics, numbers, recipe, facts["seed"], weight)


def _layers(prefix: str, arrays: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    layers: dict[int, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        if name.startswith(prefix):
            layer, key = name.removeprefix(prefix).split("/")
            layers.setdefault(int(layer), {})[key] = array
    return [layers[j] for j in sorted(layers)]
