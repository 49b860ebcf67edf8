"""What `tune` does: `tune` is all of it, `plan` how, `result` what comes of it.

A `request` is a search that was checked. A `job` is one process's work on it: it asks trials, trains a batch of them
as one population (`outcomes`), and keeps files (`batches`). `importance` says which axes matter; `usual_space` is
what is searched when nothing is said.
"""
