"""The page of a race on a surface.

`page` has its sections and `words` its sentences; `plane` says what of the paths and the surface is seen, `charts`
makes arrays of it for `display`, `tables` says what every contender came to.
"""
