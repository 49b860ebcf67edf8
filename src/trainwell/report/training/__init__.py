"""The page of a trained population.

`page` has its sections and notes, `layers` what went on inside the networks, `recipes` what recipes have in common
and where they differ.
"""
