"""Everything kept in Optuna's studies, and shared by the processes that work on one.

`storages` opens what studies are kept in, a `journal` file or a database; `studies` opens a study for one `request`;
`asking` turns a space's axes into Optuna's distributions; `untried` gives every trial a recipe of its own; `records`
writes and reads what came of trials; `leases` say who works on which.
"""
