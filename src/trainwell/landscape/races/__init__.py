"""Races of optimizers on a surface.

`race` sets one up and holds it; `tuning` finds learning rates before it; `shown` is its result as a sentence, a table
and a chart.
"""
