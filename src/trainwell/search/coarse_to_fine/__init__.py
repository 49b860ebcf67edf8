"""Coarse to fine (T-HP-4): rounds of trials in ranges that narrow to where the good ones are.

`sampler` is Optuna's face of it. After a round, `rounds` ranks its trials (`ranking`) and finds the next `extent` of
every parameter: `ranges` and `narrowing` for numbers, `choices` and `dropping` for choices. In a guided round
`proposals` picks trials where a `surrogate` of trials (as points by `encoding`, values by `warping`) expects the most
among `candidates`, by its `acquisition`. `border` asks it whether a declared range is too narrow.
"""
