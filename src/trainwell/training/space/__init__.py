"""Spaces: recipes in which values are replaced by ranges or choices.

`space` has the space itself, `axes` ranges and choices and which fields take them, `conditions` when an axis is active
and the recipes at points, `table` and `files` its forms as JSON and TOML.
"""
