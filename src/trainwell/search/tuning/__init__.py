"""The function `tune`: its settings are in `plan`, its result in `result`, shown in notebooks by `shown`.

`request` validates a search and has the default search space. `tune` runs it: it asks the sampler for trials and trains
each batch as one population. `outcomes` prunes trials at rungs and turns trained members into trial records, `batches`
saves files for resuming, `refit` trains the best recipes again and selects the model, `importance` computes how much
each hyperparameter matters, `time_limit` decides what fits into a time limit, `progress` has the progress callbacks and
bars.
"""
