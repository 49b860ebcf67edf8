"""Steps of the preparation of tables: each turns some columns into inputs, and can be saved without pickle.

A new kind of step is a class like these two and an entry in `STEPS`.
"""

from trainwell.data.steps.categories import Categories
from trainwell.data.steps.numbers import Numbers
from trainwell.data.steps.step import Step

STEPS: dict[str, type[Step]] = {"numbers": Numbers, "categories": Categories}
"""By the kind that a saved preparation names."""

__all__ = ["STEPS", "Categories", "Numbers", "Step"]
