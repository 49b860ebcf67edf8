"""The page of a trained population.

`page` has its sections, table and notes; `summary` says what came out, recipe by recipe, and `curves` draws it: both
serve the page of a comparison, too. `layers` is what went on inside the networks.
"""
