"""What `tune` does, the main job: `plan` says how, `result` what comes of it, `shown` how that is shown.

A `request` is a search that was checked, with the usual space where nothing is said. `tune` is all of it: a job asks
trials and trains a batch of them as one population, where `outcomes` says which go on and what came of each, keeps
files (`batches`), and the best recipes are trained again, which gives the model (`refit`). `importance` says which axes
matter.
"""
