"""Races of optimizers on a surface.

`race` sets up and runs a race; `tuning` finds learning rates before it; `shown` has its result as sentences, a table
and charts.
"""
