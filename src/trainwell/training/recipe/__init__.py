"""Recipes: everything that decides how a network is trained.

`network_settings` has the fields that describe the network, `training_settings` those that say how it is trained,
`recipe` both in one; `part` checks them, `findings` has the messages for invalid fields. `networks` has the kinds of
networks, `fitting` the default on small data, `files` TOML and JSON, `contenders` several recipes to compare, and the
fields in which they differ.
"""
