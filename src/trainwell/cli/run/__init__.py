"""The one way of every command that keeps a run: check, open or resume its folder, do, keep, show.

`command` imports a command's work when it is called; `task` is the checked request and completes it; `directory` is
the run's folder. `files`, `models`, `numbers` and `notes` are what several commands write or say, `interrupts` hears
Ctrl-C.
"""
