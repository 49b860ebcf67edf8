"""What the terminal shows.

`streams` guard stdout and stderr, `output` writes to them; `tables` and `progress` are what they show.
"""
