"""Coarse to fine: rounds of trials in ranges that narrow to where the good ones are.

`sampler` is Optuna's face of it. After a round, `rounds` puts all trials in order and finds what the next
one is drawn from: choices by evidence, numbers by `ranges`. In a guided round `proposals` picks trials where a
`surrogate` of those before expects the most; `encoding` makes points of trials and candidates.

Source: T-HP-4.
"""
