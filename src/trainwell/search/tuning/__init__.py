"""What `tune` does: `tune` is all of it, `plan` how, `result` what comes of it.

A `request` is a search that was checked, with the usual space where nothing is said. A `job` is one process's work on
it: it asks trials, trains a batch of them as one population (`outcomes`), and keeps files (`batches`). `importance`
says which axes matter.
"""
