"""The lecture's figures, one per file, and how they are made.

`figure` defines a figure, `study` trains the networks of all figures together and caches them, `rates` tunes learning
rates, `making` makes figures, `training` draws training curves, `descents` draws paths on a surface, and `registry`
lists all figures. One file per figure, in folders in the lecture's order: `optimization`, `initialization`,
`preprocessing`, `batch_norm`, `regularization`, `hyperparameters`, `babysitting`.
"""
