"""What `tune` does: `tune` is all of it, `plan` how, `result` what comes of it.

A `job` is one search: a `search` loop asks trials, trains a batch of them as one population and judges them
(`outcomes`, `halving`, `setting`, on a `pool` of datasets), and keeps files (`batches`). `importance` says which axes
matter, `refitting` trains the best again, `choosing` makes the model. `usual_space` is what is searched when nothing
is said, `watching` whom to tell, `clock` where time goes.
"""
