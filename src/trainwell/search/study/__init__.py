"""Everything kept in Optuna's studies, and shared by the processes that work on one.

`studies` opens a study and what it is kept in, a database or a `journal` file; `distributions` are a space's axes
there; `trials` are a trial's two forms, asked for and recorded, and give each a recipe of its own; `leases` say who
works on which.
"""
