"""What the terminal shows.

`streams` guard stdout and stderr, `console` and `output` write to them; tables, progress, drawn intervals.
"""
