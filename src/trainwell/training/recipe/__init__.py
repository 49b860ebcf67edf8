"""Recipes: how a network is trained, as a value.

`recipe` has the fields and their checks, `files` TOML and JSON, `contenders` several ways to train: what sets them
apart, and functions that users register for them.
"""
