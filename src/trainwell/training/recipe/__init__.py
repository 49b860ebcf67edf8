"""Recipes: how a network is trained, as a value.

`recipe` has the fields and their checks, `findings` words what is wrong with them, `networks` the networks that recipes
can name, `fitting` the default on small data, `files` TOML and JSON, `contenders` several ways to train: what sets them
apart, and functions that users register for them.
"""
