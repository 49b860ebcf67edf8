"""The documents' errors, computed beside the right forms. Wrong forms are here and nowhere else.

`error` defines an error and draws both forms in one chart. `rules` has those of update rules and schedules, `networks`
those of dropout, batch normalization and Adam's moments, `curvature` those of condition numbers, BFGS and saddles.
`registry` lists all ten.
"""
