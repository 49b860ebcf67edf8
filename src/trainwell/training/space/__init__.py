"""Search spaces: recipes in which some values are ranges or choices.

`space` has the space itself, `axes` ranges and choices and the fields that take them, `conditions` when an axis is
active, `table` and `files` spaces as JSON and TOML.
"""
