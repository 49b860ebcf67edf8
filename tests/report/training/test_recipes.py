"""What a page says of recipes, against the recipes themselves."""

from trainwell.report.training.recipes import common_toml, differences
from trainwell.training import Recipe, load_recipe


def test_common_part_and_differences_make_the_recipes_again(tmp_path):
    recipes = [Recipe(optimizer="sgd", learning_rate=0.5, hidden=(7,)), Recipe(hidden=(7,), l2_penalty=0.01)]
    fields = ("optimizer", "learning_rate", "l2_penalty")
    for recipe, values in zip(recipes, differences(recipes, ("a", "b")).rows, strict=True):
        own = "".join(f"{f} = {v}\n" for f, v in zip(fields, values.cells[1:], strict=True) if v != "default")
        path = tmp_path / "recipe.toml"
        path.write_text(common_toml(recipes) + own)
        assert load_recipe(path) == recipe


def test_numbers_have_only_the_digits_that_tell_recipes_apart():
    near = [Recipe(learning_rate=rate) for rate in (0.013125798004555588, 0.013125844004555588, 0.5)]
    cells = [row.cells[1] for row in differences(near, ["a", "b", "c"]).rows]
    assert cells == ["0.0131258", "0.01312584", "0.5"]
