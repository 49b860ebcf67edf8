"""Saved models: damaged as a disk or a copy damages them, and edited by somebody who mends the checksums."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np

from fuzz.guards import Problem
from fuzz.kinds.tables import cells, quoted
from fuzz.mutations import changed_json, damaged, json_bytes


def make_model(folder: Path) -> None:
    """Two small networks on a table, and what they answer on some of its rows."""
    from trainwell.data import load_data, load_rows
    from trainwell.models import Model, save_model
    from trainwell.training import Recipe, train

    (folder / "t.csv").write_text("\n".join(",".join(map(quoted, row)) for row in cells(Random(0))[:41]))
    data = load_data(folder / "t.csv", target="y")
    recipe = Recipe(hidden=(4,), steps=2, batch_norm=True)
    save_model(Model.of(train(data, recipe, seeds=(0, 1)), [0, 1, 1]), folder / "model")
    np.save(folder / "outputs.npy", answers(folder / "model", folder))
    assert len(load_rows(folder / "t.csv", data.preparation).inputs) == 40


def answers(model: Path, corpus: Path) -> np.ndarray:
    from trainwell.data import load_rows
    from trainwell.models import load_model

    loaded = load_model(model)
    return loaded.outputs(load_rows(corpus / "t.csv", loaded.preparation).inputs)


def damage_folder(folder: Path, rng: Random) -> None:
    """One file is damaged, gone, empty, a folder, or another's copy."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = rng.choice(files)
    action = rng.random()
    if action < 0.75:
        path.write_bytes(damaged(path.read_bytes(), rng, [other.read_bytes() for other in files]))
    elif action < 0.85:
        path.unlink()
    elif action < 0.9:
        path.unlink()
        path.mkdir()
    elif action < 0.95:
        path.write_bytes(b"[" * 20_000)
    else:
        (path.parent / "stray").write_bytes(b"stray")


class Models:
    name, seconds = "model", 30.0

    def prepare(self, corpus: Path) -> None:
        make_model(corpus)

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        shutil.copytree(corpus / "model", folder / "model")
        damage_folder(folder / "model", rng)

    def check(self, corpus: Path, folder: Path) -> None:
        if not np.array_equal(answers(folder / "model", corpus), np.load(corpus / "outputs.npy")):
            raise Problem("a damaged model was used")


class EditedModels(Models):
    """Descriptions with other values and checksums that fit: nothing may crash, neither loading nor predicting."""

    name, seconds = "edited-model", 30.0

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        shutil.copytree(corpus / "model", folder / "model")
        manifest = json.loads((folder / "model/manifest.json").read_bytes())
        name = rng.choice([name for name in manifest["sha256"] if name != "manifest.json"])
        path = folder / "model" / name
        content = path.read_bytes()
        path.write_bytes(
            json_bytes(changed_json(json.loads(content), rng)) if path.suffix == ".json" else damaged(content, rng)
        )
        manifest["sha256"][name] = sha256(path.read_bytes()).hexdigest()
        (folder / "model/manifest.json").write_text(json.dumps(manifest))

    def check(self, corpus: Path, folder: Path) -> None:
        answers(folder / "model", corpus)
