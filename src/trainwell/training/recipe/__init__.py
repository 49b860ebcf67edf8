"""Recipes: how a network is trained, as a value.

`recipe` has the fields and their checks, `errors` the words of a refusal, `files` and `settings_files` TOML and JSON,
`labels` what sets recipes apart, `own_functions` functions that users register, `contenders` several ways to train.
"""
