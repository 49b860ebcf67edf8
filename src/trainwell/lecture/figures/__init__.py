"""The lecture's figures: `figure` says what one is, `study` trains what they need, together and once.

One file per figure, in folders in the lecture's order: `optimization`, `initialization`, `preprocessing`, `batch_norm`,
`regularization`, `hyperparameters`, `babysitting`.
"""
