"""Files of recipes and spaces, TOML and JSON."""

from pathlib import Path
from random import Random
from typing import Any

from fuzz.guards import Problem
from fuzz.mutations import VALUES, changed_json, changed_text, damaged, json_bytes

SPACES: tuple[dict[str, Any], ...] = (
    {"optimizer": ["sgd", "momentum", "adam"], "learning_rate": {"low": 1e-4, "high": 1.0, "log": True}},
    {"width": {"low": 8, "high": 64, "step": 8}, "depth": [1, 2, 3], "activation": ["relu", "tanh"]},
    {
        "optimizer": ["sgd", "momentum"],
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}, "otherwise": None},
        "learning_rate": {"choices": [0.1, 0.01]},
        "batch_size": [16, 32, "full"],
        "hidden": [[32], [64, 32]],
    },
    {"epochs": {"low": 1.0, "high": 9.0}, "schedule": ["constant", "cosine"], "dropout_rate": [0.0, 0.5]},
)


class Recipes:
    name, seconds = "recipe", 20.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        from trainwell.training import Recipe, recipe_json, recipe_toml

        recipe = Recipe(optimizer=rng.choice(("adam", "sgd", "momentum")), epochs=rng.choice((1.0, 30.0)))
        _write(folder / "r", recipe.model_dump(mode="json"), recipe_toml(recipe), recipe_json(recipe), rng)

    def check(self, corpus: Path, folder: Path) -> None:
        from trainwell.training import load_recipe, save_recipe

        (path,) = folder.iterdir()
        recipe = load_recipe(path)
        copy = corpus / f"copy{path.suffix}"
        save_recipe(recipe, copy)
        if load_recipe(copy) != recipe:
            raise Problem("a saved recipe is another one")


class Spaces:
    name, seconds = "space", 30.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        from trainwell.training import space_from_json, space_toml

        table = dict(rng.choice(SPACES))
        if rng.random() < 0.1:
            table["l2_penalty"] = [i * 1e-6 for i in range(rng.choice((3000, 20_000)))]
            _write(folder / "s", table, f"l2_penalty = {table['l2_penalty']}", json_bytes(table).decode(), rng)
            return
        space = space_from_json(table)
        _write(folder / "s", table, space_toml(space), json_bytes(space.to_json()).decode(), rng)

    def check(self, corpus: Path, folder: Path) -> None:
        from trainwell.training import load_space, save_space

        (path,) = folder.iterdir()
        space = load_space(path)
        copy = corpus / f"copy{path.suffix}"
        save_space(space, copy)
        if load_space(copy) != space:
            raise Problem("a saved space is another one")


def _write(path: Path, table: dict[str, Any], toml: str, json: str, rng: Random) -> None:
    """One of: JSON with changed values, changed text, damaged bytes, something huge."""
    suffix, text = rng.choice(((".toml", toml), (".json", json)))
    action = rng.random()
    if action < 0.45:
        suffix, content = ".json", json_bytes(changed_json(table, rng))
    elif action < 0.8:
        content = changed_text(text, rng).encode("utf-8", "replace")
    elif action < 0.95:
        content = damaged(text.encode(), rng)
    else:
        content = rng.choice(
            (
                b"[" * 50_000,
                b".".join([b"a"] * 40_000) + b" = 1",
                b'{"epochs": ' + b"9" * 100_000 + b"}",
                b'{"optimizer": "' + b"x" * 900_000 + b'"}',
                b"a = [" + b"1," * 200_000 + b"]",
                json_bytes({name: rng.choice(VALUES) for name in table}),
                b"",
            )
        )
    path.with_suffix(suffix).write_bytes(content)
