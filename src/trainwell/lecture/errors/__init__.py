"""What the documents get wrong, beside what is right: the wrong forms are here and nowhere else.

`error` says what one is and draws both forms in one chart. `rules` has those of update rules and schedules, `networks`
those of dropout, batch normalization and Adam's moments, `curvature` those of condition numbers, BFGS and saddles.
`registry` lists all ten.
"""
