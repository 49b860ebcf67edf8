"""The command line.

A command is a folder: `command.py` has its options and help and loads nothing heavy, so that `--help` answers at once;
`work.py` does what it is for, and is imported when it is called. `options` are what several commands take, `run` is the
way from a request to a complete run directory, `show` is the terminal.
"""
