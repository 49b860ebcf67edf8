"""The command line.

`app` is the program. A command is a folder: `command` has its options and help and loads nothing heavy, so that
`--help` answers at once; `work` does what it is for, and is imported when it is called. Larger ones have `asked`,
what a request means and what is refused of it, `progress`, and `results`, their numbers as JSON, tables and
sentences. The commands are `tune`, `train`, `compare`, `race`, `curvature`, `lecture`, `predict` and `recipe`.
`options` are what several commands take, `run` is the way from a request to a complete run directory, `show` is the
terminal.
"""
