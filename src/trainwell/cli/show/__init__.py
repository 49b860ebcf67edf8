"""Output in the terminal.

`streams` guard stdout and stderr, `output` writes to them; `tables` are what they show; `help` is what `--help` shows.
"""
