"""From a checked request to a complete run directory, and back to it.

`completion` does what every command that keeps a run does; `directory` is the run's folder, `request` what it depends
on; `interrupts` hears Ctrl-C.
"""
