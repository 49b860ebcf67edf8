"""The one way of every command that keeps a run: check, open or resume its folder, do, keep, show.

`command` imports a command's work when it is called; `task` is the checked request and completes it; `directory` is
the run's folder. `files` is what several commands leave there, `notes` their notes, `interrupts` hears Ctrl-C.
"""
