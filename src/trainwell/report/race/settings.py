"""What a contender descends with: the numbers of its optimizer, schedule and clipping."""

from trainwell.optim import RULES
from trainwell.training import Recipe

DEFAULTS = Recipe()


def settings_of(recipe: Recipe) -> dict[str, str]:
    """The optimizer, its numbers, and what else of a recipe matters on a surface, by name.

    Numbers of the optimizer that a recipe leaves open are its defaults.

    Args:
        recipe: of a contender.

    Example:
        >>> settings_of(Recipe(optimizer="momentum", learning_rate=0.1))
        {'optimizer': 'momentum', 'learning_rate': '0.1', 'momentum': '0.9'}
    """
    spec = RULES[recipe.optimizer]
    numbers = {"learning_rate": spec.default_learning_rate, **spec.hyperparameters}
    found = {"optimizer": recipe.optimizer}
    for name, default in numbers.items():
        given = recipe.number(name)
        found[name] = f"{default if given is None else given:.4g}"
    for name in Recipe.model_fields:
        value = getattr(recipe, name)
        if name.startswith(("schedule", "warmup", "clip_norm")) and value != getattr(DEFAULTS, name):
            found[name] = str(value)
    return found


def other_settings(recipe: Recipe) -> str:
    """All settings but the optimizer's name and learning rate, as one line.

    Example:
        >>> other_settings(Recipe(optimizer="momentum", learning_rate=0.95))
        'momentum 0.9'
    """
    found = settings_of(recipe)
    return ", ".join(f"{name} {value}" for name, value in found.items() if name not in ("optimizer", "learning_rate"))
