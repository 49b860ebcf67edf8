"""The lecture's figures, one per file, and how they are made.

`figure` says what one is, `study` trains what they need, together and once, `rates` tunes learning rates, each once,
`making` makes figures, `training` draws those of training and `descents` those of paths on a surface, and `registry`
lists all. One file per figure, in folders in the lecture's order: `optimization`, `initialization`, `preprocessing`,
`batch_norm`, `regularization`, `hyperparameters`, `babysitting`.
"""
