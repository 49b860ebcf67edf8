"""The results of training.

`runs` has the results of a population, with or without parameters; `trace` observed metrics over time; `layers`
distributions of activations and gradients; `summary` tables and sentences per recipe; `curves` the charts.
"""
