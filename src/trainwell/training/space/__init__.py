"""Spaces: recipes in which values are replaced by ranges or choices.

`space` has the space itself and its recipes, `axes` ranges and choices and which fields take them, `conditions` when an
axis is active, `table` and `files` its forms as JSON and TOML.
"""
