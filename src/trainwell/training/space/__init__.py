"""Spaces: recipes in which values are replaced by ranges or choices.

`space` has the space itself, `axes` ranges and choices and which fields take them, `conditions` when an axis has an
effect, `parts` the base around the axes, `points` the ends that are checked, `table` and `files` its forms as JSON and
TOML.
"""
