"""What `tune` does: `tune` is all of it, `plan` how, `result` what comes of it.

A `job` is one search: its `search` loop asks trials, trains a batch of them as one population (`outcomes`, in a
common `setting`), and keeps files (`batches`). `importance` says which axes matter; `usual_space` is what is searched
when nothing is said.
"""
