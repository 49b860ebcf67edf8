"""Recipes: everything that decides how a network is trained.

`recipe` has the fields and their checks, `findings` the messages for invalid fields, `networks` the kinds of networks,
`fitting` the default on small data, `files` TOML and JSON, `contenders` several recipes to compare, and the fields in
which they differ.
"""
