"""Coarse to fine search: rounds of trials in ranges that are narrowed around the good trials.

`sampler` is the Optuna sampler. After each round `rounds` ranks all trials, drops choices that are significantly worse,
and narrows numeric ranges with `ranges`. In guided rounds `proposals` picks trials with the largest expected
improvement of a Gaussian process (`surrogate`); `encoding` turns trials into its input vectors.

Source: T-HP-4.
"""
