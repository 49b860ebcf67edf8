"""Everything that uses Optuna studies, which several processes may share.

`studies` opens studies and their storages (databases or a `journal` file); `distributions` converts a search space to
Optuna distributions; `trials` gives each trial a different recipe and stores its result; `leases` record which process
works on which trials.
"""
