"""What the terminal shows.

`streams` guard stdout and stderr, `output` writes to them; `tables` are what they show; `help` is what `--help` shows.
"""
